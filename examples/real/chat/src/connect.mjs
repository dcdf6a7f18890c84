// One room for everybody: its rows are read with one query.
export async function handle(event, context) {
  for (const { connection } of event.records) {
    await context.put("connections", { room: "everybody", connection });
  }
}
