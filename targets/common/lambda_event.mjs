// Portable events as AWS writes them; `src/event/aws/lambda.rs` does the same for the local run.

import { createHash } from 'node:crypto';
import { from_json, is_object, map_values, object, to_json } from './encoding.mjs';
import { BASE64_ATTRIBUTE } from './event.mjs';

export const ACCOUNT = '000000000000';
const TEXT_TYPES = ['', 'application/json', 'application/xml', 'application/javascript'];

/** Returns what Lambda would hand a function with this config for an event that comes now. */
export function to_lambda(config, event, request_id, now_ms) {
  if (event.request) return http(config, event.request, request_id, now_ms);
  const { trigger, records } = event;
  const region = region_of(config);
  const kind = trigger === 'topic' && is_fifo_topic(config, event.source) ? 'fifo topic' : trigger;
  if (LISTS.has(kind)) return { Records: records.map((it) => LISTS.get(kind)(it, region, event)) };
  return ({ event: bus, schedule: tick }[kind] ?? called)(records[0], region);
}

export const region_of = (config) => config.region ?? 'local';

export const is_fifo_topic = (config, source) =>
  (config.triggers ?? []).some((it) => it.kind === 'topic' && it.source === source && it.fifo === true);

const arn = (service, region, name) => `arn:aws:${service}:${region}:${ACCOUNT}:${name}`;

function http(config, request, request_id, now_ms) {
  const { method, route, headers } = request;
  const own = (config.triggers ?? []).filter((it) => it.route === route && [method, 'ANY'].includes(it.method));
  const exactly = config.authorizes || own.some((it) => it.method === method);
  const key = `${exactly ? method : 'ANY'} ${route}`;
  const place = region_of(config);
  const context = {
    accountId: ACCOUNT,
    apiId: place,
    domainName: headers.host ?? '',
    domainPrefix: place,
    http: {
      method,
      path: request.path,
      protocol: 'HTTP/1.1',
      sourceIp: request.client_ip,
      userAgent: headers['user-agent'] ?? '',
    },
    requestId: request_id,
    routeKey: key,
    stage: '$default',
    time: clf(now_ms),
    timeEpoch: now_ms,
  };
  if (request.auth !== null) {
    const claims = own.some((it) => 'jwt' in it);
    context.authorizer = claims ? { jwt: { claims: request.auth, scopes: null } } : { lambda: request.auth };
  }
  const all = Object.entries(request.query_all);
  const query = all.flatMap(([name, values]) => values.map((it) => `${formed(name)}=${formed(it)}`));
  const made = { version: '2.0', routeKey: key, rawPath: request.path, rawQueryString: query.join('&') };
  if (config.authorizes) {
    const of_api = `${arn('execute-api', place, place)}/$default/${method}${request.path}`;
    Object.assign(made, { type: 'REQUEST', routeArn: of_api, identitySource: null });
  }
  const cookies = Object.entries(request.cookies).map(([name, it]) => `${name}=${it}`);
  if (cookies.length) Object.assign(made, { cookies });
  made.headers = headers;
  if (all.length) made.queryStringParameters = object(all.map(([name, it]) => [name, it.join(',')]));
  made.requestContext = context;
  if (Object.keys(request.params).length) made.pathParameters = request.params;
  let encoded = request.base64;
  if (request.body !== null) {
    // API Gateway encodes whatever its content type doesn't call text.
    encoded ||= !is_text(headers['content-type'] ?? '');
    made.body = encoded && !request.base64 ? base64(request.body) : request.body;
  }
  return { ...made, isBase64Encoded: encoded };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Returns a time as a log of web servers has it. */
function clf(now_ms) {
  const text = new Date(now_ms).toISOString();
  return `${text.slice(8, 10)}/${MONTHS[Number(text.slice(5, 7)) - 1]}/${text.slice(0, 4)}:${text.slice(11, 19)} +0000`;
}

function is_text(kind) {
  const plain = kind.split(';')[0].trim().toLowerCase();
  return plain.startsWith('text/') || TEXT_TYPES.includes(plain);
}

/** Returns text as a form writes it ("URL Standard", application/x-www-form-urlencoded). */
const formed = (text) => new URLSearchParams([['', text]]).toString().slice(1);

const base64 = (text) => Buffer.from(text).toString('base64');

/** Returns a record's attributes, as a transport of text carries them beside its body. */
const attributes = (record) => ({ ...record.attributes, ...(record.base64 ? { [BASE64_ATTRIBUTE]: 'true' } : {}) });

function sqs(record, region) {
  const told = (it) => ({ stringValue: it, stringListValues: [], binaryListValues: [], dataType: 'String' });
  return message(record, region, record.body, map_values(attributes(record), told));
}

function message(record, region, body, messageAttributes) {
  const sent = String(Date.parse(record.time));
  const known = {
    ApproximateReceiveCount: String(record.attempt),
    SentTimestamp: sent,
    SenderId: region,
    ApproximateFirstReceiveTimestamp: sent,
  };
  const group = record.group ?? null;
  if (group !== null) {
    Object.assign(known, { SequenceNumber: number_of(record), MessageGroupId: group, MessageDeduplicationId: record.id });
  }
  return {
    messageId: record.id,
    receiptHandle: `${region}-${record.id}-${record.attempt}`,
    body,
    attributes: known,
    messageAttributes,
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: arn('sqs', region, `${record.source}${group === null ? '' : '.fifo'}`),
    awsRegion: region,
  };
}

const notification = (record, region) => ({
  Type: 'Notification',
  MessageId: record.id,
  TopicArn: arn('sns', region, record.source),
  Subject: null,
  Message: record.body,
  Timestamp: record.time,
  SignatureVersion: '1',
  Signature: region,
  SigningCertUrl: 'http://localhost/',
  UnsubscribeUrl: 'http://localhost/',
  MessageAttributes: map_values(attributes(record), (it) => ({ Type: 'String', Value: it })),
});

const sns = (record, region) => ({
  EventSource: 'aws:sns',
  EventVersion: '1.0',
  EventSubscriptionArn: `${arn('sns', region, record.source)}:${region}`,
  Sns: notification(record, region),
});

const sns_in_sqs = (record, region) => message(record, region, to_json(notification(record, region)), {});

function kinesis(record, region, event) {
  const sequence = item_of(record);
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.key ?? '',
      sequenceNumber: sequence,
      data: record.base64 ? record.body : base64(record.body),
      approximateArrivalTimestamp: Date.parse(record.time) / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${record.shard ?? 'shardId-000000000000'}:${sequence}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: `arn:aws:iam::${ACCOUNT}:role/${event.function}`,
    awsRegion: region,
    eventSourceARN: arn('kinesis', region, `stream/${record.source}`),
  };
}

function dynamo(record, region) {
  const images = [['Keys', record.keys], ['NewImage', record.new], ['OldImage', record.old]];
  const change = { ApproximateCreationDateTime: Math.floor(Date.parse(record.time) / 1000) };
  for (const [name, image] of images) if (is_object(image)) change[name] = map_values(image, typed);
  Object.assign(change, {
    SequenceNumber: item_of(record),
    SizeBytes: Buffer.byteLength(record.body),
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  });
  return {
    eventID: record.id,
    eventName: { inserted: 'INSERT', deleted: 'REMOVE' }[record.action] ?? 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: change,
    eventSourceARN: arn('dynamodb', region, `table/${record.source}/stream/1970-01-01T00:00:00.000`),
  };
}

/** Returns JSON as a typed value of DynamoDB. */
function typed(value) {
  if (value === null) return { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'string') return { S: value };
  return Array.isArray(value) ? { L: value.map(typed) } : { M: map_values(value, typed) };
}

function s3(record, region) {
  const created = record.action === 'created';
  const [key, bucket] = [record.key ?? '', record.source];
  const found = created ? { size: record.size, eTag: record.etag } : {};
  const sequencer = record.id.endsWith(`:${key}`) ? record.id.slice(0, -key.length - 1) : record.id;
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: record.time,
    eventName: created ? 'ObjectCreated:Put' : 'ObjectRemoved:Delete',
    userIdentity: { principalId: region },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': record.id, 'x-amz-id-2': region },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: region,
      object: { key: formed(key).replaceAll('%2F', '/'), ...found, sequencer },
      bucket: { name: bucket, ownerIdentity: { principalId: region }, arn: `arn:aws:s3:::${bucket}` },
    },
  };
}

const whole_seconds = (text) => `${text.slice(0, 19)}Z`;

function bus(record, region) {
  const told = attributes(record);
  const detail = { ...(is_object(record.data) ? record.data : { 'fnc-body': record.body }) };
  if (Object.keys(told).length) detail['fnc-attributes'] = told;
  return {
    version: '0',
    id: record.id,
    'detail-type': record.type,
    source: 'fnc',
    account: ACCOUNT,
    time: whole_seconds(record.time),
    region,
    resources: [record.subject].filter((it) => it != null),
    detail,
  };
}

/** Returns the input of a schedule, or without one the event of EventBridge. */
function tick(record, region) {
  if (Object.keys(record.input ?? {}).length) return record.input;
  return {
    version: '0',
    id: record.id,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ACCOUNT,
    time: whole_seconds(record.scheduled ?? record.time),
    region,
    resources: [arn('scheduler', region, `schedule/default/${record.source}`)],
    detail: {},
  };
}

/** Returns what a function is called with: JSON as it is, anything else as text. */
function called(record) {
  const data = record.base64 ? null : from_json(record.body);
  return data === null && (record.base64 || record.body.trim() !== 'null') ? record.body : data;
}

const LISTS = new Map(Object.entries({ queue: sqs, topic: sns, 'fifo topic': sns_in_sqs, stream: kinesis, table: dynamo, bucket: s3 }));

/** Returns by what an answer of a batch names a record. */
export const item_of = (record) => record.sequence ?? number_of(record);

/** Returns digits that stay the same for a record, and grow with time (FNV-1a). */
function number_of(record) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(record.id)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return String(Date.parse(record.time)).padStart(13, '0') + String(hash).padStart(20, '0');
}
