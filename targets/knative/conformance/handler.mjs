// The function that `drive.py` has the server call.

import { appendFileSync } from 'node:fs';

let running = 0;

export async function handle(event, context) {
  running += 1;
  try {
    return await work(event, context, running);
  } finally {
    running -= 1;
  }
}

async function work(event, context, at_once) {
  if (event.request) {
    if ('fail' in event.request.query) throw new Error('a request that failed');
    return { statusCode: 201, headers: { 'x-answer': 'ö' }, cookies: ['a=1'], body: event };
  }
  appendFileSync(process.env.NOTES, `${JSON.stringify({ ...event, at_once })}\n`);
  const data = event.records[0].data ?? {};
  if (data.sleep) await new Promise((done) => setTimeout(done, data.sleep * 1000));
  if (data.fail) throw new Error('an event that failed');
  if (data.send) {
    const [queue, message, attributes, group] = data.send;
    await context.send(queue, message, { attributes, group });
  }
  if (data.publish) await context.publish(...data.publish);
  if (data.event) {
    const [bus, payload, type, subject] = data.event;
    await context.publish(bus, payload, { type, subject });
  }
  if (data.write) await context.write(data.write[0], data.write[1], { key: data.write[2] });
  if (data.invoke) context.log('answer', { answer: await context.invoke(...data.invoke) });
  if (data.delay) await context.send(...data.delay, { delay: '5m' });
  return null;
}

/** Written for AWS Lambda, whose events it gets under `contract lambda`. */
export async function moved(event, context) {
  if (event.Records) {
    appendFileSync(process.env.NOTES, `${JSON.stringify({ ...event, context: [context.functionName, context.memoryLimitInMB] })}\n`);
    const failed = event.Records.filter((it) => JSON.parse(it.body).fail);
    return { batchItemFailures: failed.map((it) => ({ itemIdentifier: it.messageId })) };
  }
  return { statusCode: 201, headers: { 'x-answer': event.routeKey }, body: JSON.stringify(event) };
}
