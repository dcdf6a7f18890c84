// Rows of tables, and their changes.
import assert from 'node:assert/strict';

export async function keep(event, context) {
  const first = { id: 'a', at: 1, email: 'x', list: [1, { deep: null }], half: 0.5 };
  const second = { id: 'a', at: 2, email: 'x', until: 4_102_444_800 };
  const other = { id: 'b/ Zoë?', at: -5, email: 'x', until: Math.floor(Date.now() / 1000) + 3600 };
  for (const row of [first, second, { id: 'a', at: 10 }, other, other]) await context.put('users', row);
  assert.deepEqual(await context.get('users', { id: 'a', at: 1 }), first);
  assert.equal(await context.get('users', { id: 'a', at: 3 }), null);
  assert.deepEqual(await context.get('users', { at: -5, id: 'b/ Zoë?' }), other);
  const found = async (key, more) => (await context.query('users', key, more)).map((it) => it.at);
  assert.deepEqual(await found({ id: 'a' }), [1, 2, 10]);
  assert.deepEqual(await found({ id: 'a' }, { limit: 2, descending: true }), [10, 2]);
  assert.deepEqual(await found({ id: 'a', at: 2 }), [2]);
  assert.deepEqual(await found({ id: 'a', at: { from: 2 } }), [2, 10]);
  assert.deepEqual(await found({ id: 'a', at: { to: 2 } }), [1, 2]);
  assert.deepEqual(await found({ id: 'a', at: { from: 2, to: 9 } }), [2]);
  assert.deepEqual(await found({ email: 'x' }, { index: 'by_email' }), [-5, 1, 2]);
  assert.deepEqual(await found({ id: 'none' }), []);
  assert.deepEqual(await found({ email: 'x' }, { index: 'by_email', limit: 1, descending: true }), [2]);
  await context.put('users', { ...first, email: 'y' });
  assert.deepEqual(await found({ email: 'x' }, { index: 'by_email' }), [-5, 2]);
  const wrong = [
    () => context.put('users', { id: 'a' }),
    () => context.put('users', { id: 'a', at: '1' }),
    () => context.put('users', { id: '', at: 1 }),
    () => context.put('users', { ...first, email: 7 }),
    () => context.get('users', first),
    () => context.query('users', { email: 'x' }),
    () => context.query('users', { id: 'a' }, { index: 'none' }),
    () => context.put('counts', { id: 2 ** 60 }),
  ];
  for (const it of wrong) await assert.rejects(it, RangeError);
  for (const at of [2, 2, 10]) await context.delete('users', { id: 'a', at });
  assert.deepEqual(await found({ id: 'a' }), [1]);
  await context.put('counts', { id: 7, n: true });
  await context.put('counts', { id: 7, n: 1 });
  assert.deepEqual(await context.query('counts', { id: 7 }), [{ id: 7, n: 1 }]);
  assert.deepEqual(await context.query('counts', { id: 8 }), []);
  assert.deepEqual(await context.query('counts', { id: 7 }, { limit: 0 }), []);
  await context.delete('counts', { id: 7 });
  assert.equal(await context.get('counts', { id: 7 }), null);
  await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((n) => context.put('counts', { id: 9, n })));
  return { statusCode: 204 };
}

export function audit({ trigger, source, records: [inserted, updated, deleted] }) {
  assert.deepEqual([trigger, source], ['table', 'users']);
  assert.deepEqual([inserted.id, inserted.action, inserted.old], ['c-0', 'inserted', null]);
  assert.deepEqual([inserted.new.total, inserted.keys], [12, { id: 1 }]);
  assert.deepEqual([updated.type, updated.new.name, updated.old.name], ['fnc.table.updated', 'else', 'something']);
  assert.deepEqual([deleted.new, deleted.old, deleted.attempt], [null, inserted.new, 1]);
}

export function halve({ records }) {
  if (records.some((it) => it.action === 'updated')) throw new Error(`no luck with ${records.length}`);
}
