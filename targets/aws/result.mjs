// What a handler answered, as Lambda is to get it.

import { is_object, map_values } from './encoding.mjs';
import { from_sqs, kind_of, to_portable, trigger_of } from './payload.mjs';
import * as portable from './portable.mjs';

/** Returns what Lambda is to get, or throws what makes it try again. */
export function to_answer(config, payload, outcome, request_id) {
  const kind = kind_of(payload);
  if (kind === 'http' && payload.type === 'REQUEST') return verdict(portable.plain(outcome));
  if (kind === 'websocket') return socket_answer(config, payload, outcome, request_id);
  if (kind === 'http') {
    const { statusCode, headers, cookies, body, base64 } = portable.http_answer(outcome, request_id);
    const made = { statusCode, headers };
    if (cookies.length) made.cookies = cookies;
    if (body !== null) Object.assign(made, { body, isBase64Encoded: base64 });
    return made;
  }
  if (kind === 'queue') return sqs_answer(config, payload.Records, outcome);
  if (kind === 'stream' || kind === 'table') return log_answer(config, payload, outcome);
  throw_failed(to_portable(config, payload, request_id), outcome);
  return kind === 'invoke' ? portable.plain(outcome) : null;
}

/** Throws what the handler failed, so that it counts as an error. */
function throw_failed({ records }, outcome) {
  const failed = portable.batch_answer(outcome, records.map((it) => it.id));
  if (failed.length && outcome instanceof Error) throw outcome;
  if (failed.length) {
    throw new Error(`the handler reports ${failed.length} of ${records.length} records as failed`);
  }
}

/** Returns what API Gateway is to know of what happened on the websocket; of a client that connects, whether it may. */
function socket_answer(config, payload, outcome, request_id) {
  if (payload.type === 'REQUEST') return policy(portable.plain(outcome), payload.methodArn);
  const event = to_portable(config, payload);
  if (portable.is_connect(event)) {
    const { statusCode, headers, body } = portable.http_answer(outcome, request_id);
    return statusCode < 400 ? { statusCode: 200, headers } : { statusCode, headers, body: body ?? '' };
  }
  throw_failed(event, outcome);
  return { statusCode: 200 };
}

/** Returns what a websocket is to know of a caller: a policy, and texts, which is all that it hands on. */
function policy(answer, Resource) {
  const { isAuthorized, context } = verdict(answer);
  const Statement = [{ Action: 'execute-api:Invoke', Effect: isAuthorized ? 'Allow' : 'Deny', Resource }];
  return {
    principalId: 'client',
    policyDocument: { Version: '2012-10-17', Statement },
    context: map_values(context, portable.as_attribute),
  };
}

/** Returns what the API is to know of a caller, as an authorizer's simple response; whoever isn't let in is out. */
function verdict(answer) {
  const known = answer?.context;
  return { isAuthorized: answer?.isAuthorized === true, context: is_object(known) ? known : {} };
}

/** Returns which messages SQS is to deliver again; throws when the handler did, so that it counts as an error. */
function sqs_answer(config, messages, outcome) {
  const { records } = from_sqs(config, messages);
  const failed = new Set(portable.batch_answer(outcome, records.map((it) => it.id)));
  // A queue drops nothing by itself: where nothing parks, the last attempt ends here.
  const { attempts } = trigger_of(config, messages[0].eventSourceARN);
  const again = [];
  let dropped = 0;
  for (const [at, { id, attempt }] of records.entries()) {
    if (!failed.has(id)) continue;
    if (attempts && attempt >= attempts) {
      dropped += 1;
      portable.log_error(new Error(`dropped ${id} after ${attempts} attempts`), '', config.function);
    } else {
      again.push({ itemIdentifier: messages[at].messageId });
    }
  }
  if (outcome instanceof Error && !dropped && again.length === messages.length) throw outcome;
  return { batchItemFailures: again };
}

/** Returns which records Lambda is to begin again from; throws when the handler did, so that it counts as an error. */
function log_answer(config, payload, outcome) {
  if (outcome instanceof Error) throw outcome;
  const { records } = to_portable(config, payload);
  const failed = new Set(portable.batch_answer(outcome, records.map((it) => it.id)));
  const numbers = payload.Records.map((it) => it.kinesis?.sequenceNumber ?? it.dynamodb.SequenceNumber);
  const again = numbers.filter((_, at) => failed.has(records[at].id));
  return { batchItemFailures: again.map((itemIdentifier) => ({ itemIdentifier })) };
}
