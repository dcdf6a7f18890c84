// An HTTP/1.1 server on Node's own: limits, health while it drains, a clean stop.

import http from 'node:http';

export const MAX_BODY = 10 * 1024 * 1024;
// A proxy keeps its connections about 90 s; closing first would race with its next request.
const IDLE_MS = 620_000;
const READ_MS = 30_000;
// Belongs to one connection, not to the message (RFC 9110, section 7.6.1).
export const HOP_BY_HOP = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer',
  'transfer-encoding', 'upgrade',
]);

/** A request that gets no further: `status` and what to tell the caller. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Returns the headers as pairs, names in lower case. */
export function pairs(message) {
  const found = [];
  for (let at = 0; at < message.rawHeaders.length; at += 2) {
    found.push([message.rawHeaders[at].toLowerCase(), message.rawHeaders[at + 1]]);
  }
  return found;
}

/** Returns path and query of a request target, whose absolute form names a host too. */
export function target(text) {
  const absolute = /^https?:\/\/[^/]*(.*)$/.exec(text);
  if (absolute) text = absolute[1] || '/';
  if (!text.startsWith('/')) throw new Refused(400, 'the request target is no path');
  const at = text.indexOf('?');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Yields the body as it arrives, up to `most` bytes. */
export async function* chunks(request, most = MAX_BODY) {
  const refused = () => new Refused(413, `the body is over ${most} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > most) throw refused();
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > most) throw refused();
    yield chunk;
  }
}

/** Returns the whole body. */
export async function read(request, most = MAX_BODY) {
  const parts = [];
  for await (const chunk of chunks(request, most)) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Answers with a whole body; nothing may have been answered yet. */
export function answer(response, status, headers, body) {
  response.statusCode = status;
  for (const [name, value] of headers) {
    if (HOP_BY_HOP.has(name) || name === 'content-length') continue;
    // Node takes header text as Latin-1: bytes of UTF-8 pass through this way.
    response.appendHeader(name, Buffer.from(String(value)).toString('latin1'));
  }
  if (status !== 204 && status !== 304) response.setHeader('content-length', body.length);
  response.end(body);
}

/** Serves `application(request, response)` on `port` until SIGTERM or SIGINT; then finishes what runs and exits. */
export function serve(application, port, drain_ms) {
  const state = { stopping: false, busy: 0, stop };
  let code = 0;
  const server = http.createServer({
    headersTimeout: READ_MS,
    requestTimeout: 0,
    keepAliveTimeout: IDLE_MS,
    maxHeaderSize: 65_536,
  });
  server.maxHeadersCount = 200;
  server.on('request', async (request, response) => {
    state.busy += 1;
    // A caller that stops sending gets no further; one that sends and waits may wait as long as the handler runs.
    request.setTimeout(READ_MS, () => request.complete || request.destroy());
    if (state.stopping) response.setHeader('connection', 'close');
    try {
      await application(request, response, state);
    } catch (error) {
      refuse(request, response, error);
    }
    if (!response.closed) await new Promise((done) => response.once('close', done));
    state.busy -= 1;
    if (state.stopping && state.busy === 0) end();
  });
  server.on('clientError', (error, socket) => {
    const status = { HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large', ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout' };
    if (socket.writable) socket.end(`HTTP/1.1 ${status[error.code] ?? '400 Bad Request'}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  });
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => stop(0));
  server.listen(port, '0.0.0.0');

  function stop(wanted) {
    code ||= wanted;
    if (state.stopping) return;
    state.stopping = true;
    server.close();
    server.closeIdleConnections();
    if (state.busy === 0) end();
    setTimeout(end, drain_ms).unref();
  }

  function end() {
    process.exit(code);
  }
  return state;
}

/** Answers a request that was refused, or that our own code failed on. */
function refuse(request, response, error) {
  if (!(error instanceof Refused) && !request.destroyed) process.stderr.write(`${error.stack}\n`);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof Refused ? error.status : 500;
  const text = error instanceof Refused ? error.message : 'internal error';
  const body = Buffer.from(`${text}\n`);
  if (request.complete || request.destroyed) {
    answer(response, status, [['content-type', 'text/plain; charset=utf-8']], body);
    return;
  }
  // The answer goes out at once, and the connection ends when the caller has stopped sending, or soon: a reset would cost
  // it the answer.
  response.statusCode = status;
  response.setHeader('connection', 'close');
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('content-length', body.length);
  response.write(body);
  const end = () => response.end();
  request.on('error', () => {});
  request.once('end', end);
  setTimeout(end, 2000).unref();
  request.resume();
}
