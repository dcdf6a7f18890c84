export async function handler(event, context) {
  for (const record of event.records) {
    context.log('created', { id: record.new.id });
  }
}
