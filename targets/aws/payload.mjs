// Lambda's payloads as portable events.

import { randomUUID } from 'node:crypto';
import { is_object, map_values } from './encoding.mjs';
import { unpack, unpack_detail } from './messages.mjs';
import * as portable from './portable.mjs';
import { plain_row } from './rows.mjs';

/** Returns which trigger a payload comes from; what no source of ours sends is a direct call. */
export function kind_of(payload) {
  if (!is_object(payload)) return 'invoke';
  if (payload.fnc === 'schedule') return 'schedule';
  if (payload.version === '2.0' && payload.requestContext?.http) return 'http';
  if (payload.requestContext?.connectionId) return 'websocket';
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
    case 'websocket':
      return from_websocket(config, payload);
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
export function from_http(config, payload) {
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

/** Returns the event of a client of the websocket, or of the request by which it connects. */
export function from_websocket(config, payload) {
  const { eventType, routeKey, messageId, requestId, connectionId, requestTimeEpoch, identity, authorizer } =
    payload.requestContext;
  // The first two are API Gateway's own.
  const { principalId, integrationLatency, ...auth } = authorizer ?? {};
  const body = payload.body ?? '';
  return portable.websocket_event(config, {
    happened: eventType.toLowerCase(),
    id: messageId ?? requestId,
    connection: connectionId,
    time: requestTimeEpoch,
    body: payload.isBase64Encoded ? Buffer.from(body, 'base64') : body,
    route: routeKey === '$default' ? null : routeKey,
    request: {
      headers: pairs(payload.multiValueHeaders, payload.headers),
      query: pairs(payload.multiValueQueryStringParameters, payload.queryStringParameters),
      client_ip: identity?.sourceIp,
    },
    auth: Object.keys(auth).length ? auth : null,
  });
}

/** Returns names with each of their values. */
function pairs(lists, values) {
  lists ??= map_values(values ?? {}, (it) => [it]);
  return Object.entries(lists).flatMap(([name, all]) => all.map((it) => [name, it]));
}

/** Returns what an authorizer of the API found out: a token's claims, or what the app's own function said. */
function caller(authorizer) {
  if (authorizer?.jwt) return authorizer.jwt.claims ?? {};
  return authorizer?.lambda ?? null;
}

/** Returns the trigger whose source has this ARN, else the one whose name is known only to AWS. */
export function trigger_of(config, arn, kind) {
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
export function from_sqs(config, records) {
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
