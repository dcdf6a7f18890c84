// What every shim shares: the portable event, answers, and what a handler may do.
//
// No dependencies, Node 20 or later. A shim turns its provider's payload into an event with `record`
// and `event` (or `http_event`), runs the handler with `call`, and encodes the outcome with
// `http_answer` or `batch_answer`. `portable.py` has the same functions under the same names.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export const VERSION = 1;
export const TYPES = {
  queue: 'fnc.queue.message',
  topic: 'fnc.topic.message',
  stream: 'fnc.stream.record',
  schedule: 'fnc.schedule.tick',
  invoke: 'fnc.invoke',
};
// A transport that carries text only marks a base64 body with this attribute; handlers never see it.
export const BASE64_ATTRIBUTE = 'fnc-base64';

// --- JSON and bytes ------------------------------------------------------------------------------

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

const is_bytes = (it) => it instanceof Uint8Array || it instanceof ArrayBuffer;
const to_buffer = (it) =>
  it instanceof ArrayBuffer ? Buffer.from(it) : Buffer.from(it.buffer, it.byteOffset, it.byteLength);
const is_object = (it) => typeof it === 'object' && it !== null && !Array.isArray(it);
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

// --- Events --------------------------------------------------------------------------------------

/** Returns an object without a prototype's traps: `__proto__` is a name like any other. */
const object = (entries) => Object.fromEntries(entries);

const attributes_of = (it) => object(Object.entries(it ?? {}).map(([name, value]) => [name, as_attribute(value)]));

/** Returns one record; `body` is a string or bytes, `extra` holds `group`, `scheduled`, `input`. */
export function record({ id, source, type, body, time, attempt = 1, attributes, ...extra }) {
  const [text, is_base64] = as_text(body);
  const made = { id: String(id), source, type, time: timestamp(time), attempt: Number(attempt), body: text };
  if (is_base64) made.base64 = true;
  made.data = is_base64 ? null : from_json(text);
  made.attributes = attributes_of(attributes);
  for (const [name, value] of Object.entries(extra)) {
    if (value !== null && value !== undefined) made[name] = value;
  }
  return made;
}

/** Returns the record of a queue or topic message, undoing the base64 mark of `BASE64_ATTRIBUTE`. */
export function message(trigger, { body, attributes, ...members }) {
  const { [BASE64_ATTRIBUTE]: mark, ...others } = attributes ?? {};
  if (mark === 'true') body = Buffer.from(body, 'base64');
  return record({ ...members, type: TYPES[trigger], body, attributes: others });
}

/** Returns the record of a stream; `body` is a string or bytes. */
export function stream_record({ id, source, body, key, sequence, shard, time, attempt, attributes }) {
  return record({ id, source, type: TYPES.stream, body, time, attempt, attributes, key, sequence, shard });
}

/** Returns the record of a bucket: `action` is "created" or "deleted"; its body is the JSON text of its members. */
export function object_record({ id, source, action, key, size = null, etag = null, time, attempt }) {
  const members = { bucket: source, key, size, etag, action };
  const made = record({ id, source, type: `fnc.bucket.${action}`, body: to_json(members), time, attempt });
  return { ...made, ...members };
}

/** Returns the record of a table: `action` is "inserted", "updated" or "deleted"; its body is the JSON text of its members. */
export function row_record({ id, source, action, keys, new: next = null, old = null, time, attempt }) {
  const members = { action, keys, new: next, old };
  const made = record({ id, source, type: `fnc.table.${action}`, body: to_json(members), time, attempt });
  return { ...made, ...members };
}

/** Returns the record of a bus; its type is the event's own. */
export function event_record({ id, source, type, body, time, attempt, attributes, subject }) {
  const { [BASE64_ATTRIBUTE]: mark, ...others } = attributes ?? {};
  if (mark === 'true') body = Buffer.from(body, 'base64');
  return record({ id, source, type, body, time, attempt, attributes: others, subject });
}

/** Returns the record of a schedule: its body is the JSON text of `input`. */
export function tick(config, { id, time, scheduled, input, attempt = 1 }) {
  input ??= {};
  return record({
    id,
    source: config.function,
    type: TYPES.schedule,
    body: to_json(input),
    time,
    attempt,
    scheduled: timestamp(scheduled ?? time),
    input,
  });
}

/** Returns the portable event that holds `records`. */
export function event(config, trigger, source, records) {
  return { version: VERSION, trigger, source, function: config.function, records };
}

/** Returns the event of a direct call with `data` (any JSON value) or `body` (text or bytes). */
export function invoke_event(config, { id, data = null, body, time, attributes }) {
  const text = body ?? to_json(data);
  const made = record({ id, source: config.function, type: TYPES.invoke, body: text, time, attributes });
  return event(config, 'invoke', config.function, [made]);
}

/**
 * Returns the event of an HTTP request.
 *
 * `query` is the raw query string or decoded pairs; `headers` an object or pairs; `cookies` a list of
 * `name=value` where the provider has taken them out of the headers; `body` bytes, text or null;
 * `params` are decoded already, or absent to take them from `path` by `route`; `auth` is what is known of the caller: a
 * token's claims, or what the app's own authorizer said.
 */
export function http_event(config, request) {
  const { method, path, route, params, query = '', headers = [], cookies, body, client_ip, auth } = request;
  const names = new Map();
  for (const [name, value] of headers[Symbol.iterator] ? headers : Object.entries(headers)) {
    add(names, String(name).toLowerCase(), String(value));
  }
  const crumbs = [...(cookies ?? []), ...(names.get('cookie') ?? [])];
  names.delete('cookie');
  const all_headers = object([...names].map(([name, values]) => [name, values.join(', ')]));
  const queries = new Map();
  for (const [name, value] of typeof query === 'string' ? pairs_of(query) : query) add(queries, name, value);
  const [text, is_base64] = body?.length || body?.byteLength ? as_text(body) : [null, false];
  return {
    version: VERSION,
    trigger: 'http',
    source: config.function,
    function: config.function,
    request: {
      method: method.toUpperCase(),
      path,
      route,
      params: { ...(params ?? match_route(route, path)) },
      query: object([...queries].map(([name, values]) => [name, values[0]])),
      query_all: object(queries),
      headers: all_headers,
      cookies: cookies_of(crumbs),
      body: text,
      base64: is_base64,
      data: text && !is_base64 && means_json(all_headers['content-type']) ? from_json(text) : null,
      client_ip: client_ip ?? '',
      auth: auth ?? null,
    },
  };
}

function add(map, name, value) {
  if (map.has(name)) map.get(name).push(value);
  else map.set(name, [value]);
}

/** Returns the decoded params of `path` under a pattern as `/orders/{id}/{rest+}`, else null. */
export function match_route(route, path) {
  const names = [];
  const pattern = route
    .split(/(\{[^}]*\})/)
    .map((part) => {
      if (!part.startsWith('{')) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(part.replace(/[{}+]/g, ''));
      return part.endsWith('+}') ? '(.+)' : '([^/]+)';
    })
    .join('');
  const found = new RegExp(`^${pattern}$`, 's').exec(path);
  return found && object(names.map((name, at) => [name, unquote(found[at + 1])]));
}

/** Returns the decoded pairs of a query string. */
function pairs_of(query) {
  return query
    .split('&')
    .filter((part) => part)
    .map((part) => {
      const [name, ...value] = part.replaceAll('+', ' ').split('=');
      return [unquote(name), unquote(value.join('='))];
    });
}

/** Decodes `%XX`; what isn't UTF-8 becomes U+FFFD and a stray `%` stays. */
function unquote(text) {
  return text.replace(/(%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

/** Returns the cookies by name, values as sent; the first of a name wins. */
function cookies_of(crumbs) {
  const made = new Map();
  for (const crumb of crumbs.join(';').split(';')) {
    const at = crumb.indexOf('=');
    const name = crumb.slice(0, Math.max(at, 0)).trim();
    if (name && !made.has(name)) made.set(name, crumb.slice(at + 1).trim());
  }
  return object(made);
}

function says_json(content_type) {
  const kind = (content_type ?? 'application/json').split(';')[0].trim().toLowerCase();
  return kind === 'application/json' || kind.endsWith('+json');
}

/** A form type says nothing about a body that reads as JSON: `curl -d` sends it with anything. */
function means_json(content_type) {
  return says_json(content_type) || content_type.toLowerCase().startsWith('application/x-www-form-urlencoded');
}

/** Returns the first trigger of this kind with these members in the config, else null. */
export function find_trigger(config, kind, members = {}) {
  const wanted = Object.entries(members);
  const fits = (it) => it.kind === kind && wanted.every(([name, value]) => it[name] === value);
  return (config.triggers ?? []).find(fits) ?? null;
}

// --- Filters -------------------------------------------------------------------------------------

/** Returns the event with the records that the triggers' `where` takes; null when it takes none of them. */
export function taken(triggers, event) {
  if (!triggers?.some((it) => 'where' in it)) return event;
  const own = triggers.filter((it) => it.kind === event.trigger && it.source === event.source);
  if (!own.some((it) => 'where' in it)) return event;
  const records = event.records.filter((record) => takes(own, record));
  return records.length ? { ...event, records } : null;
}

function takes(triggers, record) {
  const own = triggers.filter((it) => (it.type ?? record.type) === record.type);
  return !own.length || own.some((it) => !('where' in it) || matches(it.where, record));
}

/** Tells whether a record satisfies the JSON form of a `where`. */
export function matches(where, record) {
  if (where.all) return where.all.every((it) => matches(it, record));
  if (where.any) return where.any.some((it) => matches(it, record));
  if (where.not) return !matches(where.not, record);
  let value = record;
  for (const name of where.exists ?? where.member) {
    if (!is_object(value) || !Object.hasOwn(value, name)) return false;
    value = value[name];
  }
  if (where.exists) return value !== null;
  return compare(value, where.is, where.value);
}

/** Another JSON type makes every comparison false; text is compared by its characters, not by UTF-16 units. */
function compare(value, comparison, wanted) {
  if (typeof value !== typeof wanted) return false;
  if (comparison === 'starts_with') return value.startsWith(wanted);
  const order =
    typeof wanted === 'string' ? Buffer.compare(Buffer.from(value), Buffer.from(wanted)) : Number(value) - Number(wanted);
  switch (comparison) {
    case '==': return order === 0;
    case '!=': return order !== 0;
    case '<': return order < 0;
    case '<=': return order <= 0;
    case '>': return order > 0;
    case '>=': return order >= 0;
    default: throw new Error(`there is no comparison ${comparison}`);
  }
}

// --- Answers -------------------------------------------------------------------------------------

/** Returns an answer as plain JSON: bytes as its body become base64. */
export function plain(value) {
  if (!is_object(value) || !is_bytes(value.body)) return value ?? null;
  const [body, base64] = as_text(value.body);
  const headers = Object.entries(value.headers ?? {}).map(([name, it]) => [name.toLowerCase(), it]);
  return { ...value, body, base64, headers: { 'content-type': 'application/octet-stream', ...object(headers) } };
}

/** Returns `{statusCode, headers, cookies, body, base64}` of what a handler returned or threw. */
export function http_answer(outcome, request_id = '') {
  if (outcome instanceof Error) return error_answer(request_id);
  try {
    return http_answer_of(plain(outcome));
  } catch (error) {
    log_error(error, request_id);
    return error_answer(request_id);
  }
}

/** Returns the answer of a handler that failed: the trace goes to the log, not to the caller. */
export function error_answer(request_id = '') {
  return answer(500, { error: 'internal error', request_id });
}

function http_answer_of(value) {
  if (value === null) return answer(204, null);
  const status = is_object(value) ? value.statusCode : null;
  if (!Number.isInteger(status)) return answer(200, value);
  if (status < 200 || status > 599) throw new RangeError(`statusCode ${status} is not between 200 and 599`);
  return answer(status, value.body ?? null, value.headers, value.cookies, value.base64 === true);
}

function answer(status, body, headers, cookies, is_base64 = false) {
  if (!is_object(headers ?? {})) throw new TypeError('headers must be an object');
  const all_cookies = (Array.isArray(cookies) ? cookies : [cookies ?? []]).flat().map(as_attribute);
  const made = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const values = (Array.isArray(value) ? value : [value]).map(as_attribute);
    if (name.toLowerCase() === 'set-cookie') all_cookies.push(...values);
    else made[name.toLowerCase()] = values.join(', ');
  }
  if (typeof body === 'string') {
    made['content-type'] ??= 'text/plain; charset=utf-8';
  } else if (body !== null) {
    body = to_json(body);
    is_base64 = false;
    made['content-type'] ??= 'application/json';
  }
  return { statusCode: status, headers: made, cookies: all_cookies, body, base64: is_base64 && body !== null };
}

/** Returns which of `ids` failed, in their order: all after an exception or an unknown id. */
export function batch_answer(outcome, ids) {
  if (outcome instanceof Error) return ids.filter((it) => outcome.fnc_records?.includes(it) ?? true);
  const failures = is_object(outcome) ? (outcome.failures ?? null) : null;
  if (failures === null) return [];
  if (!Array.isArray(failures) || failures.some((it) => !ids.includes(it))) return [...ids];
  return ids.filter((it) => failures.includes(it));
}

// --- Handlers ------------------------------------------------------------------------------------

/** Returns the function that `file:symbol` names, the file being relative to `root`. */
export async function load(handler, root = '.') {
  const at = handler.lastIndexOf(':');
  const [file, symbol] = [handler.slice(0, at), handler.slice(at + 1)];
  const module = await import(pathToFileURL(resolve(root, file)));
  // Node finds the names that a CommonJS file exports by reading it, and may miss some.
  const found = module[symbol] ?? module.default?.[symbol];
  if (typeof found !== 'function') throw new Error(`${file} has no function \`${symbol}\``);
  return found;
}

/** Returns what the handler returns, null for nothing; waits for promises, throws what it throws. */
export async function run(handler, event, context) {
  const asked = taken(TRIGGERS.get(context), event);
  return asked === null ? null : ((await handler(asked, context)) ?? null);
}

/** Returns what the handler returned, or the error it threw (logged); waits for promises. */
export async function call(handler, event, context) {
  try {
    return await run(handler, event, context);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    log_error(error, context.request_id, context.function_name);
    // Only the records that the handler was called with have failed.
    const asked = taken(TRIGGERS.get(context), event);
    if (asked?.records) error.fnc_records = asked.records.map((it) => it.id);
    return error;
  }
}

// What each context's function is started by; handlers have no use for it.
const TRIGGERS = new WeakMap();

/** Writes an error with its trace as one JSON line on standard error. */
export function log_error(error, request_id = '', fn = '') {
  const { name, message, stack } = error;
  const line = { time: timestamp(), level: 'error', message: `${name}: ${message}`, function: fn, request_id, trace: stack };
  process.stderr.write(JSON.stringify(line) + '\n');
}

// --- What a handler may do -----------------------------------------------------------------------

/** Thrown when a handler uses a resource that its function doesn't declare with `can`. */
export class NotAllowed extends Error {
  name = 'NotAllowed';
}

/** Thrown when a message could not be sent: nothing was accepted. */
export class SendFailed extends Error {
  name = 'SendFailed';
}

/** Thrown when a function that was called with `invoke` failed. */
export class CallFailed extends Error {
  name = 'CallFailed';
}

/**
 * The second argument of a handler.
 *
 * `sender(resource, verb, message)` carries a message out, `verb` being `send`, `publish` or `write`; `message` has the
 * members of `encode` and `attributes`, `delay_ms`, `group`, `type`, `key`, `subject`. `store` does all else, for what
 * the target offers: `put_object(bucket, key, message)` (`message` has the members of `encode` and `attributes`),
 * `get_object(bucket, key)` and `list_objects(bucket, prefix, limit)` (see `stored_object`), `delete_object(bucket, key)`,
 * `put_row(table, row)`, `get_row(table, key)`, `query_rows(table, query)` (see `row_query`), `delete_row(table, key)`,
 * `invoke(function, data)`.
 */
export class Context {
  #can;
  #kinds;
  #sender;
  #store;

  constructor(config, request_id, deadline_ms, sender, store = null) {
    this.function_name = config.function;
    this.request_id = request_id;
    this.deadline_ms = Number(deadline_ms);
    TRIGGERS.set(this, config.triggers);
    this.#can = config.can ?? {};
    this.#kinds = config.kinds ?? {};
    this.#sender = sender;
    this.#store = store;
  }

  /** Returns how many milliseconds are left, never less than 0. */
  remaining_ms() {
    return Math.max(0, this.deadline_ms - Date.now());
  }

  /** Writes one JSON line on standard output. */
  log(message, fields = {}) {
    const { function_name, request_id } = this;
    const line = { time: timestamp(), level: 'info', message: String(message), function: function_name, request_id };
    process.stdout.write(JSON.stringify({ ...line, ...fields }) + '\n');
  }

  /** Sends a message to a queue; `delay` in seconds or as "5m". */
  async send(queue, data, { delay = null, group = null, attributes } = {}) {
    await this.#do('send', queue, data, attributes, { delay_ms: duration_ms(delay), group, type: null });
  }

  /** Publishes a message to a topic, or an event of `type` to a bus. */
  async publish(topic, data, { type = null, group = null, attributes, subject = null } = {}) {
    this.#check('publish', topic);
    if (this.#kinds[topic] === 'bus' && !(typeof type === 'string' && type)) {
      throw new TypeError(`an event for the bus \`${topic}\` needs a type`);
    }
    await this.#do('publish', topic, data, attributes, { group, type, subject });
  }

  /** Writes a record to a stream; records of one key keep their order. */
  async write(stream, data, { key = null } = {}) {
    await this.#do('write', stream, data, null, { key: key === null ? null : as_attribute(key) });
  }

  /** Puts an object into a bucket, `put(bucket, key, data)`, or a row into a table, `put(table, row)`. */
  async put(resource, key, data, { attributes, content_type } = {}) {
    if (this.#is_table('write', resource)) {
      await this.#store.put_row(resource, as_row(key));
      return;
    }
    const message = encode(data);
    message.content_type = content_type ?? message.content_type;
    const object = { ...message, attributes: attributes_of(attributes) };
    await this.#store.put_object(resource, as_object_key(key), object);
  }

  /** Returns an object of a bucket (see `stored_object`) or a row of a table; null when there is none. */
  async get(resource, key) {
    if (this.#is_table('read', resource)) return this.#store.get_row(resource, as_row(key));
    return this.#store.get_object(resource, as_object_key(key));
  }

  /** Deletes an object of a bucket or a row of a table; nothing happens when there is none. */
  async delete(resource, key) {
    if (this.#is_table('write', resource)) await this.#store.delete_row(resource, as_row(key));
    else await this.#store.delete_object(resource, as_object_key(key));
  }

  /** Returns the objects of a bucket by key, without their contents: all, or the first `limit`. */
  async list(bucket, { prefix = '', limit = null } = {}) {
    if (this.#is_table('read', bucket)) throw new TypeError(`\`${bucket}\` is a table: use \`query\``);
    return this.#store.list_objects(bucket, prefix, limit);
  }

  /** Returns the rows of a table with this key, in the order of the sort field (see `row_query`). */
  async query(table, key, { index = null, limit = null, descending = false } = {}) {
    if (!this.#is_table('read', table)) throw new TypeError(`\`${table}\` is a bucket: use \`list\``);
    return this.#store.query_rows(table, row_query(key, index, limit, descending));
  }

  /** Calls a function of the program with any JSON value and returns its answer. */
  async invoke(name, data = null) {
    this.#check('invoke', name);
    return this.#store.invoke(name, data);
  }

  #check(verb, resource) {
    if (!this.#can[verb]?.includes(resource)) {
      const what = `\`${this.function_name}\` may not ${verb} \`${resource}\``;
      throw new NotAllowed(`${what}: declare \`can ${verb} ${resource}\` in it`);
    }
  }

  #is_table(verb, resource) {
    this.#check(verb, resource);
    const kind = this.#kinds[resource];
    if (kind !== 'bucket' && kind !== 'table') {
      throw new TypeError(`\`${resource}\` is a ${kind}: records go there with \`write\``);
    }
    return kind === 'table';
  }

  async #do(verb, resource, data, attributes, options) {
    this.#check(verb, resource);
    if (verb === 'write' && this.#kinds[resource] !== 'stream') {
      throw new TypeError(`\`${resource}\` is a ${this.#kinds[resource]}: use \`put\``);
    }
    const all = { delay_ms: 0, group: null, type: null, key: null, subject: null, ...options };
    await this.#sender(resource, verb, { ...encode(data), attributes: attributes_of(attributes), ...all });
  }
}

/** Returns a row or the key of one: an object of JSON values by field. */
export function as_row(value) {
  if (!is_object(value) || !Object.keys(value).length) {
    throw new TypeError('a row and a key are objects: { id: "7" }');
  }
  return from_json(to_json(value));
}

function as_object_key(value) {
  if (typeof value !== 'string' || !value) throw new TypeError('the key of an object is text');
  return value;
}

/** Returns what `get` gives of a bucket's object; `body` is bytes. */
export function stored_object({ key, body, content_type = null, size, etag, time, attributes }) {
  const [text, is_base64] = as_text(body);
  const made = { key, size, etag, time: timestamp(time), content_type, body: text };
  if (is_base64) made.base64 = true;
  return { ...made, data: is_base64 ? null : from_json(text), attributes: attributes ?? {} };
}

const OPERATORS = { starts_with: 'starts_with', from: '>=', to: '<=', 'from to': 'between' };

/**
 * Returns a query: `equal` holds fields and values, `range` is null or `[field, operator, values]`.
 *
 * `key` names the partition field and its value, and may name the sort field: with a value, or with one of
 * `{ starts_with: V }`, `{ from: V }`, `{ to: V }` and `{ from: V, to: V }`, both ends included.
 */
export function row_query(key, index = null, limit = null, descending = false) {
  const equal = {};
  let range = null;
  for (const [field, wanted] of Object.entries(as_row(key))) {
    if (!is_object(wanted)) {
      equal[field] = wanted;
      continue;
    }
    const words = Object.keys(wanted).sort();
    const operator = OPERATORS[words.join(' ')];
    if (!operator || range) {
      throw new TypeError('a key asks for a value, or for `starts_with`, `from` and `to` of the sort field');
    }
    range = [field, operator, words.map((it) => wanted[it])];
  }
  if (!Object.keys(equal).length) throw new TypeError('a query names the partition field and its value');
  return { equal, range, index, limit, descending: Boolean(descending) };
}

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

// --- CloudEvents 1.0 -----------------------------------------------------------------------------

/**
 * Returns a record as a strict CloudEvent 1.0 in JSON form.
 *
 * `id source type time subject` keep their names. A JSON body becomes `data`, text `data` with
 * `text/plain`, base64 `data_base64`. What CloudEvents has no word for becomes extensions:
 * `fncattempt`, `fncgroup`, `fncscheduled`, and `fncattributes` (JSON text, when there are any).
 */
export function to_cloudevent(record) {
  const made = {};
  for (const name of ['id', 'source', 'type', 'time', 'subject']) {
    if (name in record) made[name] = record[name];
  }
  made.specversion = '1.0';
  if (record.base64) Object.assign(made, { datacontenttype: 'application/octet-stream', data_base64: record.body });
  else if (record.data !== null) Object.assign(made, { datacontenttype: 'application/json', data: record.data });
  else Object.assign(made, { datacontenttype: 'text/plain', data: record.body });
  made.fncattempt = record.attempt;
  for (const name of ['group', 'scheduled']) {
    if (name in record) made['fnc' + name] = record[name];
  }
  if (Object.keys(record.attributes).length) made.fncattributes = to_json(record.attributes);
  return made;
}

const KNOWN = new Set([
  'specversion', 'id', 'source', 'type', 'time', 'subject', 'datacontenttype', 'dataschema',
  'data', 'data_base64', 'fncattempt', 'fncgroup', 'fncscheduled', 'fncattributes',
]);

/** Returns a CloudEvent 1.0 in JSON form as a record; unknown extensions become attributes. */
export function from_cloudevent(cloudevent, source) {
  const { data, data_base64, datacontenttype } = cloudevent;
  let body;
  if (data_base64 !== undefined) body = Buffer.from(data_base64, 'base64');
  else if (typeof data === 'string' && !says_json(datacontenttype)) body = data;
  else body = data === undefined ? '' : to_json(data);
  const extensions = Object.entries(cloudevent).filter(([name]) => !KNOWN.has(name));
  const made = record({
    id: cloudevent.id,
    source: source ?? cloudevent.source,
    type: cloudevent.type,
    body,
    time: cloudevent.time,
    attempt: cloudevent.fncattempt ?? 1,
    attributes: { ...object(extensions), ...from_json(cloudevent.fncattributes ?? '') },
    group: cloudevent.fncgroup,
    subject: cloudevent.subject,
    scheduled: cloudevent.fncscheduled,
  });
  if ('scheduled' in made) made.input = is_object(made.data) ? made.data : {};
  return made;
}
