// Knative has no path routing: the router picks the function for a method and a path, and passes the request on.
//
// `FNC_ROUTES` is a JSON list of `{method, route, to}`; `to` names a Knative service in the namespace
// `FNC_NAMESPACE`. What else a route may hold, `gate` knows: who may call it, and from pages of which other sites. Bodies pass through as they come, in both directions.

import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import * as gate from './gate.mjs';
import * as portable from './portable.mjs';
import { HOP_BY_HOP, MAX_BODY, Refused, answer, chunks, pairs, serve, target } from './server.mjs';

// Longer than any function's timeout: the function answers first.
const UPSTREAM_MS = 610_000;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'ANY'];

/** Returns the best route: a literal segment before `{id}`, that before `{rest+}`, then a method before ANY. */
export function find(routes, method, path) {
  return matching(routes, path).find((it) => it.method === method || it.method === 'ANY') ?? null;
}

/** Returns the routes of a path, the more precise ones first, a method before ANY. */
function matching(routes, path) {
  const fits = routes.filter((it) => portable.match_route(it.route, path) !== null);
  return fits.sort((a, b) => compare(precedence(a), precedence(b)));
}

function precedence(it) {
  const segments = it.route.split('/').map((part) => (part.endsWith('+}') ? 2 : part.startsWith('{') ? 1 : 0));
  return [...segments, METHODS.indexOf(it.method)];
}

function compare(a, b) {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

/** Passes a request on to the function that its route names, at `address(to)`. */
export function router(routes, address) {
  return async (request, response, state) => {
    const [path, query] = target(request.url);
    if (path === '/_fnc/ready' || path === '/_fnc/live') {
      answer(response, state.stopping && path === '/_fnc/ready' ? 503 : 200, [], Buffer.alloc(0));
      return;
    }
    const found = path === '/_fnc' || path.startsWith('/_fnc/') ? [] : matching(routes, path);
    const asked = gate.preflight(request, (method) => find(found, method, path));
    const route = find(found, request.method, path);
    if (asked) write(response, asked);
    else if (route) await guarded(route, request, response, address, query ? `${path}?${query}` : path);
    else if (found.length === 0) write(response, gate.answered(404, { error: 'no route with this path' }));
    else write(response, gate.answered(405, { error: 'no route with this method' }, { allow: found.map((it) => it.method).join(', ') }));
  };
}

function write(response, { status, headers, body }) {
  answer(response, status, headers, body);
}

async function guarded(route, request, response, address, path) {
  try {
    const known = await gate.admit(route, request, passed_on(request, ''), address);
    await forward(route, request, response, new URL(address(route.to)), path, known);
  } catch (error) {
    if (error instanceof gate.Turned) {
      const turned = error.response;
      write(response, { ...turned, headers: gate.share(route, request, turned.headers) });
      return;
    }
    // What goes wrong on the way is told to pages of other sites too.
    if (!response.headersSent) for (const [name, value] of gate.share(route, request, [])) response.appendHeader(name, value);
    throw error;
  }
}

async function forward(route, request, response, address, path, known) {
  const upstream = http.request({
    host: address.hostname,
    port: address.port || 80,
    method: request.method,
    path,
    agent: false,
    timeout: UPSTREAM_MS,
    setDefaultHeaders: false,
    headers: passed_on(request, address.host, known).flat(),
  });
  let refused = null;
  let give_up;
  const started = new Promise((done, failed) => {
    give_up = failed;
    upstream.on('response', done);
    upstream.on('timeout', () => upstream.destroy(new Refused(504, "the function didn't answer in time")));
    upstream.on('error', (error) => {
      refused ??= error instanceof Refused ? error : new Refused(502, "the function didn't answer");
      failed(refused);
    });
  });
  response.on('close', () => upstream.destroy());
  async function* body() {
    try {
      yield* chunks(request, MAX_BODY);
    } catch (error) {
      refused = error;
      throw error;
    }
  }
  // A function may answer before it has read all: the answer counts, not what became of the rest.
  pipeline(body(), upstream).catch(() => {
    if (refused === null) return;
    upstream.destroy();
    give_up(refused);
  });
  const found = await started;
  response.statusCode = found.statusCode;
  for (const [name, value] of gate.share(route, request, pairs(found))) if (!HOP_BY_HOP.has(name)) response.appendHeader(name, value);
  await pipeline(found, response);
}

/** Returns the headers of the request to the function, as pairs, with what is known of the caller. */
function passed_on(request, host, known = null) {
  const named = (request.headers.connection ?? '').split(',').map((it) => it.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...named, 'host', 'x-forwarded-for', 'x-forwarded-host', 'expect', gate.AUTH]);
  const before = request.headers['x-forwarded-for'];
  const made = [['host', host]];
  if (known !== null) made.push([gate.AUTH, Buffer.from(portable.to_json(known)).toString('base64')]);
  if (request.headers.host) made.push(['x-forwarded-host', request.headers.host]);
  made.push(['x-forwarded-for', before ? `${before}, ${request.socket.remoteAddress}` : request.socket.remoteAddress]);
  if (request.headers['transfer-encoding']) made.push(['transfer-encoding', 'chunked']);
  return [...made, ...pairs(request).filter(([name]) => !dropped.has(name))];
}

export function main(port) {
  const namespace = process.env.FNC_NAMESPACE ?? 'default';
  const pattern = process.env.FNC_UPSTREAM ?? 'http://{to}.{namespace}.svc.cluster.local';
  const address = (to) => pattern.replaceAll('{to}', to).replaceAll('{namespace}', namespace);
  serve(router(JSON.parse(process.env.FNC_ROUTES), address), port, 30_000);
}
