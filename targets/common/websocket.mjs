// The portable event of what happens on a websocket.

import { event as event_of, record } from './event.mjs';
import { http_event } from './request.mjs';

/**
 * Returns the event of a websocket.
 *
 * `happened` is "connect", "disconnect" or "message"; `route` the route that took a message, null where no other did;
 * `request` holds the members `headers`, `query`, `cookies` and `client_ip` of `http_event`, by which the client
 * connects; `auth` is what the app's own authorizer said when it did.
 */
export function websocket_event(config, members) {
  const { happened, id, connection, time, body = '', route = null, request = {}, auth = null } = members;
  const source = config.function;
  const made = record({ id, source, type: `fnc.websocket.${happened}`, body, time, connection });
  if (happened === 'connect') {
    const asked = http_event(config, { ...request, method: 'GET', path: '/', route: '/' }).request;
    const { headers, query, query_all, cookies, client_ip } = asked;
    made.request = { headers, query, query_all, cookies, client_ip };
  } else if (happened === 'message') {
    made.route = route;
  }
  made.auth = auth;
  return event_of(config, 'websocket', source, [made]);
}

/** Tells whether a client asks to connect: the answer decides whether it may. */
export function is_connect(event) {
  return event.trigger === 'websocket' && event.records[0].type === 'fnc.websocket.connect';
}
