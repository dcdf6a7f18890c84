// Puts each item of the files into the queue.
export async function handler(event, context) {
  for (const record of event.records) {
    const file = await context.get('input', record.key);
    if (file === null) {
      context.log('gone before it was read', { key: record.key });
      continue;
    }
    if (!Array.isArray(file.data)) {
      throw new Error(`${record.key} holds no list`);
    }
    for (const item of file.data) {
      await context.send('items', item);
    }
    context.log('queued', { key: record.key, items: file.data.length });
  }
}
