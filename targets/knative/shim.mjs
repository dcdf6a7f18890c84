// Serves one function on Knative: CloudEvents and HTTP requests in, the handler's answers out.
//
// `FNC_CONFIG` holds the function's config as JSON, `PORT` the port. Events come to `/_fnc/queue/NAME`,
// `/_fnc/topic/NAME`, `/_fnc/event/NAME`, `/_fnc/stream/NAME` and `/_fnc/schedule`, as CloudEvents 1.0 in binary or structured mode; `/_fnc/invoke` takes a
// direct call, `/_fnc/authorize` a caller to decide on; every other path is matched with the function's routes. With `FNC_ROUTES` instead, it is the app's
// router.

import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AUTH } from './gate.mjs';
import * as portable from './portable.mjs';
import * as router from './router.mjs';
import { HOP_BY_HOP, Refused, answer, pairs, read, serve, target as split } from './server.mjs';

// Extensions that Knative and tracing add: of no use to a handler.
const TRANSPORT = ['partitionkey', 'traceparent', 'tracestate', 'knativearrivaltime'];
// An attribute travels as a header, and Kafka's ingress takes 8 KB of headers.
const MAX_ATTRIBUTES = 6_000;
const STUCK_MS = 5_000;
// What a KafkaSource says of a record that is no CloudEvent: its partition and its offset.
const PLACE = /^partition:(\d+)#(\d+)$/;
// Longer than any function's timeout: the function answers first.
const CALL_MS = 610_000;

// --- Requests to events --------------------------------------------------------------------------

/** Returns the portable event of a request: `{method, path, query, headers, body, base64, peer}`. */
export function to_portable(config, payload) {
  const [kind, source] = target(payload.path);
  if (kind === null) return http_event(config, payload);
  if (payload.method !== 'POST') throw new Refused(405, 'events come by POST');
  if (kind === 'invoke') return invoke_event(config, payload);
  if (kind === 'authorize') return authorize_event(config, payload);
  if (portable.find_trigger(config, kind, source === null ? {} : { source }) === null) {
    throw new Refused(404, `${payload.path} is no trigger of this function`);
  }
  try {
    const record = record_of(config, kind, source, cloudevent(payload));
    return portable.event(config, kind, source ?? config.function, [record]);
  } catch (error) {
    throw new Refused(400, `this is no CloudEvent: ${error.message}`);
  }
}

/** Returns the kind and the source that a path of ours names, `[null, null]` for any other. */
function target(path) {
  const parts = path.split('/');
  if (parts[0] !== '' || parts[1] !== '_fnc') return [null, null];
  if (parts.length === 4 && ['queue', 'topic', 'event', 'stream'].includes(parts[2])) return [parts[2], parts[3]];
  if (parts.length === 3 && ['schedule', 'invoke', 'authorize'].includes(parts[2])) return [parts[2], null];
  throw new Refused(404, `${path} is unknown`);
}

function http_event(config, payload) {
  const triggers = config.triggers.filter((it) => it.kind === 'http');
  const route = router.find(triggers, payload.method, payload.path);
  if (route === null) throw new Refused(404, 'not found');
  return request_event(config, route.route, payload);
}

/** Returns the event of a request that the router asks about; it comes as JSON and without its body. */
function authorize_event(config, payload) {
  if (!config.authorizes) throw new Refused(404, 'this function decides on nobody');
  try {
    const asked = JSON.parse(body_of(payload).toString());
    return request_event(config, asked.route, asked);
  } catch (error) {
    throw new Refused(400, `this is no request to decide on: ${error.message}`);
  }
}

function request_event(config, route, payload) {
  const values = joined(payload);
  // The router calls a function by its address in the cluster and says here how it was called itself.
  const host = values.get('x-forwarded-host') ?? values.get('host');
  const headers = payload.headers
    .map(([name, value]) => [name.toLowerCase(), value])
    .filter(([name]) => name !== 'x-forwarded-host' && name !== AUTH && !HOP_BY_HOP.has(name))
    .map(([name, value]) => [name, name === 'host' ? host : value]);
  const { method, path, query = '' } = payload;
  const client_ip = (values.get('x-forwarded-for') ?? payload.peer ?? '').split(',')[0].trim();
  const auth = values.has(AUTH) ? portable.from_json(Buffer.from(values.get(AUTH), 'base64').toString()) : null;
  return portable.http_event(config, { method, path, route, query, headers, body: body_of(payload), client_ip, auth });
}

function invoke_event(config, payload) {
  const headers = joined(payload);
  const body = body_of(payload);
  return portable.invoke_event(config, {
    id: headers.get('ce-id') || randomUUID(),
    time: headers.get('ce-time') ?? null,
    body: body.length ? body : 'null',
  });
}

/** Returns the headers by lower-case name, repeated ones joined. */
function joined(payload) {
  const made = new Map();
  for (const [name, value] of payload.headers) {
    const key = name.toLowerCase();
    made.set(key, made.has(key) ? `${made.get(key)}, ${value}` : value);
  }
  return made;
}

function body_of({ body, base64 }) {
  return typeof body === 'string' ? Buffer.from(body, base64 ? 'base64' : 'utf8') : (body ?? Buffer.alloc(0));
}

/** Returns the attributes of a CloudEvent and its body as bytes under `body`. */
function cloudevent(payload) {
  const headers = joined(payload);
  const kind = media_type(headers.get('content-type') ?? '');
  let found = {};
  let body = body_of(payload);
  if (kind === 'application/cloudevents+json') {
    const { data, data_base64, ...attributes } = JSON.parse(body.toString());
    found = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null));
    body = data_base64 === undefined ? structured_body(data, found) : from_base64(data_base64);
  } else if (kind.startsWith('application/cloudevents')) {
    throw new Error(`${kind} is not taken, one event a request`);
  } else {
    const attributes = [...headers].filter(([name]) => name.startsWith('ce-'));
    found = Object.fromEntries(attributes.map(([name, value]) => [name.slice(3), decoded(value)]));
  }
  for (const name of ['specversion', 'id', 'source', 'type']) {
    if (typeof found[name] !== 'string' || !found[name]) throw new Error(`\`${name}\` is missing`);
  }
  if (found.specversion !== '1.0') throw new Error(`specversion ${found.specversion} is not 1.0`);
  return { ...found, body };
}

const media_type = (text) => text.split(';')[0].trim().toLowerCase();

function from_base64(text) {
  const body = Buffer.from(text, 'base64');
  if (body.toString('base64') !== text) throw new Error('`data_base64` is not base64');
  return body;
}

/** Returns the bytes that the JSON member `data` stands for: text of a text type, else JSON. */
function structured_body(data, { datacontenttype = 'application/json' }) {
  if (data === undefined || data === null) return Buffer.alloc(0);
  const kind = media_type(datacontenttype);
  const json = kind === 'application/json' || kind.endsWith('+json');
  return Buffer.from(typeof data === 'string' && !json ? data : portable.to_json(data));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Returns an attribute's header value as text: percent-decoded, and raw UTF-8 where a sender didn't encode. */
function decoded(value) {
  try {
    value = utf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    // It was Latin-1 after all.
  }
  if (value.length > 1 && value.startsWith('"') && value.endsWith('"')) value = value.slice(1, -1).replace(/\\(.)/g, '$1');
  return value.replace(/(%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

const KNOWN = [
  'specversion', 'id', 'source', 'type', 'time', 'subject', 'datacontenttype', 'dataschema', 'body',
  'fncattributes', 'fncgroup', 'fncschedule', ...TRANSPORT,
];

function record_of(config, kind, source, event) {
  const { id, body } = event;
  const time = event.time ?? null;
  if (kind === 'schedule') {
    const scheduled = new Date(portable.timestamp(time));
    // Cron ticks on whole minutes and a PingSource sends within half a second of one.
    scheduled.setUTCSeconds(0, 0);
    const given = portable.from_json(body.toString());
    const input = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
    return portable.tick(config, { id, time, scheduled: scheduled.getTime(), input });
  }
  if (kind === 'stream') return stream_record(source, event, time);
  const extra = Object.entries(event).filter(([name]) => !KNOWN.includes(name));
  const attributes = { ...Object.fromEntries(extra), ...JSON.parse(event.fncattributes ?? '{}') };
  if (kind === 'event') {
    return portable.event_record({ id, source, type: event.type, body, time, attributes, subject: event.subject });
  }
  const fifo = portable.find_trigger(config, kind, { source })?.fifo;
  const group = fifo ? (event.fncgroup ?? event.partitionkey) : null;
  return portable.record({ id, source, type: portable.TYPES[kind], body, time, attributes, group });
}

/** Returns the record of a stream; where it lies is known of records only that weren't written as events. */
function stream_record(source, event, time) {
  const [, shard, sequence] = (event.type === 'dev.knative.kafka.event' && PLACE.exec(event.subject ?? '')) || [];
  const made = portable.stream_record({ id: event.id, source, body: event.body, time });
  return { ...made, key: event.partitionkey ?? event.key ?? null, sequence: sequence ?? null, shard: shard ?? null };
}

// --- Outcomes to answers -------------------------------------------------------------------------

/** Returns `{status, headers, body, base64}`, headers as pairs, of what the handler returned or threw. */
export function to_answer(config, payload, outcome, request_id) {
  const [kind] = target(payload.path);
  if (kind === null) {
    const { statusCode: status, headers, cookies, body, base64 } = portable.http_answer(outcome, request_id);
    const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name));
    return { status, headers: [...kept, ...cookies.map((it) => ['set-cookie', it])], body: body ?? '', base64 };
  }
  if (kind === 'invoke' || kind === 'authorize') {
    const failed = outcome instanceof Error;
    const body = failed ? portable.error_answer(request_id).body : portable.to_json(portable.plain(outcome));
    return { status: failed ? 500 : 200, headers: [['content-type', 'application/json']], body, base64: false };
  }
  // An empty body always: a Kafka Trigger takes a 2xx answer with any other body for a failure.
  const failed = portable.batch_answer(outcome, [cloudevent(payload).id]);
  return { status: failed.length ? 500 : 204, headers: [], body: '', base64: false };
}

// --- What a handler sends ------------------------------------------------------------------------

/** Returns the function that carries a message to the address of its queue, topic, bus or stream. */
function sender(config) {
  return async (resource, verb, message) => {
    const kind = config.kinds?.[resource] ?? (verb === 'send' ? 'queue' : 'topic');
    const address = process.env[`FNC_${kind}_${resource}`.toUpperCase()];
    const { headers, body } = outgoing(config, kind, resource, message);
    await deliver(address, headers, body, resource);
  };
}

/** Returns headers and body of a message as a CloudEvent in binary mode. */
export function outgoing(config, kind, resource, message) {
  if (message.delay_ms) throw new RangeError(`Knative can't hold back a message to \`${resource}\`: send it without \`delay\``);
  const about = config.resources?.[resource] ?? {};
  const body = Buffer.from(message.body, message.base64 ? 'base64' : 'utf8');
  const most = about.max_size ?? 1_000_000;
  if (body.length > most) throw new RangeError(`a message to \`${resource}\` has ${body.length} bytes and may have ${most}`);
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': randomUUID(),
    'ce-source': ['', 'fnc', config.app, config.stage, config.function].filter((it, at) => at === 0 || it).join('/'),
    'ce-type': encoded(message.type ?? portable.TYPES[kind] ?? ''),
    'ce-time': portable.timestamp(),
    'content-type': message.content_type,
  };
  if (Object.keys(message.attributes).length > 0) {
    headers['ce-fncattributes'] = encoded(unspoilt(message.attributes));
    if (headers['ce-fncattributes'].length > MAX_ATTRIBUTES) {
      throw new RangeError(`the attributes of a message to \`${resource}\` are over ${MAX_ATTRIBUTES} bytes`);
    }
  }
  if (kind === 'bus' && message.subject) headers['ce-subject'] = encoded(message.subject);
  if (kind === 'stream' && message.key != null) headers['ce-partitionkey'] = encoded(message.key);
  if (about.fifo) headers['ce-fncgroup'] = headers['ce-partitionkey'] = encoded(String(message.group ?? 'default'));
  return { headers, body };
}

/** Returns JSON text that stays the same however often it is percent-decoded on its way. */
function unspoilt(attributes) {
  const escaped = (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return portable.to_json(attributes).replace(/[^!-$&-~]/g, escaped);
}

/** Returns an attribute's value as a header: blanks, quotes, `%` and what isn't ASCII percent-encoded. */
function encoded(text) {
  const hex = (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return text.replace(/[^!#$&-~]+/gu, (run) => [...Buffer.from(run)].map(hex).join(''));
}

/** Posts an event; tries again what may pass, with the same id so that it can be told as a repetition. */
async function deliver(address, headers, body, resource, tries = 4) {
  for (let attempt = 1; ; attempt += 1) {
    let fault;
    try {
      const response = await fetch(address, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(10_000) });
      await response.arrayBuffer();
      if (response.ok) return;
      fault = new Error(`\`${resource}\` didn't take a message: ${address} answered ${response.status}`);
      if (![408, 429, 500, 502, 503, 504].includes(response.status)) attempt = tries;
    } catch (cause) {
      fault = new Error(`\`${resource}\` didn't take a message: ${cause.cause?.message ?? cause.message}`, { cause });
    }
    if (attempt >= tries) throw fault;
    await sleep(50 * 2 ** attempt);
  }
}

/** What a handler does beside sending: it calls other functions of the app. */
const store = {
  /** Calls a function by its address in the cluster; a call that failed isn't made again. */
  async invoke(name, data) {
    const address = `${process.env[`FNC_FUNCTION_${name}`.toUpperCase()]}/_fnc/invoke`;
    const headers = { 'content-type': 'application/json' };
    let response;
    let text;
    try {
      const body = portable.to_json(data);
      response = await fetch(address, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(CALL_MS) });
      text = await response.text();
    } catch (cause) {
      throw new portable.CallFailed(`\`${name}\` can't be reached: ${cause.cause?.message ?? cause.message}`, { cause });
    }
    if (response.status !== 200) throw new portable.CallFailed(`\`${name}\` failed: it answered ${response.status}`);
    return portable.from_json(text);
  },
};

// --- Serving -------------------------------------------------------------------------------------

/** A handler that took longer than its function's timeout. */
class Overtime extends Error {
  name = 'Overtime';
}

/** As many places as the function takes events at a time; a place is held until its handler comes back. */
class Places {
  #free;
  #overdue = 0;
  #waiting = [];

  constructor(count, stuck) {
    this.count = count;
    this.stuck = stuck;
    this.#free = count;
  }

  /** Tells whether every place is held by a handler that is over its time. */
  lost() {
    return this.#overdue >= this.count;
  }

  /** Returns what `work` returns, or an `Overtime` when it takes longer. */
  async run(work, ms) {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise((done) => this.#waiting.push(done));
    let done = false;
    const outcome = work().finally(() => {
      done = true;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    });
    let timer;
    const late = new Promise((give) => {
      timer = setTimeout(() => give(new Overtime(`the handler took more than ${ms / 1000} s`)), ms);
    });
    const first = await Promise.race([outcome, late]);
    clearTimeout(timer);
    if (!done && first instanceof Overtime) this.#watch(outcome);
    return first;
  }

  async #watch(outcome) {
    this.#overdue += 1;
    // A handler can't be killed; one that doesn't come back costs the instance.
    const timer = setTimeout(this.stuck, STUCK_MS);
    await outcome;
    clearTimeout(timer);
    this.#overdue -= 1;
  }
}

/** Returns what answers health checks and requests for one function. */
function application(config, handler) {
  let server;
  const places = new Places(config.concurrency ?? 1, () => {
    const message = 'a handler is still running after its timeout: this instance stops';
    const line = { time: portable.timestamp(), level: 'error', message, function: config.function };
    process.stderr.write(`${JSON.stringify(line)}\n`);
    server.stop(1);
  });
  const send = sender(config);

  return async (request, response, state) => {
    server = state;
    const [path, query] = split(request.url);
    if (path === '/_fnc/ready' || path === '/_fnc/live') {
      const free = !places.lost() && !state.stopping;
      answer(response, free || path === '/_fnc/live' ? 200 : 503, [], Buffer.alloc(0));
      return;
    }
    if (places.lost()) throw new Refused(503, 'every handler is over its time');
    const { method, socket } = request;
    const payload = { method, path, query, headers: pairs(request), body: await read(request), peer: socket.remoteAddress };
    const event = to_portable(config, payload);
    const given = request.headers['x-request-id'] ?? '';
    const request_id = /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
    const outcome = await places.run(() => {
      const context = new portable.Context(config, request_id, Date.now() + config.timeout_ms, send, store);
      return portable.call(handler, event, context);
    }, config.timeout_ms);
    if (outcome instanceof Overtime) portable.log_error(outcome, request_id, config.function);
    try {
      respond(response, to_answer(config, payload, outcome, request_id));
    } catch (error) {
      portable.log_error(error, request_id, config.function);
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      respond(response, to_answer(config, payload, error, request_id));
    }
  };
}

function respond(response, { status, headers, body, base64 }) {
  answer(response, status, headers, Buffer.from(body, base64 ? 'base64' : 'utf8'));
}

async function main() {
  const port = Number(process.env.PORT ?? 8080);
  if (process.env.FNC_ROUTES !== undefined) return router.main(port);
  const config = JSON.parse(process.env.FNC_CONFIG);
  const handler = await portable.load_for(config, process.cwd());
  serve(application(config, handler), port, config.timeout_ms + 1000);
}

if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) await main();
