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
    const context = new portable.Context(config, request_id, deadline, send, store);
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
  const source = SOURCES[first?.eventSource ?? first?.EventSource];
  if (source) return source;
  return 'detail-type' in payload && 'detail' in payload ? 'event' : 'invoke';
}

const SOURCES = {
  'aws:sqs': 'queue',
  'aws:sns': 'topic',
  'aws:kinesis': 'stream',
  'aws:dynamodb': 'table',
  'aws:s3': 'bucket',
};

/** Returns the portable event of a Lambda payload. */
export function to_portable(config, payload, request_id) {
  const kind = kind_of(payload);
  if (kind in RECORDS) {
    const [arn_of, to_record] = RECORDS[kind];
    const { source } = trigger_of(config, arn_of(payload.Records[0]), kind);
    return portable.event(config, kind, source, payload.Records.map((it) => to_record(source, it)));
  }
  switch (kind) {
    case 'event':
      return from_bus(config, payload);
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

/** Returns the trigger whose source has this ARN, else the one whose name is known only to AWS. */
function trigger_of(config, arn, kind) {
  let name = arn.split(':').slice(5).join(':');
  if (kind === 'stream' || kind === 'table') name = name.split('/')[1];
  const triggers = config.triggers.filter((it) => !kind || it.kind === kind);
  const found =
    triggers.find((it) => it.name === name || begins(it, name)) ?? triggers.find((it) => it.name === null);
  if (!found) throw new Error(`no trigger of \`${config.function}\` reads ${name}`);
  return found;
}

/** A bucket's derived name ends with account and region. */
function begins({ name_begins }, name) {
  if (!name_begins || !name.startsWith(name_begins)) return false;
  return /^\d{12}-[a-z0-9-]+$/.test(name.slice(name_begins.length));
}

function from_kinesis(source, { eventID, kinesis }) {
  const colon = eventID.indexOf(':');
  return portable.stream_record({
    id: eventID,
    source,
    body: Buffer.from(kinesis.data, 'base64'),
    key: kinesis.partitionKey,
    sequence: eventID.slice(colon + 1),
    shard: eventID.slice(0, colon),
    time: Math.round(kinesis.approximateArrivalTimestamp * 1000),
  });
}

const ACTIONS = { INSERT: 'inserted', MODIFY: 'updated', REMOVE: 'deleted' };

function from_dynamo(source, { eventID, eventName, dynamodb }) {
  const { Keys, NewImage, OldImage } = dynamodb;
  return portable.row_record({
    id: eventID,
    source,
    action: ACTIONS[eventName],
    keys: plain_row(Keys),
    new: NewImage ? plain_row(NewImage) : null,
    old: OldImage ? plain_row(OldImage) : null,
    time: Math.round(dynamodb.ApproximateCreationDateTime * 1000),
  });
}

function from_s3(source, { eventName, eventTime, s3 }) {
  const key = decodeURIComponent(s3.object.key.replaceAll('+', ' '));
  const created = eventName.startsWith('ObjectCreated:');
  return portable.object_record({
    id: `${s3.object.sequencer ?? eventTime}:${key}`,
    source,
    action: created ? 'created' : 'deleted',
    key,
    size: created ? s3.object.size : null,
    etag: created ? s3.object.eTag : null,
    time: eventTime,
  });
}

// Where the records of a source say which one it is, and what becomes of them.
const RECORDS = {
  stream: [(it) => it.eventSourceARN, from_kinesis],
  table: [(it) => it.eventSourceARN, from_dynamo],
  bucket: [(it) => it.s3.bucket.arn, from_s3],
};

/** Returns the event of an EventBridge event, whose bus it doesn't tell. */
function from_bus(config, { id, time, detail, resources, 'detail-type': type }) {
  const trigger = portable.find_trigger(config, 'event', { type });
  if (!trigger) throw new Error(`no trigger of \`${config.function}\` takes events of type ${type}`);
  const { source } = trigger;
  const subject = resources?.[0];
  const made = portable.event_record({ id, source, type, time, subject, ...unpack_detail(detail) });
  return portable.event(config, 'event', source, [made]);
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
  if (kind === 'stream' || kind === 'table') return log_answer(config, payload, outcome);
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

/** Returns which records Lambda is to begin again from; throws when the handler did, so that it counts as an error. */
function log_answer(config, payload, outcome) {
  if (outcome instanceof Error) throw outcome;
  const { records } = to_portable(config, payload);
  const failed = new Set(portable.batch_answer(outcome, records.map((it) => it.id)));
  const numbers = payload.Records.map((it) => it.kinesis?.sequenceNumber ?? it.dynamodb.SequenceNumber);
  const again = numbers.filter((_, at) => failed.has(records[at].id));
  return { batchItemFailures: again.map((itemIdentifier) => ({ itemIdentifier })) };
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

/** Returns where a resource of the program is. */
const address = (kind, resource) => process.env[`FNC_${kind}_${resource.toUpperCase()}`];

/** Sends a message to a queue, publishes it to a topic or a bus, or writes it to a stream. */
async function send(resource, verb, message) {
  const topic = address('TOPIC', resource);
  if (verb === 'send') {
    const request = sqs_request(queue_url(address('QUEUE', resource)), message);
    await call_aws('sqs', 'SQS', 'SendMessage', request);
  } else if (verb === 'write') {
    await call_aws('kinesis', 'Kinesis', 'PutRecord', kinesis_request(address('STREAM', resource), message));
  } else if (topic) {
    await call_aws('sns', 'SNS', 'Publish', sns_request(topic, message));
  } else {
    const request = bus_request(address('BUS', resource), message);
    const { FailedEntryCount, Entries } = await call_aws('eventbridge', 'EventBridge', 'PutEvents', request);
    if (FailedEntryCount) throw new portable.SendFailed(Entries[0].ErrorMessage ?? 'EventBridge refuses the event');
  }
}

/** Returns a queue's URL; of a queue that another stack exports only the ARN is known. */
function queue_url(place) {
  if (!place.startsWith('arn:')) return place;
  const [, partition, , region, account, name] = place.split(':');
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://sqs.${region}.${domain}/${account}/${name}`;
}

/** Returns the input of Kinesis PutRecord; without a key a record may go to any shard. */
export function kinesis_request(arn, message) {
  return { StreamARN: arn, PartitionKey: message.key || randomUUID(), Data: as_bytes(message) };
}

const as_bytes = ({ body, base64 }) => Buffer.from(body, base64 ? 'base64' : 'utf8');

const BODY_MEMBER = 'fnc-body';
// Who publishes: EventBridge wants to know, and keeps `aws.` for itself.
const SOURCE = 'fnc';

/** Returns the input of EventBridge PutEvents; `unpack_detail` undoes what becomes of data and attributes. */
export function bus_request(bus, message) {
  const attributes = { ...message.attributes, ...(message.base64 && { [portable.BASE64_ATTRIBUTE]: 'true' }) };
  const data = message.content_type === 'application/json' ? portable.from_json(message.body) : null;
  // An event's detail is an object; anything else travels as text in one.
  const detail = is_object(data) ? { ...data } : { [BODY_MEMBER]: message.body };
  if (Object.keys(attributes).length) detail[MORE_ATTRIBUTES] = attributes;
  const entry = { EventBusName: bus, Source: SOURCE, DetailType: message.type, Detail: portable.to_json(detail) };
  if (message.subject) entry.Resources = [message.subject];
  return { Entries: [entry] };
}

/** Returns the body and the attributes of an event's detail. */
export function unpack_detail(detail) {
  if (!is_object(detail)) return { body: portable.to_json(detail), attributes: {} };
  const { [MORE_ATTRIBUTES]: attributes = {}, ...data } = detail;
  const wrapped = Object.keys(data).length === 1 && BODY_MEMBER in data;
  return { body: wrapped ? data[BODY_MEMBER] : portable.to_json(data), attributes };
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

// --- Buckets, tables and functions ---------------------------------------------------------------

/** Returns a bucket's name; of one that another stack exports only the ARN is known. */
const bucket_name = (bucket) => address('BUCKET', bucket).split(':').pop();
const unquoted = (etag) => etag.replaceAll('"', '');
const call_s3 = (operation, request) => call_aws('s3', 'S3', operation, request);
const call_dynamo = (operation, request) => call_aws('dynamodb', 'DynamoDB', operation, request);

// Metadata of S3 is ASCII only.
const ascii = (text) => text.replace(/[\u0080-\uffff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));

/** What `portable.Context` does beyond sending. */
const store = {
  async put_object(bucket, key, message) {
    const request = { Bucket: bucket_name(bucket), Key: key, Body: as_bytes(message), ContentType: message.content_type };
    if (Object.keys(message.attributes).length) {
      request.Metadata = { [MORE_ATTRIBUTES]: ascii(portable.to_json(message.attributes)) };
    }
    await call_s3('PutObject', request);
  },

  async get_object(bucket, key) {
    let found;
    try {
      found = await call_s3('GetObject', { Bucket: bucket_name(bucket), Key: key });
    } catch (error) {
      if (error.name === 'NoSuchKey') return null;
      throw error;
    }
    const body = await found.Body.transformToByteArray();
    return portable.stored_object({
      key,
      body,
      content_type: found.ContentType,
      size: body.length,
      etag: unquoted(found.ETag),
      time: found.LastModified,
      attributes: portable.from_json(found.Metadata?.[MORE_ATTRIBUTES] ?? '{}') ?? {},
    });
  },

  async list_objects(bucket, prefix, limit) {
    const made = [];
    let ContinuationToken;
    do {
      const MaxKeys = Math.min(1000, (limit ?? Infinity) - made.length);
      if (MaxKeys <= 0) break;
      const request = { Bucket: bucket_name(bucket), Prefix: prefix, MaxKeys, ContinuationToken };
      const page = await call_s3('ListObjectsV2', request);
      for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
        made.push({ key: Key, size: Size, etag: unquoted(ETag), time: portable.timestamp(LastModified) });
      }
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken);
    return made;
  },

  async delete_object(bucket, key) {
    await call_s3('DeleteObject', { Bucket: bucket_name(bucket), Key: key });
  },

  async put_row(table, row) {
    await call_dynamo('PutItem', { TableName: address('TABLE', table), Item: dynamo_row(row) });
  },

  async get_row(table, key) {
    const request = { TableName: address('TABLE', table), Key: dynamo_row(key), ConsistentRead: true };
    const { Item } = await call_dynamo('GetItem', request);
    return Item ? plain_row(Item) : null;
  },

  async delete_row(table, key) {
    await call_dynamo('DeleteItem', { TableName: address('TABLE', table), Key: dynamo_row(key) });
  },

  async query_rows(table, query) {
    const request = query_request(address('TABLE', table), query);
    const rows = [];
    do {
      if (query.limit !== null) request.Limit = query.limit - rows.length;
      if (request.Limit <= 0) break;
      const page = await call_dynamo('Query', request);
      rows.push(...page.Items.map(plain_row));
      request.ExclusiveStartKey = page.LastEvaluatedKey;
    } while (request.ExclusiveStartKey);
    return rows;
  },

  async invoke(name, data) {
    const request = { FunctionName: address('FUNCTION', name), Payload: Buffer.from(portable.to_json(data)) };
    const { Payload, FunctionError } = await call_aws('lambda', 'Lambda', 'Invoke', request);
    const answer = portable.from_json(Buffer.from(Payload ?? []).toString() || 'null');
    if (FunctionError) throw new portable.CallFailed(`\`${name}\` failed: ${answer?.errorMessage ?? FunctionError}`);
    return answer;
  },
};

/** Returns the input of DynamoDB Query. */
export function query_request(table, { equal, range, index, descending }) {
  const [names, values] = [{}, {}];
  const name = (it) => {
    const made = `#n${Object.keys(names).length}`;
    names[made] = it;
    return made;
  };
  const value = (it) => {
    const made = `:v${Object.keys(values).length}`;
    values[made] = dynamo_value(it);
    return made;
  };
  const parts = Object.entries(equal).map(([field, it]) => `${name(field)} = ${value(it)}`);
  if (range) {
    const field = name(range[0]);
    const [first, last] = range[2].map(value);
    if (range[1] === 'starts_with') parts.push(`begins_with(${field}, ${first})`);
    else if (range[1] === 'between') parts.push(`${field} BETWEEN ${first} AND ${last}`);
    else parts.push(`${field} ${range[1]} ${first}`);
  }
  const request = {
    TableName: table,
    KeyConditionExpression: parts.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ScanIndexForward: !descending,
  };
  return index ? { ...request, IndexName: index } : request;
}

const dynamo_row = (row) => map_values(row, dynamo_value);

/** Returns a JSON value as DynamoDB types it. */
function dynamo_value(value) {
  if (value === null) return { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') return { N: portable.to_json(value) };
  if (typeof value === 'string') return { S: value };
  return Array.isArray(value) ? { L: value.map(dynamo_value) } : { M: dynamo_row(value) };
}

const plain_row = (row) => map_values(row, plain_value);
// Events hold base64 already, the SDK hands over bytes.
const as_base64 = (it) => (typeof it === 'string' ? it : Buffer.from(it).toString('base64'));

/** Returns a value of DynamoDB as JSON: numbers as numbers, sets as lists, bytes as base64. */
function plain_value(typed) {
  const [[kind, value]] = Object.entries(typed);
  switch (kind) {
    case 'NULL':
      return null;
    case 'N':
      return JSON.parse(value);
    case 'M':
      return plain_row(value);
    case 'L':
      return value.map(plain_value);
    case 'NS':
      return value.map((it) => JSON.parse(it));
    case 'B':
      return as_base64(value);
    case 'BS':
      return value.map(as_base64);
    default:
      return value;
  }
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
