export async function handler(event, context) {
  for (const record of event.records) {
    context.log('deleted', { id: record.keys.id });
  }
}
