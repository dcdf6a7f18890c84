// Messages, and direct calls.
import assert from 'node:assert/strict';

export function ordered({ source, records: [record] }) {
  assert.equal(source, 'in_order');
  assert.equal(record.group, 'group-1');
  assert.deepEqual(record.attributes, { kind: 'test' });
}

export async function news({ trigger, source, records: [record] }) {
  if (trigger === 'schedule') return;
  assert.equal(record.group, source === 'news_in_order' ? 'group-1' : undefined);
  assert.equal(record.data.total, 12);
}

export function by_hand({ trigger, records: [record] }) {
  assert.equal(trigger, 'invoke');
  assert.equal(record.data.total, 12);
  return { done: true };
}
