// The second argument of a handler: what it may do.

import { as_attribute, as_text, attributes_of, duration_ms, encode, from_json, is_object, timestamp, to_json } from './encoding.mjs';

// What each context's function is started by; handlers have no use for it.
export const TRIGGERS = new WeakMap();

/** Thrown when a handler uses a resource that its function doesn't declare with `can`. */
export class NotAllowed extends Error {
  name = 'NotAllowed';
}

/** Thrown when a message could not be sent: nothing was accepted. */
export class SendFailed extends Error {
  name = 'SendFailed';
}

/** Thrown when a function that was called with `invoke` failed. */
export class CallFailed extends Error {
  name = 'CallFailed';
}

/**
 * The second argument of a handler.
 *
 * `sender(resource, verb, message)` carries a message out, `verb` being `send`, `publish` or `write`; `message` has the
 * members of `encode` and `attributes`, `delay_ms`, `group`, `type`, `key`, `subject`. `store` does all else, for what
 * the target offers: `put_object(bucket, key, message)` (`message` has the members of `encode` and `attributes`),
 * `get_object(bucket, key)` and `list_objects(bucket, prefix, limit)` (see `stored_object`), `delete_object(bucket, key)`,
 * `put_row(table, row)`, `get_row(table, key)`, `query_rows(table, query)` (see `row_query`), `delete_row(table, key)`,
 * `invoke(function, data)`, `reply(connection, message)` (`message` has the members of `encode`; it tells whether the
 * client was there).
 */
export class Context {
  #can;
  #kinds;
  #sender;
  #store;

  constructor(config, request_id, deadline_ms, sender, store = null) {
    this.function_name = config.function;
    this.request_id = request_id;
    this.deadline_ms = Number(deadline_ms);
    TRIGGERS.set(this, config.triggers);
    this.#can = config.can ?? {};
    this.#kinds = config.kinds ?? {};
    this.#sender = sender;
    this.#store = store;
  }

  /** Returns how many milliseconds are left, never less than 0. */
  remaining_ms() {
    return Math.max(0, this.deadline_ms - Date.now());
  }

  /** Writes one JSON line on standard output. */
  log(message, fields = {}) {
    const { function_name, request_id } = this;
    const line = { time: timestamp(), level: 'info', message: String(message), function: function_name, request_id };
    process.stdout.write(JSON.stringify({ ...line, ...fields }) + '\n');
  }

  /** Sends a message to a queue; `delay` in seconds or as "5m". */
  async send(queue, data, { delay = null, group = null, attributes } = {}) {
    await this.#do('send', queue, data, attributes, { delay_ms: duration_ms(delay), group, type: null });
  }

  /** Publishes a message to a topic, or an event of `type` to a bus. */
  async publish(topic, data, { type = null, group = null, attributes, subject = null } = {}) {
    this.#check('publish', topic);
    if (this.#kinds[topic] === 'bus' && !(typeof type === 'string' && type)) {
      throw new TypeError(`an event for the bus \`${topic}\` needs a type`);
    }
    await this.#do('publish', topic, data, attributes, { group, type, subject });
  }

  /** Writes a record to a stream; records of one key keep their order. */
  async write(stream, data, { key = null } = {}) {
    await this.#do('write', stream, data, null, { key: key === null ? null : as_attribute(key) });
  }

  /** Puts an object into a bucket, `put(bucket, key, data)`, or a row into a table, `put(table, row)`. */
  async put(resource, key, data, { attributes, content_type } = {}) {
    if (this.#is_table('write', resource)) {
      await this.#store.put_row(resource, as_row(key));
      return;
    }
    const message = encode(data);
    message.content_type = content_type ?? message.content_type;
    const object = { ...message, attributes: attributes_of(attributes) };
    await this.#store.put_object(resource, as_object_key(key), object);
  }

  /** Returns an object of a bucket (see `stored_object`) or a row of a table; null when there is none. */
  async get(resource, key) {
    if (this.#is_table('read', resource)) return this.#store.get_row(resource, as_row(key));
    return this.#store.get_object(resource, as_object_key(key));
  }

  /** Deletes an object of a bucket or a row of a table; nothing happens when there is none. */
  async delete(resource, key) {
    if (this.#is_table('write', resource)) await this.#store.delete_row(resource, as_row(key));
    else await this.#store.delete_object(resource, as_object_key(key));
  }

  /** Returns the objects of a bucket by key, without their contents: all, or the first `limit`. */
  async list(bucket, { prefix = '', limit = null } = {}) {
    if (this.#is_table('read', bucket)) throw new TypeError(`\`${bucket}\` is a table: use \`query\``);
    return this.#store.list_objects(bucket, prefix, limit);
  }

  /** Returns the rows of a table with this key, in the order of the sort field (see `row_query`). */
  async query(table, key, { index = null, limit = null, descending = false } = {}) {
    if (!this.#is_table('read', table)) throw new TypeError(`\`${table}\` is a bucket: use \`list\``);
    return this.#store.query_rows(table, row_query(key, index, limit, descending));
  }

  /** Calls a function of the program with any JSON value and returns its answer. */
  async invoke(name, data = null) {
    this.#check('invoke', name);
    return this.#store.invoke(name, data);
  }

  /** Sends data to a client of the websocket by the id of its connection; false when it has gone. */
  async reply(connection, data) {
    this.#check('reply', 'websocket');
    return this.#store.reply(connection, encode(data));
  }

  #check(verb, resource) {
    if (!this.#can[verb]?.includes(resource)) {
      const what = `\`${this.function_name}\` may not ${verb} \`${resource}\``;
      throw new NotAllowed(`${what}: declare \`can ${verb === 'reply' ? verb : `${verb} ${resource}`}\` in it`);
    }
  }

  #is_table(verb, resource) {
    this.#check(verb, resource);
    const kind = this.#kinds[resource];
    if (kind !== 'bucket' && kind !== 'table') {
      throw new TypeError(`\`${resource}\` is a ${kind}: records go there with \`write\``);
    }
    return kind === 'table';
  }

  async #do(verb, resource, data, attributes, options) {
    this.#check(verb, resource);
    if (verb === 'write' && this.#kinds[resource] !== 'stream') {
      throw new TypeError(`\`${resource}\` is a ${this.#kinds[resource]}: use \`put\``);
    }
    const all = { delay_ms: 0, group: null, type: null, key: null, subject: null, ...options };
    await this.#sender(resource, verb, { ...encode(data), attributes: attributes_of(attributes), ...all });
  }
}

/** Returns a row or the key of one: an object of JSON values by field. */
export function as_row(value) {
  if (!is_object(value) || !Object.keys(value).length) {
    throw new TypeError('a row and a key are objects: { id: "7" }');
  }
  return from_json(to_json(value));
}

function as_object_key(value) {
  if (typeof value !== 'string' || !value) throw new TypeError('the key of an object is text');
  return value;
}

/** Returns what `get` gives of a bucket's object; `body` is bytes. */
export function stored_object({ key, body, content_type = null, size, etag, time, attributes }) {
  const [text, is_base64] = as_text(body);
  const made = { key, size, etag, time: timestamp(time), content_type, body: text };
  if (is_base64) made.base64 = true;
  return { ...made, data: is_base64 ? null : from_json(text), attributes: attributes ?? {} };
}

const OPERATORS = { starts_with: 'starts_with', from: '>=', to: '<=', 'from to': 'between' };

/**
 * Returns a query: `equal` holds fields and values, `range` is null or `[field, operator, values]`.
 *
 * `key` names the partition field and its value, and may name the sort field: with a value, or with one of
 * `{ starts_with: V }`, `{ from: V }`, `{ to: V }` and `{ from: V, to: V }`, both ends included.
 */
export function row_query(key, index = null, limit = null, descending = false) {
  const equal = {};
  let range = null;
  for (const [field, wanted] of Object.entries(as_row(key))) {
    if (!is_object(wanted)) {
      equal[field] = wanted;
      continue;
    }
    const words = Object.keys(wanted).sort();
    const operator = OPERATORS[words.join(' ')];
    if (!operator || range) {
      throw new TypeError('a key asks for a value, or for `starts_with`, `from` and `to` of the sort field');
    }
    range = [field, operator, words.map((it) => wanted[it])];
  }
  if (!Object.keys(equal).length) throw new TypeError('a query names the partition field and its value');
  return { equal, range, index, limit, descending: Boolean(descending) };
}
