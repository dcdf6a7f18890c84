// Writes items into the table; an item without an ID fails by itself.
export async function handler(event, context) {
  const failures = [];
  for (const record of event.records) {
    if (typeof record.data?.ID === 'string') {
      await context.put('imported', record.data);
    } else {
      context.log('no ID', { message: record.id });
      failures.push(record.id);
    }
  }
  return { failures };
}
