// Ticks.
import assert from 'node:assert/strict';

export function handle({ records: [record] }) {
  assert.equal(record.scheduled, '2026-01-31T03:00:00.000Z');
  assert.equal(record.attempt, 1);
  assert.deepEqual(record.input, { depth: 2 });
}

export async function fail() {
  throw new Error('no luck');
}

export async function sleep() {
  await new Promise((done) => setTimeout(done, 3000));
}
