// What every shim shares: the portable event, answers, and what a handler may do.
//
// No dependencies, Node 20 or later. A shim turns its provider's payload into an event with `record`
// and `event` (or `http_event`), runs the handler with `call`, and encodes the outcome with
// `http_answer` or `batch_answer`. `portable.py` has the same functions under the same names.

export { batch_answer, error_answer, http_answer, plain } from './answer.mjs';
export { from_cloudevent, to_cloudevent } from './cloudevent.mjs';
export { CallFailed, Context, NotAllowed, SendFailed, as_row, row_query, stored_object } from './context.mjs';
export { as_attribute, as_text, duration_ms, encode, from_json, timestamp, to_json } from './encoding.mjs';
export {
  BASE64_ATTRIBUTE,
  TYPES,
  VERSION,
  event,
  event_record,
  find_trigger,
  invoke_event,
  message,
  object_record,
  record,
  row_record,
  stream_record,
  tick,
} from './event.mjs';
export { matches, taken } from './filter.mjs';
export { call, load, load_for, log_error, run } from './handler.mjs';
export { refusal } from './key.mjs';
export { http_event, match_route } from './request.mjs';
export { is_connect, websocket_event } from './websocket.mjs';
