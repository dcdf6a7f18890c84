// Requests: the paths' parts, and everything that a handler may send.
import assert from 'node:assert/strict';

export async function root({ request }, context) {
  assert.deepEqual(request.query, { a: '1' });
  assert.deepEqual(request.params, request.path === '/node' ? {} : { folder: 'World', rest: 'a/b' });
  assert.ok(context.remaining_ms() > 0 && context.remaining_ms() <= 20_000);
  await context.send('plain', { n: 1 }, { attributes: { Kind: 'upper' } });
  await context.send('in_order', Buffer.from([255, 0]), { group: 'g', delay: '1m' });
  await context.publish('news', 'text');
  await context.publish('news_in_order', [1]);
  return { statusCode: 200, cookies: ['a=1; Path=/; HttpOnly'], body: request.params };
}

export function keyed(event) {
  return { id: event.request.params.id };
}

export function shown(event) {
  const { route, auth } = event.request;
  if (route === '/node/shown/{id}') {
    const { iss, sub, level, groups } = auth;
    const good = iss === 'https://issuer.example.com/' && sub === 'user-7' && level === '3' && groups === '[a b]';
    if (!good) throw new Error(JSON.stringify(auth));
  } else if (auth !== null) {
    throw new Error('nobody asked for a token');
  }
  return { statusCode: 200, headers: { vary: 'accept', 'access-control-allow-origin': 'https://evil.example.com' } };
}
