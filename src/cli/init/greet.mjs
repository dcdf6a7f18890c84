// Greets whoever asks, and leaves a task.

export async function handle(event, context) {
  const { name } = event.request.params;
  await context.send('tasks', { name });
  return { message: `Hello, ${name}!` };
}
