// A handler that was written for AWS Lambda: it knows AWS's events, and nothing of this project's.

import assert from 'node:assert/strict';

function record(it) {
  const source = it.eventSource ?? it.EventSource;
  assert.equal(it.awsRegion ?? 'azure', 'azure');
  if (source === 'aws:sqs') {
    const body = JSON.parse(it.body);
    // A fifo topic comes through a queue.
    const message = body.Type === 'Notification' ? JSON.parse(body.Message) : body;
    assert.equal(message.total, 12);
    assert.equal(it.attributes.ApproximateReceiveCount, '1');
  } else if (source === 'aws:sns') {
    assert.equal(JSON.parse(it.Sns.Message).total, 12);
    assert.equal(it.Sns.MessageAttributes.kind.Value, 'test');
  } else if (source === 'aws:kinesis') {
    const data = Buffer.from(it.kinesis.data, 'base64').toString();
    assert.ok(data === 'plain text' || JSON.parse(data).total === 12, data);
  } else if (source === 'aws:dynamodb') {
    assert.deepEqual(it.dynamodb.Keys.id, { N: '1' });
  } else {
    assert.equal(it.s3.object.key, 'in/Zo%C3%AB+%26+co.png');
  }
}

export async function handle(event, context) {
  assert.equal(context.functionName, 'moved_node');
  assert.ok(context.getRemainingTimeInMillis() > 0 && context.awsRequestId);
  if (event.Records) {
    event.Records.forEach(record);
    return { batchItemFailures: [] };
  }
  if (event.version === '2.0') {
    assert.equal(event.routeKey, 'POST /node/moved/{id}');
    const { claims } = event.requestContext.authorizer.jwt;
    return { statusCode: 200, headers: { 'content-type': 'text/plain' }, body: claims.sub };
  }
  assert.ok(['order.placed', 'Scheduled Event'].includes(event['detail-type']), JSON.stringify(event));
  return undefined;
}
