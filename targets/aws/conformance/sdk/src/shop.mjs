// Handlers in the style of AWS's own examples; nothing here is of this project's.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';

const [sns, sqs, s3] = [new SNSClient({}), new SQSClient({}), new S3Client({})];
const rows = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const { PLACED: TopicArn, ORDERS: QueueUrl, RECEIPTS: Bucket, TOTALS: TableName, DAYS } = process.env;

const steps = {
  async publish(order) {
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'vip & "more"' } };
    const { MessageId } = await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(order), MessageAttributes }));
    return { id: MessageId };
  },
  async batch() {
    const PublishBatchRequestEntries = ['a', 'b'].map((id) => ({ Id: id, Message: JSON.stringify({ id: `batch-${id}` }) }));
    const { Successful, Failed } = await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    return { sent: Successful.map((it) => it.Id), failed: (Failed ?? []).length };
  },
  async send() {
    const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"id": "from-node"}' }));
    return { id: MessageId };
  },
  async row({ id }) {
    await rows.send(new PutCommand({ TableName, Item: { id, total: 12.5, tags: ['a', null, true], of: { deep: 1 } } }));
    const { Item } = await rows.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
    await rows.send(new DeleteCommand({ TableName, Key: { id } }));
    const gone = await rows.send(new GetCommand({ TableName, Key: { id } }));
    return { item: Item, gone: gone.Item === undefined };
  },
  async rows() {
    const writes = ['r1', 'r2'].map((id) => ({ PutRequest: { Item: { id, n: 1 } } }));
    await rows.send(new BatchWriteCommand({ RequestItems: { [TableName]: writes } }));
    const Keys = [{ id: 'r1' }, { id: 'r2' }, { id: 'r3' }];
    const { Responses } = await rows.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys } } }));
    return Responses[TableName].map((it) => it.id);
  },
  async get({ id }) {
    return (await rows.send(new GetCommand({ TableName, Key: { id } }))).Item ?? null;
  },
  async object() {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'from/node', Body: Buffer.from([0, 255]), Metadata: { who: 'zoe' } }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'from/node' }));
    return { bytes: [...(await got.Body.transformToByteArray())], who: got.Metadata.who };
  },
  condition: ({ id }) =>
    rows.send(new PutCommand({ TableName, Item: { id }, ConditionExpression: 'attribute_not_exists(id)' })),
  old: ({ id }) => rows.send(new PutCommand({ TableName, Item: { id }, ReturnValues: 'ALL_OLD' })),
  sets: ({ id }) => rows.send(new PutCommand({ TableName, Item: { id, tags: new Set(['a']) } })),
  async query() {
    for (const day of [1, 2, 3, 4]) await rows.send(new PutCommand({ TableName: DAYS, Item: { id: 'a', day } }));
    const found = await rows.send(
      new QueryCommand({
        TableName: DAYS,
        KeyConditionExpression: 'id = :id AND #day BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#day': 'day' },
        ExpressionAttributeValues: { ':id': 'a', ':from': 2, ':to': 9 },
        ScanIndexForward: false,
        Limit: 2,
      }),
    );
    return { days: found.Items.map((it) => it.day), more: found.LastEvaluatedKey !== undefined };
  },
  filter: () =>
    rows.send(
      new QueryCommand({
        TableName: DAYS,
        KeyConditionExpression: 'id = :id',
        FilterExpression: 'n > :id',
        ExpressionAttributeValues: { ':id': 'a' },
      }),
    ),
  subject: () => sns.send(new PublishCommand({ TopicArn, Message: '{}', Subject: 'hello' })),
};

export async function tell(event) {
  let made;
  try {
    made = await steps[event.pathParameters.step](JSON.parse(event.body ?? '{}'));
  } catch (error) {
    made = { code: error.name, message: error.message };
  }
  return { statusCode: 200, body: JSON.stringify(made) };
}

export async function heard(event) {
  for (const { Sns } of event.Records) {
    const order = JSON.parse(Sns.Message);
    const kind = Sns.MessageAttributes.kind?.Value ?? 'none';
    await rows.send(new PutCommand({ TableName, Item: { id: order.id, kind } }));
  }
}
