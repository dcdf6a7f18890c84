// Carries AWS Lambda events to portable handlers, and their answers back.
//
// The entry calls `serve` with the function's config; what `serve` returns is the Lambda handler.
// `shim.py` is the same for Python.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as portable from './portable.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
// SQS and SNS carry ten attributes a message, none of them empty; what doesn't fit travels in this one.
const MORE_ATTRIBUTES = 'fnc-attributes';
const MAX_ATTRIBUTES = 10;
// Where a fifo message names no group: all such messages keep one order.
const NO_GROUP = 'default';

/** Returns the config of a function: its line of `functions.jsonl`. The lines of others aren't read as JSON. */
export function config_of(name) {
  const start = `{"function":${JSON.stringify(name)},`;
  const lines = readFileSync(new URL('./functions.jsonl', import.meta.url), 'utf8').split('\n');
  const line = lines.find((it) => it.startsWith(start));
  if (!line) throw new Error(`functions.jsonl has no function \`${name}\``);
  return JSON.parse(line);
}

/** Returns the Lambda handler of the function that `config` describes. */
export async function serve(config) {
  await fetch_secrets();
  const handle = await portable.load(config.handler, ROOT);
  return async (payload, lambda_context) => {
    if (is_skipped(payload)) return null;
    const deadline = Date.now() + lambda_context.getRemainingTimeInMillis();
    const request_id = lambda_context.awsRequestId;
    const event = to_portable(config, payload, request_id);
    const context = new portable.Context(config, request_id, deadline, send);
    const outcome = await portable.call(handle, event, context);
    return to_answer(config, payload, outcome, request_id);
  };
}

// --- Events --------------------------------------------------------------------------------------

const is_object = (it) => typeof it === 'object' && it !== null && !Array.isArray(it);
const map_values = (object, change) =>
  Object.fromEntries(Object.entries(object ?? {}).map(([name, it]) => [name, change(it)]));

/** Returns which trigger a payload comes from; what no source of ours sends is a direct call. */
export function kind_of(payload) {
  if (!is_object(payload)) return 'invoke';
  if (payload.fnc === 'schedule') return 'schedule';
  if (payload.version === '2.0' && payload.requestContext?.http) return 'http';
  const first = Array.isArray(payload.Records) ? payload.Records[0] : null;
  switch (first?.eventSource ?? first?.EventSource) {
    case 'aws:sqs':
      return 'queue';
    case 'aws:sns':
      return 'topic';
    default:
      return 'invoke';
  }
}

/** Returns the portable event of a Lambda payload. */
export function to_portable(config, payload, request_id) {
  switch (kind_of(payload)) {
    case 'http':
      return from_http(config, payload);
    case 'queue':
      return from_sqs(config, payload.Records);
    case 'topic': {
      const trigger = trigger_of(config, payload.Records[0].Sns.TopicArn);
      const records = payload.Records.map((it) => from_sns(trigger, it.Sns));
      return portable.event(config, 'topic', trigger.source, records);
    }
    case 'schedule': {
      const { id, scheduled, input, attempt } = payload;
      const tick = portable.tick(config, { id, time: scheduled, scheduled, input, attempt });
      return portable.event(config, 'schedule', config.function, [tick]);
    }
    default:
      return portable.invoke_event(config, { id: request_id ?? randomUUID(), data: payload });
  }
}

/** Returns the event of an HTTP API request, payload format 2.0. */
function from_http(config, payload) {
  const { http } = payload.requestContext;
  let body = payload.body ?? null;
  if (body !== null && payload.isBase64Encoded) body = Buffer.from(body, 'base64');
  return portable.http_event(config, {
    method: http.method,
    path: payload.rawPath,
    route: payload.routeKey.slice(payload.routeKey.indexOf(' ') + 1),
    params: payload.pathParameters ?? {},
    query: payload.rawQueryString ?? '',
    headers: payload.headers ?? {},
    cookies: payload.cookies,
    body,
    client_ip: http.sourceIp,
    auth: caller(payload.requestContext.authorizer),
  });
}

/** Returns what an authorizer of the API found out: a token's claims, or what the app's own function said. */
function caller(authorizer) {
  if (authorizer?.jwt) return authorizer.jwt.claims ?? {};
  return authorizer?.lambda ?? null;
}

/** Returns the trigger whose queue or topic has this ARN. */
function trigger_of(config, arn) {
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  const found = config.triggers.find((it) => it.name === name);
  if (!found) throw new Error(`no trigger of \`${config.function}\` reads ${name}`);
  return found;
}

/** Returns the event of SQS messages: of a queue, or of a fifo topic that comes through one. */
function from_sqs(config, records) {
  const arn = records[0].eventSourceARN;
  const trigger = trigger_of(config, arn);
  const made = records.map((it) => from_sqs_record(trigger, it, arn.endsWith('.fifo')));
  return portable.event(config, trigger.kind, trigger.source, made);
}

function from_sqs_record(trigger, message, fifo) {
  const system = message.attributes;
  const members = { attempt: system.ApproximateReceiveCount, group: fifo ? system.MessageGroupId : null };
  if (trigger.kind === 'topic') return from_sns(trigger, JSON.parse(message.body), members);
  const attributes = map_values(message.messageAttributes, (it) => it.stringValue ?? it.binaryValue ?? '');
  return portable.message('queue', {
    id: message.messageId,
    source: trigger.source,
    time: Number(system.SentTimestamp),
    body: message.body,
    attributes: unpack(attributes),
    ...members,
  });
}

function from_sns(trigger, message, members = {}) {
  return portable.message('topic', {
    id: message.MessageId,
    source: trigger.source,
    time: message.Timestamp,
    body: message.Message,
    attributes: unpack(map_values(message.MessageAttributes, (it) => it.Value)),
    ...members,
  });
}

/** Tells whether a tick falls on a day that the schedule of the other day field covers. */
export function is_skipped(payload) {
  if (kind_of(payload) !== 'schedule' || !payload.skip) return false;
  const { days, zone } = payload.skip;
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, day: 'numeric' });
  return days.includes(Number(parts.format(new Date(payload.scheduled))));
}

// --- Answers -------------------------------------------------------------------------------------

/** Returns what Lambda is to get, or throws what makes it try again. */
export function to_answer(config, payload, outcome, request_id) {
  const kind = kind_of(payload);
  if (kind === 'http' && payload.type === 'REQUEST') return verdict(portable.plain(outcome));
  if (kind === 'http') {
    const { statusCode, headers, cookies, body, base64 } = portable.http_answer(outcome, request_id);
    const made = { statusCode, headers };
    if (cookies.length) made.cookies = cookies;
    if (body !== null) Object.assign(made, { body, isBase64Encoded: base64 });
    return made;
  }
  if (kind === 'queue') return sqs_answer(config, payload.Records, outcome);
  const { records } = to_portable(config, payload, request_id);
  const failed = portable.batch_answer(outcome, records.map((it) => it.id));
  if (failed.length && outcome instanceof Error) throw outcome;
  if (failed.length) {
    throw new Error(`the handler reports ${failed.length} of ${records.length} records as failed`);
  }
  return kind === 'invoke' ? portable.plain(outcome) : null;
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

// --- What goes out -------------------------------------------------------------------------------

const clients = new Map();

/** Calls an operation of an AWS service; the SDK is part of Lambda's Node runtimes. */
async function call_aws(service, name, operation, request) {
  // A name that isn't spelt out keeps bundlers and type checkers from looking for the package.
  const sdk = await import(`@aws-sdk/client-${service}`);
  if (!clients.has(service)) clients.set(service, new sdk[`${name}Client`]());
  return clients.get(service).send(new sdk[`${operation}Command`](request));
}

/** Sends a message to a queue or publishes it to a topic. */
async function send(resource, verb, message) {
  if (verb === 'send') {
    const request = sqs_request(process.env[`FNC_QUEUE_${resource.toUpperCase()}`], message);
    await call_aws('sqs', 'SQS', 'SendMessage', request);
  } else {
    const request = sns_request(process.env[`FNC_TOPIC_${resource.toUpperCase()}`], message);
    await call_aws('sns', 'SNS', 'Publish', request);
  }
}

/** Returns the input of SQS SendMessage. */
export function sqs_request(url, message) {
  const [MessageBody, MessageAttributes] = pack(message);
  const request = { QueueUrl: url, MessageBody, MessageAttributes };
  const delay = Math.ceil(message.delay_ms / 1000);
  if (delay > 900) throw new RangeError('SQS delays a message by 15 minutes at most');
  if (url.endsWith('.fifo')) {
    if (delay) throw new RangeError("SQS delays no single message of a fifo queue: use the queue's own `delay`");
    return { ...request, ...fifo_members(message) };
  }
  return delay ? { ...request, DelaySeconds: delay } : request;
}

/** Returns the input of SNS Publish. */
export function sns_request(arn, message) {
  const [Message, MessageAttributes] = pack(message);
  const request = { TopicArn: arn, Message, MessageAttributes };
  return arn.endsWith('.fifo') ? { ...request, ...fifo_members(message) } : request;
}

// The id is its own: two equal messages within five minutes are still two.
const fifo_members = (message) => ({
  MessageGroupId: message.group ?? NO_GROUP,
  MessageDeduplicationId: randomUUID(),
});

// What neither service accepts in a body: characters that XML 1.0 has no place for.
const UNSENDABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const NAME = /^(?!(?:aws|amazon)\.|.*\.\.)(?!\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/i;

/** Returns the body and the attributes as SQS and SNS take them; `unpack` and the portable event undo it. */
export function pack(message) {
  let { body, base64 } = message;
  const native = {};
  if (!base64 && (!body || UNSENDABLE.test(body))) {
    body = Buffer.from(body).toString('base64');
    base64 = true;
  }
  if (base64) native[portable.BASE64_ATTRIBUTE] = 'true';
  const more = {};
  for (const [name, value] of Object.entries(message.attributes)) {
    const room = Object.keys(native).length < MAX_ATTRIBUTES - 1;
    const fits = room && value && !UNSENDABLE.test(value) && NAME.test(name) && !(name in native);
    (fits ? native : more)[name] = value;
  }
  if (Object.keys(more).length) native[MORE_ATTRIBUTES] = portable.to_json(more);
  // A blank is nothing in base64, and a body can't be empty.
  return [body || ' ', map_values(native, (it) => ({ DataType: 'String', StringValue: it }))];
}

/** Returns the attributes of a message with those that travelled in `MORE_ATTRIBUTES`. */
export function unpack({ [MORE_ATTRIBUTES]: more = '{}', ...attributes }) {
  return { ...attributes, ...portable.from_json(more) };
}

// --- Secrets -------------------------------------------------------------------------------------

/**
 * Sets the variables that hold secrets, before the handler's file is loaded.
 *
 * `FNC_SECRET_NAME` holds where the value of NAME is kept: `secretsmanager:ID`, `secretsmanager:ID#KEY` for
 * one key of a JSON secret, or `ssm:NAME`. The value itself is in no template and in no setting.
 */
async function fetch_secrets() {
  for (const variable of Object.keys(process.env).sort()) {
    if (!variable.startsWith('FNC_SECRET_')) continue;
    const place = process.env[variable];
    const colon = place.indexOf(':');
    const value = await fetch_secret(place.slice(0, colon), place.slice(colon + 1));
    process.env[variable.slice('FNC_SECRET_'.length)] = value;
  }
}

async function fetch_secret(store, place) {
  if (store === 'ssm') {
    const found = await call_aws('ssm', 'SSM', 'GetParameter', { Name: place, WithDecryption: true });
    return found.Parameter.Value;
  }
  const [name, key] = place.split('#');
  const found = await call_aws('secrets-manager', 'SecretsManager', 'GetSecretValue', { SecretId: name });
  const text = found.SecretString ?? Buffer.from(found.SecretBinary).toString();
  if (!key) return text;
  const value = portable.from_json(text)?.[key] ?? null;
  if (value === null) throw new Error(`the secret ${name} has no key ${key}`);
  return portable.as_attribute(value);
}
