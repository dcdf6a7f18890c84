// Queues what is posted, and works on it later.

export async function sender(event, context) {
  const text = event.request.body?.trim();
  if (!text) {
    return { statusCode: 400, body: { message: 'nothing was posted' } };
  }
  await context.send('receiver_queue', text, { attributes: { length: String(text.length) } });
  return { statusCode: 202, body: { message: 'queued' } };
}

export function receiver(event, context) {
  for (const record of event.records) {
    const words = record.body.split(/\s+/).length;
    context.log('received', { id: record.id, words, length: record.attributes.length });
  }
}
