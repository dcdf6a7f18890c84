// What `portable.Context` does with AWS's services.

import { MORE_ATTRIBUTES, as_bytes, bus_request, kinesis_request, queue_url, sns_request, sqs_request } from './messages.mjs';
import * as portable from './portable.mjs';
import { dynamo_row, plain_row, query_request } from './rows.mjs';
import { address, call_aws } from './services.mjs';

/** Sends a message to a queue, publishes it to a topic or a bus, or writes it to a stream. */
export async function send(resource, verb, message) {
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

/** Returns a bucket's name; of one that another stack exports only the ARN is known. */
const bucket_name = (bucket) => address('BUCKET', bucket).split(':').pop();
const unquoted = (etag) => etag.replaceAll('"', '');
const call_s3 = (operation, request) => call_aws('s3', 'S3', operation, request);
const call_dynamo = (operation, request) => call_aws('dynamodb', 'DynamoDB', operation, request);

// Metadata of S3 is ASCII only.
const ascii = (text) => text.replace(/[\u0080-\uffff]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));

/** What `portable.Context` does beyond sending. */
export const store = {
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

  async reply(connection, message) {
    const request = { ConnectionId: connection, Data: as_bytes(message) };
    // Each websocket has an endpoint of its own.
    const options = { endpoint: process.env.FNC_WEBSOCKET };
    try {
      await call_aws('apigatewaymanagementapi', 'ApiGatewayManagementApi', 'PostToConnection', request, options);
    } catch (error) {
      if (error.name === 'GoneException') return false;
      throw error;
    }
    return true;
  },
};
