// Drives a server of the image with the CloudEvents SDK for JavaScript: `node sdk.mjs PORT`, packages from NODE_PATH's place.
// It prints what the server answered, one JSON line a request.

import { createRequire } from 'node:module';

const require = createRequire(`${process.argv[3]}/`);
const { CloudEvent, HTTP } = require('cloudevents');
const base = `http://127.0.0.1:${process.argv[2]}`;
const attributes = { id: 'js-1', source: '/shop/checkout', type: 'fnc.queue.message', datacontenttype: 'application/json' };

async function send(event, form, path = '/_fnc/queue/orders') {
  const { headers, body } = HTTP[form](event);
  const answer = await fetch(base + path, { method: 'POST', headers, body });
  console.log(JSON.stringify({ form, path, status: answer.status, body: await answer.text() }));
}

for (const form of ['binary', 'structured']) {
  await send(new CloudEvent({ ...attributes, data: { total: 12, who: 'Zoë' }, partitionkey: '7' }), form);
  await send(new CloudEvent({ ...attributes, id: 'js-2', datacontenttype: 'text/plain', data: 'plain text' }), form);
  await send(new CloudEvent({ ...attributes, id: 'js-3', data: { fail: true } }), form);
  await send(new CloudEvent({ ...attributes, id: 'js-4', type: 'dev.knative.sources.ping', data: { depth: 2 } }), form, '/_fnc/schedule');
}
