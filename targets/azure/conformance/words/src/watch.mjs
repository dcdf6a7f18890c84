// Records of streams, buckets and buses.
import assert from 'node:assert/strict';

export async function clicks({ trigger, source, records: [first, second] }, context) {
  assert.deepEqual([trigger, source], ['stream', 'clicks']);
  assert.deepEqual([first.id, first.shard, first.sequence, first.key], ['3:7', '3', '7', 'k']);
  assert.equal(first.data.total, 12);
  assert.deepEqual(first.attributes, { kind: 'test' });
  assert.deepEqual([second.body, second.data], ['plain text', null]);
  await context.write('clicks', { seen: 2 }, { key: 'k' });
  await context.write('late', Buffer.from([0, 255]));
}

export function fail() {
  throw new Error('no luck');
}

export async function created({ trigger, records: [record] }, context) {
  assert.deepEqual([trigger, record.action, record.attempt], ['bucket', 'created', 2]);
  assert.deepEqual([record.key, record.size, record.etag], ['in/Zoë & co.png', 7, '0x8D4BCC2E4835CD0']);
  await context.put('receipts', record.key, { ok: true }, { attributes: { who: 'Zoë' } });
  const made = await context.get('receipts', record.key);
  assert.deepEqual([made.data, made.attributes, made.size], [{ ok: true }, { who: 'Zoë' }, 11]);
  assert.equal(made.content_type, 'application/json');
  await context.put('receipts', 'in/b.bin', Buffer.from([0, 255]));
  assert.equal((await context.get('receipts', 'in/b.bin')).base64, true);
  const listed = await context.list('receipts', { prefix: 'in/' });
  assert.deepEqual(listed.map((it) => it.key), ['in/Zoë & co.png', 'in/b.bin']);
  assert.deepEqual([listed[0].etag, listed[0].time], [made.etag, made.time]);
  assert.equal((await context.list('receipts', { limit: 1 })).length, 1);
  for (const key of ['in/b.bin', 'in/b.bin', 'in/Zoë & co.png']) await context.delete('receipts', key);
  assert.equal(await context.get('receipts', 'in/b.bin'), null);
  assert.deepEqual(await context.list('receipts'), []);
  await context.publish('shop_events', { id: 7 }, { type: 'order.placed', subject: 'orders/7', attributes: { Kind: 'vip' } });
  await context.publish('shop_events', Buffer.from([0, 255]), { type: 'order.scanned' });
  await context.publish('shop_events', 'plain', { type: 'order.noted' });
}

export function deleted({ records: [record] }) {
  assert.deepEqual([record.type, record.size, record.etag], ['fnc.bucket.deleted', null, null]);
}

export function placed({ trigger, source, records: [record] }) {
  assert.deepEqual([trigger, source, record.type], ['event', 'shop_events', 'order.placed']);
  assert.equal(record.data.total, 12);
  assert.deepEqual(record.attributes, { kind: 'test' });
  assert.deepEqual([record.subject, record.attempt], ['orders/7', 2]);
}
