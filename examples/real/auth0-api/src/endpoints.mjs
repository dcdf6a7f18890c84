export async function open() {
  return { statusCode: 200, body: { message: 'Hello, everybody' } };
}

export async function closed(event) {
  return { statusCode: 200, body: { message: `Hello, ${event.request.auth.user}` } };
}
