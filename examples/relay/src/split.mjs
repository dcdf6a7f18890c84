// Splits reports into readings. A report that can't be read fails alone and is tried again.

export async function handle(event, context) {
  const failures = [];
  for (const record of event.records) {
    const { device, readings } = record.data;
    if (!readings.every(Number.isFinite)) {
      context.log('unreadable report', { device, attempt: record.attempt });
      failures.push(record.id);
      continue;
    }
    for (const value of readings) {
      await context.publish('readings', { device, value });
    }
  }
  return { failures };
}
