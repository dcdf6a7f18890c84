// Handlers that take Lambda's own events (`contract lambda`): nothing of event, context or answer is changed.

import { is_skipped, kind_of, to_portable, trigger_of } from './payload.mjs';
import * as portable from './portable.mjs';
import { to_answer } from './result.mjs';

/** Returns the Lambda handler: the user's own, unless something has to be done before or after it. */
export function native(config, handle, keys) {
  const extra = (it) => 'key' in it || 'where' in it || it.attempts || it.kind === 'schedule';
  if (!config.triggers.some(extra)) return handle;
  // Runtimes up to Node 22 pass a callback as well.
  return (payload, context, ...others) => {
    const kind = kind_of(payload);
    if (kind === 'schedule') return is_skipped(payload) ? done(null) : handle(payload.event, context, ...others);
    if ((kind === 'http' || kind === 'websocket') && payload.type !== 'REQUEST') {
      const refusal = portable.refusal(config, to_portable(config, payload), (secret) => keys[secret]);
      if (refusal !== null) return done(to_answer(config, payload, refusal, context.awsRequestId));
    }
    const asked = taken(config, kind, payload);
    if (asked === null) return done({ batchItemFailures: [] });
    return is_last(config, kind, asked) ? last(config, handle, asked, context) : handle(asked, context, ...others);
  };
}

const done = async (answer) => answer;

/** Returns the payload with the records that a `where` takes; null when it takes none of them. */
function taken(config, kind, payload) {
  if (!is_filtered(config, kind, payload)) return payload;
  const event = to_portable(config, payload);
  const asked = portable.taken(config.triggers, event);
  if (asked === null || !payload.Records) return asked && payload;
  const wanted = asked.records.map((it) => it.id);
  return { ...payload, Records: payload.Records.filter((_, at) => wanted.includes(event.records[at].id)) };
}

/** Tells whether a trigger of this kind has a `where`; a tick looks like an event of a bus, and is none. */
function is_filtered(config, kind, payload) {
  if (kind === 'event' && !portable.find_trigger(config, 'event', { type: payload['detail-type'] })) return false;
  // A fifo topic comes through a queue.
  const kinds = kind === 'queue' ? ['queue', 'topic'] : [kind];
  return config.triggers.some((it) => 'where' in it && kinds.includes(it.kind));
}

/** Tells whether a message of a fifo topic comes for the last time: nothing parks it, and a queue drops nothing. */
function is_last(config, kind, payload) {
  if (kind !== 'queue') return false;
  const [{ eventSourceARN, attributes }] = payload.Records;
  const { attempts } = trigger_of(config, eventSourceARN);
  return Boolean(attempts) && Number(attributes.ApproximateReceiveCount) >= attempts;
}

/** Calls the handler; what it fails is dropped, and the log says so. */
async function last(config, handle, payload, context) {
  let error;
  try {
    const answer = await answered(handle, payload, context);
    if (!answer?.batchItemFailures?.length) return answer;
    error = new Error('the handler reports the message as failed');
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  const what = `dropped ${payload.Records[0].messageId} after its last attempt: ${error.message}`;
  portable.log_error(new Error(what, { cause: error }), context.awsRequestId, config.function);
  return { batchItemFailures: [] };
}

/** Returns what a handler answers, by a promise or by the callback of older ones. */
function answered(handle, payload, context) {
  if (handle.length < 3) return handle(payload, context);
  return new Promise((resolve, reject) => {
    handle(payload, context, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}
