// Azure Functions (Node v4 model) to the portable event, and its answers back.
//
// `function_app.mjs` holds one entry for each trigger and hands what the host gives it to a `Function`.
// A payload, here and in the golden vectors, is what is left of Azure's objects as plain data:
//
// - http: `{trigger: "http", at, id, method, url, headers, body}`
// - message: `{trigger: "message", at, body, id, delivery_count, enqueued, properties, session}`
// - timer: `{trigger: "timer", at, next, retry_count}`
//
// `at` is the trigger's index in the config, `body` is bytes, text or `{base64}`. Nothing of Azure's is
// imported before it is used, so the vectors run without its libraries.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as portable from './portable.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const INVOKE = '/_fnc/invoke/';
// Azure's Node library turns the first letter of an attribute's name to lower case. Where that would
// change a name, the attributes travel a second time, as JSON text, under this one.
const ATTRIBUTES = 'fnc-attributes';

/** Tells the host that an event wasn't handled, so that it is delivered again. */
export class Failed extends Error {
  name = 'Failed';
}

// --- Payloads to events --------------------------------------------------------------------------

/** Returns the portable event of a payload. */
export function to_portable(config, payload) {
  if (payload.trigger === 'http') return http_event(config, payload);
  const trigger = config.triggers[payload.at];
  if (payload.trigger === 'message') {
    const properties = payload.properties ?? {};
    const made = portable.message(trigger.kind, {
      id: payload.id,
      source: trigger.source,
      body: bytes(payload.body),
      time: payload.enqueued,
      attempt: payload.delivery_count || 1,
      group: payload.session,
      attributes: portable.from_json(properties[ATTRIBUTES] ?? '') ?? properties,
    });
    return portable.event(config, trigger.kind, trigger.source, [made]);
  }
  const planned = portable.timestamp(payload.next);
  const made = portable.tick(config, {
    id: `${config.function}-${payload.at}-${planned}`,
    time: planned,
    input: trigger.input,
    attempt: (payload.retry_count ?? 0) + 1,
  });
  return portable.event(config, 'schedule', config.function, [made]);
}

function http_event(config, payload) {
  const { at, id, method, headers } = payload;
  const url = new URL(payload.url);
  const body = bytes(payload.body);
  if (url.pathname.startsWith(INVOKE)) {
    return portable.invoke_event(config, { id, body: body?.length ? body : 'null' });
  }
  return portable.http_event(config, {
    method,
    path: url.pathname,
    route: config.triggers[at].route,
    query: url.search.slice(1),
    headers,
    body,
    client_ip: client_ip(headers),
  });
}

/** Returns the address that App Service itself saw: it adds it last to `x-forwarded-for`. */
function client_ip(headers) {
  const last = (headers['x-forwarded-for'] ?? '').split(',').at(-1).trim();
  const found = /^(?:\[([^\]]+)\](?::\d+)?|([^:]+):\d+)$/.exec(last);
  return found ? (found[1] ?? found[2]) : last;
}

function bytes(body) {
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  return body?.base64 === undefined ? body : Buffer.from(body.base64, 'base64');
}

// --- Answers -------------------------------------------------------------------------------------

/** Returns the HTTP answer as plain data, or null; throws `Failed` where an event is to be retried. */
export function to_answer(config, payload, outcome, request_id) {
  if (payload.trigger === 'http') {
    const { statusCode, headers, cookies, body, base64 } = portable.http_answer(outcome, request_id);
    return { status: statusCode, headers, cookies, body: base64 ? { base64: body } : body };
  }
  const ids = to_portable(config, payload).records.map((it) => it.id);
  if (portable.batch_answer(outcome, ids).length) {
    throw new Failed(outcome instanceof Error ? outcome.message : 'the handler reports a failure');
  }
  return null;
}

// --- Functions -----------------------------------------------------------------------------------

/** One function of the program, under all its triggers. */
export class Function {
  #handler;

  constructor(name) {
    this.config = JSON.parse(readFileSync(`${HERE}/functions.json`, 'utf8'))[name];
  }

  /**
   * Returns the entry that answers HTTP requests.
   * @returns {import('@azure/functions').HttpHandler}
   */
  http(at) {
    return async (request, context) => {
      const { method, url } = request;
      const headers = Object.fromEntries(request.headers);
      const body = Buffer.from(await request.arrayBuffer());
      const payload = { trigger: 'http', at, id: context.invocationId, method, url, headers, body };
      const answer = to_answer(this.config, payload, await this.#call(payload, context), context.invocationId);
      return { ...answer, cookies: answer.cookies.map(cookie_of), body: bytes(answer.body) ?? undefined };
    };
  }

  /** Returns the entry that handles one message of a queue or a subscription. */
  message(at) {
    return async (body, context) => {
      const given = context.triggerMetadata;
      const payload = {
        trigger: 'message',
        at,
        body,
        id: given.messageId ?? given.sequenceNumber,
        delivery_count: given.deliveryCount,
        enqueued: given.enqueuedTimeUtc,
        properties: given.applicationProperties,
        session: given.sessionId,
      };
      to_answer(this.config, payload, await this.#call(payload, context), context.invocationId);
    };
  }

  /** Returns the entry that handles ticks of a schedule; after its last attempt a tick is parked here, since Azure would drop it. */
  timer(at) {
    return async (timer, context) => {
      const trigger = this.config.triggers[at];
      const payload = { trigger: 'timer', at, next: planned(timer), retry_count: context.retryContext?.retryCount };
      const [tick] = to_portable(this.config, payload).records;
      if (trigger.skip_days?.includes(Number(tick.scheduled.slice(8, 10)))) return;
      const park = tick.attempt > (trigger.retry ?? 0) ? trigger.park : undefined;
      // The last attempt ends a little early, so that there is time left to park it.
      const margin_ms = park ? Math.min(2000, Math.floor(this.config.timeout_ms / 5)) : 0;
      const outcome = await this.#call(payload, context, margin_ms);
      try {
        to_answer(this.config, payload, outcome, context.invocationId);
      } catch (failure) {
        if (!park) throw failure;
        const attributes = {
          function: this.config.function,
          scheduled: tick.scheduled,
          attempts: String(tick.attempt),
          error: failure.message,
        };
        const message = { body: tick.body, content_type: 'application/json', base64: false, attributes };
        await this.#send(park, 'send', { ...message, delay_ms: 0, group: null, type: null });
        portable.log_error(failure, context.invocationId, this.config.function);
      }
    };
  }

  /** Returns what the handler returned, or the error it threw. */
  async #call(payload, azure, margin_ms = 0) {
    const limit_ms = this.config.timeout_ms - margin_ms;
    const send = (...it) => this.#send(...it);
    const context = new portable.Context(this.config, azure.invocationId, Date.now() + limit_ms, send);
    let timer;
    try {
      this.#handler ??= portable.load(this.config.handler, dirname(HERE));
      const running = portable.call(await this.#handler, to_portable(this.config, payload), context);
      if (!margin_ms && limit_ms >= this.config.host_timeout_ms) return await running; // the host ends it
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Failed(`\`${this.config.function}\` ran longer than ${limit_ms} ms`)), limit_ms);
      });
      return await Promise.race([running, late]);
    } catch (error) {
      portable.log_error(error, azure.invocationId, this.config.function);
      return error;
    } finally {
      clearTimeout(timer);
    }
  }

  #send(resource, verb, message) {
    const kind = { send: 'queue', publish: 'topic' }[verb];
    const name = process.env[`FNC_${kind.toUpperCase()}_${resource.toUpperCase()}`];
    return send(name, message, this.config.resources[resource] ?? {});
  }
}

/** Returns when this tick was due: `next` of the schedule's status, which moves on only after the call. */
function planned(timer) {
  const minute = 60_000;
  return timer.scheduleStatus?.next ?? Math.floor(Date.now() / minute) * minute;
}

/** Returns a `Set-Cookie` line as the object that Azure wants. */
function cookie_of(line) {
  const [pair, ...attributes] = line.split(';');
  const at = pair.indexOf('=');
  const made = { name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() };
  for (const attribute of attributes) {
    const [name, ...rest] = attribute.split('=');
    const value = rest.join('=').trim();
    const set = {
      domain: () => (made.domain = value),
      path: () => (made.path = value),
      expires: () => (made.expires = new Date(value)),
      'max-age': () => (made.maxAge = Number(value)),
      secure: () => (made.secure = true),
      httponly: () => (made.httpOnly = true),
      samesite: () => (made.sameSite = { lax: 'Lax', strict: 'Strict', none: 'None' }[value.toLowerCase()]),
    };
    set[name.trim().toLowerCase()]?.();
  }
  return made;
}

// --- Sending -------------------------------------------------------------------------------------

const senders = new Map();

/** Sends a message to a queue or a topic of the program's Service Bus namespace. */
async function send(name, message, options) {
  const body = Buffer.from(message.body, message.base64 ? 'base64' : 'utf8');
  if (body.length > (options.max_size ?? Infinity)) {
    throw new RangeError(`a message of ${body.length} bytes is more than the ${options.max_size} that \`${name}\` takes`);
  }
  const applicationProperties = { ...message.attributes };
  if (Object.keys(applicationProperties).some((it) => it[0] !== it[0]?.toLowerCase())) {
    applicationProperties[ATTRIBUTES] = portable.to_json(applicationProperties);
  }
  const made = { body, messageId: randomUUID(), contentType: message.content_type, applicationProperties };
  if (message.type !== null) made.subject = message.type;
  if (options.fifo) made.sessionId = message.group ?? 'default';
  const delay_ms = message.delay_ms || (options.delay_ms ?? 0);
  if (delay_ms) made.scheduledEnqueueTimeUtc = new Date(Date.now() + delay_ms);
  if (!senders.has(name)) senders.set(name, (await client()).createSender(name));
  await senders.get(name).sendMessages(made);
}

let opened;

async function client() {
  opened ??= open();
  return opened;
}

async function open() {
  const { ServiceBusClient } = await import('@azure/service-bus');
  const local = process.env.FNC_SERVICEBUS;
  if (local) return new ServiceBusClient(local);
  const { ManagedIdentityCredential } = await import('@azure/identity');
  const identity = new ManagedIdentityCredential({ clientId: process.env.FNC_SERVICEBUS__clientId });
  return new ServiceBusClient(process.env.FNC_SERVICEBUS__fullyQualifiedNamespace, identity);
}
