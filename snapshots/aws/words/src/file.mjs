export async function handle(event, context) {
  return null;
}
