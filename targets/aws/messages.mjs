// What is sent and published, as SQS, SNS, Kinesis and EventBridge take it, and what of it comes back.

import { randomUUID } from 'node:crypto';
import { is_object, map_values } from './encoding.mjs';
import * as portable from './portable.mjs';

// SQS and SNS carry ten attributes a message, none of them empty; what doesn't fit travels in this one.
export const MORE_ATTRIBUTES = 'fnc-attributes';
const MAX_ATTRIBUTES = 10;
// Where a fifo message names no group: all such messages keep one order.
const NO_GROUP = 'default';

/** Returns a queue's URL; of a queue that another stack exports only the ARN is known. */
export function queue_url(place) {
  if (!place.startsWith('arn:')) return place;
  const [, partition, , region, account, name] = place.split(':');
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://sqs.${region}.${domain}/${account}/${name}`;
}

/** Returns the input of Kinesis PutRecord; without a key a record may go to any shard. */
export function kinesis_request(arn, message) {
  return { StreamARN: arn, PartitionKey: message.key || randomUUID(), Data: as_bytes(message) };
}

export const as_bytes = ({ body, base64 }) => Buffer.from(body, base64 ? 'base64' : 'utf8');

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
