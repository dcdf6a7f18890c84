// Who may call a route, and from pages of which other sites: what the router asks before it passes a request on.
//
// A route of `FNC_ROUTES` may hold `key`, the name of a secret whose value is in `FNC_KEY_NAME`; `jwt`,
// `{issuer, audience}`; `custom`, the service of a function that decides; and `cors`, which sites' pages may call it.

import { randomUUID } from 'node:crypto';
import * as key from './key.mjs';
import * as portable from './portable.mjs';
import * as sites from './sites.mjs';
import * as token from './token.mjs';
import { pairs, target } from './server.mjs';

// What the router found out about a caller, as JSON in base64, on its way to the function.
export const AUTH = 'x-fnc-auth';
// Longer than any function's timeout: the function answers first.
const DECIDE_MS = 610_000;

/** A caller that may not call the route, with the answer it gets. */
export class Turned extends Error {
  constructor(response) {
    super(`${response.status}`);
    this.response = response;
  }
}

/** Returns an answer in JSON. */
export function answered(status, body, headers = {}) {
  const list = [...Object.entries(headers), ['content-type', 'application/json']];
  return { status, headers: list, body: Buffer.from(portable.to_json(body)) };
}

/** Returns what is known of a caller who may call a route; throws `Turned` with the answer to one who may not. */
export async function admit(route, request, headers, address) {
  const first = {};
  for (const [name, value] of pairs(request)) first[name] ??= value;
  if (route.key !== undefined) {
    const given = Buffer.from(first[key.HEADER] ?? '', 'latin1').toString();
    if (!key.is_key(given, process.env[`FNC_KEY_${route.key}`.toUpperCase()])) throw new Turned(of(key.UNAUTHORIZED));
  } else if (route.jwt !== undefined) {
    try {
      return await token.claims_of(route.jwt, first);
    } catch (error) {
      if (error instanceof token.Refused) throw new Turned(of(token.UNAUTHORIZED));
      // What the issuer does wrong isn't the caller's fault.
      process.stderr.write(`${error.stack}\n`);
      throw new Turned(failed(request));
    }
  } else if (route.custom !== undefined) {
    return decided(route, request, headers, address(route.custom));
  }
  return null;
}

function of({ statusCode, headers, body }) {
  return answered(statusCode, body, headers);
}

/** Returns the answer where nothing could be found out about a caller. */
function failed(request) {
  const { headers, body } = portable.error_answer(request_id(request));
  return { status: 500, headers: Object.entries(headers), body: Buffer.from(body) };
}

function request_id(request) {
  const given = request.headers['x-request-id'] ?? '';
  return /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

/** Asks the function that decides; it sees the request without its body. */
async function decided(route, request, seen, address) {
  const [path, query] = target(request.url);
  const { method, socket } = request;
  const asked = { method, path, query, route: route.route, headers: seen, peer: socket.remoteAddress };
  let status = 0;
  let body;
  try {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(DECIDE_MS);
    const answer = await fetch(`${address}/_fnc/authorize`, { method: 'POST', headers, body: JSON.stringify(asked), redirect: 'manual', signal });
    body = await answer.text();
    status = answer.status;
  } catch (cause) {
    body = cause.cause?.message ?? cause.message;
  }
  if (status !== 200) {
    const line = { time: portable.timestamp(), level: 'error', message: `${address} can't decide: ${status} ${body.slice(0, 200)}` };
    process.stderr.write(`${JSON.stringify(line)}\n`);
    throw new Turned(failed(request));
  }
  const said = portable.from_json(body);
  if (said?.isAuthorized !== true) throw new Turned(answered(403, { error: 'forbidden' }));
  const known = said.context;
  return typeof known === 'object' && known !== null && !Array.isArray(known) ? known : {};
}

/** Returns the answer to a browser that asks before it calls; null where nobody asks, or no route has a word on it. */
export function preflight(request, find) {
  const { origin, 'access-control-request-method': method } = request.headers;
  if (request.method !== 'OPTIONS' || origin === undefined || method === undefined) return null;
  const cors = find(method)?.cors;
  if (!cors) return null;
  const headers = cors.origins.includes('*') ? [] : [['vary', 'origin']];
  return { status: 204, headers: [...headers, ...Object.entries(sites.offered(cors, origin) ?? {})], body: Buffer.alloc(0) };
}

/** Returns an answer's headers, as pairs, with what tells a browser whether the page that asked may read it. */
export function share({ cors }, request, headers) {
  if (!cors) return headers;
  // What a handler says of it itself doesn't count, as in the cloud.
  const kept = headers.filter(([name]) => !name.startsWith('access-control-'));
  if (!cors.origins.includes('*')) kept.push(['vary', 'origin']);
  const { origin } = request.headers;
  if (origin !== undefined) kept.push(...Object.entries(sites.allowed(cors, origin) ?? {}));
  return kept;
}
