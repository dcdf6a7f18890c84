// Takes a device's report and answers at once.

export async function handle(event, context) {
  const { params, data } = event.request;
  if (!Array.isArray(data?.readings)) {
    return { statusCode: 400, body: { error: 'a report is an object with a list of readings' } };
  }
  await context.send('inbox', { device: params.device, readings: data.readings });
  return { statusCode: 202, body: { device: params.device, readings: data.readings.length } };
}
