// The handlers of `app.fn`, as the router's functions run them.

/** Tells what it was called with; what it says of other sites is none of its business. */
export function show(event) {
  const { route, params, body, auth } = event.request;
  return {
    statusCode: 200,
    headers: {
      'x-own': '1',
      vary: 'accept',
      'access-control-allow-origin': 'https://handler.example',
      'access-control-expose-headers': 'x-own',
    },
    body: { function: event.function, route, params, body, auth },
  };
}

/** Lets in who says the name that the path holds. */
export function door(event) {
  const { headers, params, route, body } = event.request;
  const who = headers['x-who'];
  const context = { who: params.id, route, source: event.source, body };
  if (who === 'broken') throw new Error('this door is broken');
  const answers = {
    almost: { isAuthorized: 'true', context },
    nothing: null,
    silent: { isAuthorized: true },
    listed: { isAuthorized: true, context: ['not', 'an', 'object'] },
    any: { isAuthorized: true, context },
  };
  return who in answers ? answers[who] : { isAuthorized: who === params.id, context };
}
