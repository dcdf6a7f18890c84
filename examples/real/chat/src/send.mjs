// A client sends {"action": "sendmessage", "data": "hello"}.
export async function handle(event, context) {
  const members = await context.query("connections", { room: "everybody" });
  for (const { data } of event.records) {
    await Promise.all(members.map(async ({ room, connection }) => {
      const there = await context.reply(connection, data.data);
      // Who went without a word is forgotten here.
      if (!there) await context.delete("connections", { room, connection });
    }));
  }
}
