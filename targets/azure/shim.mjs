// Azure Functions (Node v4 model) to the portable event, and its answers back.
//
// `function_app.mjs` holds one entry for each trigger and hands what the host gives it to a `Function`.
// A payload, here and in the golden vectors, is what is left of Azure's objects as plain data:
//
// - http: `{trigger: "http", at, id, method, url, headers, body}`
// - message: `{trigger: "message", at, body, id, delivery_count, enqueued, properties, session}`
// - stream: `{trigger: "stream", at, shard, retry_count, items}`, an item being an event of the hub as
//   `{body, sequence, enqueued, key, properties}`
// - table: `{trigger: "table", at, retry_count, items}`, an item being a change as `rows` writes it
// - timer: `{trigger: "timer", at, next, retry_count}`
//
// `at` is the trigger's index in the config, `body` is bytes, text or `{base64}`. Nothing of Azure's is
// imported before it is used, so the vectors run without its libraries.

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ATTRIBUTES, Clients } from './clients.mjs';
import { preflight, shared } from './cors.mjs';
import * as portable from './portable.mjs';
import { change_record, changes } from './rows.mjs';
import { Refused, UNAUTHORIZED, claims_of } from './token.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const INVOKE = '/_fnc/invoke/';

/** Tells the host that an event wasn't handled, so that it is delivered again. */
export class Failed extends Error {
  name = 'Failed';
}

// --- Payloads to events --------------------------------------------------------------------------

/** Returns the portable event of a payload. */
export function to_portable(config, payload) {
  if (payload.trigger === 'http') return http_event(config, payload);
  const trigger = config.triggers[payload.at];
  if (trigger.kind in PUSHED) {
    // Event Grid puts each event into the function's inbox: one to a message, as a CloudEvent.
    const event = JSON.parse(bytes(payload.body).toString('utf8'));
    const record = PUSHED[trigger.kind](trigger, event, payload.delivery_count || 1);
    return portable.event(config, trigger.kind, trigger.source, [record]);
  }
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
  if (payload.trigger in LOGS) {
    const records = payload.items.map((it) => LOGS[payload.trigger](trigger, payload, it));
    return portable.event(config, payload.trigger, trigger.source, records);
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

function stream_record(trigger, payload, item) {
  const shard = String(payload.shard);
  const sequence = String(item.sequence);
  return portable.stream_record({
    id: `${shard}:${sequence}`,
    source: trigger.source,
    body: bytes(item.body),
    key: item.key,
    sequence,
    shard,
    time: item.enqueued,
    attempt: (payload.retry_count ?? 0) + 1,
    attributes: item.properties,
  });
}

/** Returns the record of an object, whose key is in its address as Azure's own trigger reads it. */
function object_record(trigger, { id, time, data }, attempt) {
  const key = decodeURIComponent(new URL(data.url).pathname).split('/').slice(2).join('/');
  const created = trigger.change === 'created';
  return portable.object_record({
    id: `${data.sequencer || id}:${key}`,
    source: trigger.source,
    action: trigger.change,
    key,
    size: created ? (data.contentLength ?? null) : null,
    etag: created ? data.eTag?.replaceAll('"', '') || null : null,
    time,
    attempt,
  });
}

function bus_record(trigger, event, attempt) {
  return portable.from_cloudevent({ ...event, fncattempt: attempt }, trigger.source);
}

const PUSHED = { bucket: object_record, event: bus_record };
const LOGS = { stream: stream_record, table: change_record };

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
    auth: payload.auth ?? null,
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

/**
 * Returns the value of the secret that a route asks for; null where Azure gave none.
 *
 * A reference to Key Vault that Azure couldn't follow is handed on as it is, and nobody may call with that.
 */
export function secret_key(secret) {
  const value = process.env[`FNC_KEY_${secret.toUpperCase()}`] ?? '';
  return value.startsWith('@Microsoft.KeyVault(') ? null : value;
}

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
  #turns = new Map();
  #resume = new Map();

  constructor(name) {
    this.config = JSON.parse(readFileSync(`${HERE}/functions.json`, 'utf8'))[name];
    this.clients = new Clients(this.config);
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
      const asked = preflight(this.config.triggers[at] ?? {}, method, headers);
      const own = asked ?? to_answer(this.config, payload, await this.#call(payload, context), context.invocationId);
      const answer = asked ?? shared(this.config.triggers[at] ?? {}, headers, own);
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
      const margin_ms = park ? this.#margin_ms() : 0;
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
        await this.#park(park, tick, attributes);
        portable.log_error(failure, context.invocationId, this.config.function);
      }
    };
  }

  /** Returns the entry that handles a batch of one partition of an event hub. */
  stream(at) {
    return (bodies, context) => {
      const given = context.triggerMetadata;
      const items = bodies.map((body, n) => ({
        body,
        sequence: given.sequenceNumberArray[n],
        enqueued: given.enqueuedTimeUtcArray[n],
        key: given.partitionKeyArray[n],
        properties: given.propertiesArray?.[n] ?? {},
      }));
      const shard = given.partitionContext?.partitionId ?? '';
      return this.#log(at, { trigger: 'stream', at, shard, items }, context);
    };
  }

  /** Returns the entry that handles changes of a table. */
  table(at) {
    return async (all, context) => {
      const items = changes(all);
      if (items.length) await this.#log(at, { trigger: 'table', at, items }, context);
    };
  }

  /** Handles a batch of a log; one that fails is given again by the host, as a whole and to this process. */
  async #log(at, payload, context) {
    const trigger = this.config.triggers[at];
    payload.retry_count = context.retryContext?.retryCount ?? 0;
    const ids = to_portable(this.config, payload).records.map((it) => it.id);
    const place = `${at} ${ids[0]}`;
    if (trigger.split) {
      await this.#halve(at, payload, ids, context);
      return;
    }
    // What a batch had behind it when it failed is done.
    const behind = payload.retry_count ? ids.indexOf(this.#resume.get(place)) : 0;
    this.#resume.delete(place);
    payload.items = payload.items.slice(Math.max(behind, 0));
    const last = payload.retry_count >= (trigger.retry ?? Infinity);
    for (const it of this.#expire(trigger, payload)) await this.#give_up(trigger, it, 'it is too old', context);
    if (!payload.items.length) return;
    const { records } = to_portable(this.config, payload);
    const margin_ms = last ? this.#margin_ms() : 0;
    const outcome = await this.#in_turn(at, () => this.#call(payload, context, margin_ms));
    const failed = portable.batch_answer(outcome, records.map((it) => it.id));
    if (!failed.length) return;
    if (!last) {
      this.#resume.set(place, records.find((it) => failed.includes(it.id)).id);
      to_answer(this.config, payload, outcome, context.invocationId);
    }
    const why = outcome instanceof Error ? outcome.message : 'the handler reports a failure';
    for (const it of records) {
      if (failed.includes(it.id)) await this.#give_up(trigger, it, why, context);
    }
  }

  /**
   * Handles a batch of a log that is tried in halves where it fails, until one record alone has failed.
   *
   * Only that one has made an attempt. The host then gives the batch again, for ever if need be: what is still to be
   * done is known here, and how often it has failed.
   */
  async #halve(at, payload, ids, context) {
    const trigger = this.config.triggers[at];
    const place = `${at} ${ids[0]}`;
    const items = new Map(ids.map((id, n) => [id, payload.items[n]]));
    const left = (payload.retry_count ? this.#resume.get(place) : null) ?? [{ part: ids, failures: 0 }];
    this.#resume.delete(place);
    while (left.length) {
      const { part, failures } = left.shift();
      const chunk = { ...payload, items: part.map((it) => items.get(it)), retry_count: failures };
      for (const it of this.#expire(trigger, chunk)) await this.#give_up(trigger, it, 'it is too old', context);
      if (!chunk.items.length) continue;
      const { records } = to_portable(this.config, chunk);
      const last = failures >= (trigger.retry ?? Infinity);
      const margin_ms = last && records.length === 1 ? this.#margin_ms() : 0;
      const outcome = await this.#in_turn(at, () => this.#call(chunk, context, margin_ms));
      const failed = portable.batch_answer(outcome, records.map((it) => it.id));
      if (!failed.length) continue;
      const rest = records.slice(records.findIndex((it) => failed.includes(it.id)));
      if (rest.length > 1) {
        const middle = Math.ceil(rest.length / 2);
        const halves = [rest.slice(0, middle), rest.slice(middle)];
        left.unshift(...halves.map((it) => ({ part: it.map(({ id }) => id), failures })));
        continue;
      }
      const why = outcome instanceof Error ? outcome.message : 'the handler reports a failure';
      if (last) await this.#give_up(trigger, rest[0], why, context);
      else left.unshift({ part: [rest[0].id], failures: failures + 1 });
      if (left.length) {
        this.#resume.set(place, left);
        throw new Failed(why);
      }
    }
  }

  /** Takes the items out of a payload that are older than they may be; returns their records. */
  #expire(trigger, payload) {
    if (trigger.max_age_ms === undefined) return [];
    const since = portable.timestamp(Date.now() - trigger.max_age_ms);
    const { records } = to_portable(this.config, payload);
    payload.items = payload.items.filter((_, n) => records[n].time >= since);
    return records.filter((it) => it.time < since);
  }

  /** Parks a record after its last attempt, or drops it where nothing parks. */
  async #give_up(trigger, record, why, context) {
    const { park } = trigger;
    if (park !== undefined) {
      const members = ['source', 'key', 'sequence', 'shard'].filter((it) => record[it]).map((it) => [it, record[it]]);
      const attributes = {
        ...record.attributes,
        ...Object.fromEntries(members),
        function: this.config.function,
        attempts: String(record.attempt),
        error: why,
      };
      await this.#park(park, record, attributes);
    }
    const done = park === undefined ? 'dropped' : `parked in \`${park}\``;
    const text = `${record.id} of \`${record.source}\` is ${done} after ${record.attempt} attempts: ${why}`;
    portable.log_error(new Failed(text), context.invocationId, this.config.function);
  }

  #park(queue, record, attributes) {
    const base64 = record.base64 ?? false;
    const text = record.data === null ? 'text/plain; charset=utf-8' : 'application/json';
    const content_type = base64 ? 'application/octet-stream' : text;
    const message = { body: record.body, content_type, base64, attributes };
    return this.clients.send(queue, 'send', { ...message, delay_ms: 0, group: record.key ?? null, type: null });
  }

  /** An instance gets a batch of each of its partitions at once; so many of them run as the program says. */
  async #in_turn(at, run) {
    if (!this.#turns.has(at)) this.#turns.set(at, { free: this.config.concurrency ?? 1, waiting: [] });
    const turns = this.#turns.get(at);
    if (turns.free > 0) turns.free -= 1;
    else await new Promise((resolve) => turns.waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = turns.waiting.shift();
      if (next) next();
      else turns.free += 1;
    }
  }

  /** The last attempt ends a little early, so that there is time left to park what it leaves. */
  #margin_ms() {
    return Math.min(2000, Math.floor(this.config.timeout_ms / 5));
  }

  /** Returns what the handler returned, or the error it threw. */
  async #call(payload, azure, margin_ms = 0) {
    const limit_ms = this.config.timeout_ms - margin_ms;
    const send = (...it) => this.clients.send(...it);
    const context = new portable.Context(this.config, azure.invocationId, Date.now() + limit_ms, send, this.clients);
    let timer;
    try {
      const unknown = await this.#show(payload);
      const event = to_portable(this.config, payload);
      const refused = unknown ?? portable.refusal(this.config, event, secret_key);
      if (refused) return refused;
      this.#handler ??= portable.load_for(this.config, dirname(HERE));
      const running = portable.call(await this.#handler, event, context);
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

  /** Puts the claims of a caller's token into the payload; returns what to answer a caller without a good one. */
  async #show(payload) {
    const wanted = this.config.triggers[payload.at]?.jwt;
    if (!wanted) return null;
    try {
      payload.auth = await claims_of(wanted, payload.headers);
      return null;
    } catch (error) {
      if (error instanceof Refused) return UNAUTHORIZED;
      throw error;
    }
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
