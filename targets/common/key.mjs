// Routes that only who knows a secret may call.

import { createHash, timingSafeEqual } from 'node:crypto';
import { find_trigger } from './event.mjs';
import { is_connect } from './websocket.mjs';

export const HEADER = 'x-api-key';
export const UNAUTHORIZED = {
  statusCode: 401,
  headers: { 'www-authenticate': `ApiKey header="${HEADER}"` },
  body: { error: 'unauthorized' },
};

/**
 * Returns the name of the secret that a route asks for, null where it asks for none.
 *
 * A method of its own wins over `ANY`. A route that isn't among the triggers is nobody's to call.
 */
export function key_of(triggers, method, route) {
  const own = (triggers ?? []).filter((it) => it.kind === 'http' && it.route === route);
  const found = own.find((it) => it.method === method) ?? own.find((it) => it.method === 'ANY');
  if (!found) throw new Error(`no trigger takes ${method} ${route}`);
  return found.key ?? null;
}

/**
 * Returns the answer of a request, or of a client that connects, without the key of its route, else null; `value_of`
 * gives a secret's value.
 */
export function refusal(config, event, value_of) {
  const triggers = config.triggers ?? [];
  if (!triggers.some((it) => 'key' in it)) return null;
  let secret, headers;
  if (is_connect(event)) {
    ({ headers } = event.records[0].request);
    secret = find_trigger(config, 'websocket', { event: 'connect' }).key ?? null;
  } else if (event.trigger === 'http') {
    ({ headers } = event.request);
    secret = key_of(triggers, event.request.method, event.request.route);
  } else {
    return null;
  }
  if (secret === null || is_key(headers[HEADER], value_of(secret))) return null;
  return UNAUTHORIZED;
}

/** Compares in a time that tells nothing of the secret, not even its length; an empty secret lets nobody in. */
export function is_key(given, wanted) {
  if (!given || !wanted) return false;
  const [a, b] = [given, wanted].map((it) => createHash('sha256').update(it).digest());
  return timingSafeEqual(a, b);
}
