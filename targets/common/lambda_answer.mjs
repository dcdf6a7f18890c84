// A Lambda handler's answers as portable ones; `src/event/aws/lambda_answer.rs` does the same for the local run.

import { is_object, to_json } from './encoding.mjs';
import { is_fifo_topic, item_of } from './lambda_event.mjs';

/** Returns a portable answer that means what `value`, plain JSON, means to whoever calls a Lambda function. */
export function from_lambda(config, event, value) {
  if (event.request) return config.authorizes ? value : answer(value);
  const kind = event.trigger;
  const by_number = kind === 'stream' || kind === 'table';
  if (by_number || kind === 'queue' || (kind === 'topic' && is_fifo_topic(config, event.source))) {
    const name = by_number ? item_of : (it) => it.id;
    return batch(value, new Map(event.records.map((it) => [name(it), it.id])));
  }
  return kind === 'invoke' ? value : null;
}

/** Reads an answer in the format 2.0 of HTTP APIs. */
function answer(value) {
  const said = is_object(value) ? (value.statusCode ?? null) : null;
  if (said === null) {
    const body = typeof value === 'string' ? value : to_json(value);
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const status = typeof said === 'string' && /^\d+$/.test(said) ? Number(said) : said;
  if (!Number.isInteger(status)) throw new Error(`statusCode ${to_json(said)} is no number`);
  const body = value.body ?? null;
  if (body !== null && typeof body !== 'string') {
    throw new Error('API Gateway takes a `body` that is text only: JSON has to be made text');
  }
  const made = { statusCode: status, ...(body === null ? {} : { body }) };
  for (const name of ['headers', 'cookies']) if (value[name] != null) made[name] = value[name];
  return value.isBase64Encoded === true ? { ...made, base64: true } : made;
}

/** Reads which records failed; one that names what isn't there says that all have. */
function batch(value, ids) {
  const failures = is_object(value) ? (value.batchItemFailures ?? null) : null;
  if (failures === null) return null;
  const named = Array.isArray(failures) ? failures.map((it) => it?.itemIdentifier) : [null];
  const known = named.every((it) => typeof it === 'string' && ids.has(it));
  return { failures: known ? named.map((it) => ids.get(it)) : [...ids.values()] };
}
