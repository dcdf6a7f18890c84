// The portable event and its records.

import { as_text, attributes_of, from_json, timestamp, to_json } from './encoding.mjs';

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

/** Returns the first trigger of this kind with these members in the config, else null. */
export function find_trigger(config, kind, members = {}) {
  const wanted = Object.entries(members);
  const fits = (it) => it.kind === kind && wanted.every(([name, value]) => it[name] === value);
  return (config.triggers ?? []).find(fits) ?? null;
}
