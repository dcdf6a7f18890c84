// What a handler returned or threw, as an HTTP answer or as the records that failed.

import { as_attribute, as_text, is_bytes, is_object, object, to_json } from './encoding.mjs';
import { log_error } from './handler.mjs';

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
