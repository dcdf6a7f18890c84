// Two readers of the same topic: each gets every reading.

export function index(event, context) {
  for (const { data } of event.records) {
    context.log('indexed', { device: data.device, value: data.value });
  }
}

export function alarm(event, context) {
  const limit = Number(process.env.LIMIT);
  for (const { data } of event.records) {
    if (data.value > limit) {
      context.log('too high', { device: data.device, value: data.value, limit });
    }
  }
}
