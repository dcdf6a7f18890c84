// Notes a new team, and asks for each of its channels to be read.
export async function handler(event, context) {
  for (const record of event.records) {
    const { team, channels = [] } = record.data;
    await context.put('raw_data', `${team}/team.json`, { team, channels });
    for (const channel of channels) {
      await context.publish('brain', { team, channel }, { type: 'CHANNEL_ADDED' });
    }
    context.log('team added', { team, channels: channels.length, stage: process.env.STAGE });
  }
}
