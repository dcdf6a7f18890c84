// Works on tasks. An exception fails the whole batch; `failures` fails some of it.

export function handle(event, context) {
  const failures = [];
  for (const record of event.records) {
    const { name } = record.data;
    if (name === 'nobody') {
      failures.push(record.id);
    } else {
      context.log('worked', { name, attempt: record.attempt });
    }
  }
  return { failures };
}
