// Knative has no path routing: the router picks the function for a method and a path, and passes the request on.
//
// `FNC_ROUTES` is a JSON list of `{method, route, to}`; `to` names a Knative service in the namespace
// `FNC_NAMESPACE`. Bodies pass through as they come, in both directions.

import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import * as portable from './portable.mjs';
import { HOP_BY_HOP, MAX_BODY, Refused, answer, chunks, pairs, serve, target } from './server.mjs';

// Longer than any function's timeout: the function answers first.
const UPSTREAM_MS = 610_000;

/** Returns the best route: a literal segment before `{id}`, that before `{rest+}`, then a method before ANY. */
export function find(routes, method, path) {
  const fits = routes.filter(
    (it) => (it.method === method || it.method === 'ANY') && portable.match_route(it.route, path) !== null,
  );
  return fits.sort((a, b) => compare(precedence(a), precedence(b)))[0] ?? null;
}

function precedence(it) {
  const segments = it.route.split('/').map((part) => (part.endsWith('+}') ? 2 : part.startsWith('{') ? 1 : 0));
  return [...segments, it.method === 'ANY' ? 1 : 0];
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
    const route = path.startsWith('/_fnc') ? null : find(routes, request.method, path);
    if (!route) throw new Refused(404, 'not found');
    await forward(request, response, new URL(address(route.to)), query ? `${path}?${query}` : path);
  };
}

async function forward(request, response, address, path) {
  const upstream = http.request({
    host: address.hostname,
    port: address.port || 80,
    method: request.method,
    path,
    agent: false,
    timeout: UPSTREAM_MS,
    setDefaultHeaders: false,
    headers: passed_on(request, address.host).flat(),
  });
  let refused = null;
  const started = new Promise((done, failed) => {
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
  pipeline(body(), upstream).catch(() => {});
  const found = await started;
  response.statusCode = found.statusCode;
  for (const [name, value] of pairs(found)) if (!HOP_BY_HOP.has(name)) response.appendHeader(name, value);
  await pipeline(found, response);
}

/** Returns the headers of the request to the function, as pairs. */
function passed_on(request, host) {
  const named = (request.headers.connection ?? '').split(',').map((it) => it.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...named, 'host', 'x-forwarded-for', 'x-forwarded-host', 'expect']);
  const before = request.headers['x-forwarded-for'];
  const made = [['host', host]];
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
