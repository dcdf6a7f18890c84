export async function handle(event, context) {
  if ('rawPath' in event) return { statusCode: 200, body: context.functionName };
  if (event.depth !== 1) throw new Error(JSON.stringify(event));
}
