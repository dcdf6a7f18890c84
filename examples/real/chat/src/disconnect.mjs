export async function handle(event, context) {
  for (const { connection } of event.records) {
    await context.delete("connections", { room: "everybody", connection });
  }
}
