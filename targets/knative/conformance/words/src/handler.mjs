// Answers with the event.

export function handle(event) {
  return event;
}
