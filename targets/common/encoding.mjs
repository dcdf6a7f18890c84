// Text, bytes, JSON and times, as events and answers hold them.

/** Returns compact JSON text. */
export function to_json(value) {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`a ${typeof value} can't be written as JSON`);
  return text;
}

/** Returns what JSON text says, or null when it isn't JSON. */
export function from_json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const is_bytes = (it) => it instanceof Uint8Array || it instanceof ArrayBuffer;
const to_buffer = (it) =>
  it instanceof ArrayBuffer ? Buffer.from(it) : Buffer.from(it.buffer, it.byteOffset, it.byteLength);
export const is_object = (it) => typeof it === 'object' && it !== null && !Array.isArray(it);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Returns `[text, is_base64]` of bytes or a string: base64 only for what isn't UTF-8. */
export function as_text(body) {
  if (!is_bytes(body)) return [String(body), false];
  try {
    return [utf8.decode(body), false];
  } catch {
    return [to_buffer(body).toString('base64'), true];
  }
}

/** Returns RFC 3339 in UTC with milliseconds, of a Date, epoch milliseconds, text or now. */
export function timestamp(value = Date.now()) {
  if (value === null) value = Date.now();
  if (typeof value === 'string' && !/(Z|[+-]\d\d:?\d\d)$/i.test(value)) value += 'Z';
  return new Date(value).toISOString();
}

export const map_values = (object, change) =>
  Object.fromEntries(Object.entries(object ?? {}).map(([name, it]) => [name, change(it)]));

/** Returns an object without a prototype's traps: `__proto__` is a name like any other. */
export const object = (entries) => Object.fromEntries(entries);

/** Returns `{body, content_type, base64}`: text as it is, bytes as base64, all else as JSON. */
export function encode(data) {
  if (typeof data === 'string') return { body: data, content_type: 'text/plain; charset=utf-8', base64: false };
  if (is_bytes(data)) {
    return { body: to_buffer(data).toString('base64'), content_type: 'application/octet-stream', base64: true };
  }
  return { body: to_json(data), content_type: 'application/json', base64: false };
}

/** Returns an attribute or header value as text: strings as they are, all else as JSON. */
export function as_attribute(value) {
  return typeof value === 'string' ? value : to_json(value);
}

export const attributes_of = (it) => object(Object.entries(it ?? {}).map(([name, value]) => [name, as_attribute(value)]));

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Returns milliseconds of a number of seconds or a duration of the language, as "5m". */
export function duration_ms(value) {
  if (typeof value === 'string') {
    const found = /^(\d+)(ms|s|m|h|d)$/.exec(value);
    if (!found) throw new RangeError(`\`${value}\` is not a duration: write a number of seconds or as "5m"`);
    return Number(found[1]) * UNITS[found[2]];
  }
  if (!(value >= 0 && value < Infinity)) throw new RangeError("a delay can't be negative");
  return Math.round((value ?? 0) * 1000);
}
