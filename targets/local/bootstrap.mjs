// One local instance of a Node function: it asks for events, calls the handler, answers.
//
// It speaks the AWS Lambda Runtime API over loopback and needs Node alone; README.md beside this file
// says what passes. `FNC_CONCURRENCY` loops take events, each over a connection of its own.

import { once } from 'node:events';
import module from 'node:module';
import { connect } from 'node:net';

import * as portable from './_fnc/portable.mjs';
import { call_lambda } from './_fnc/contract.mjs';

const RUNTIME = '/2018-06-01/runtime';
const END = Buffer.from('\r\n\r\n');

/** One kept-alive HTTP/1.1 connection to the runtime. */
class Connection {
  #host;
  #prefix;
  #socket;
  #received = Buffer.alloc(0);
  #waiting = [];

  static async open(address) {
    const made = new Connection();
    const [host, prefix] = address.split('/', 2);
    const [name, port] = host.split(':');
    made.#host = host;
    made.#prefix = prefix ? `/${prefix}` : '';
    made.#socket = connect({ host: name, port: Number(port), noDelay: true });
    await once(made.#socket, 'connect');
    made.#socket.on('data', (chunk) => made.#receive(chunk));
    // Without its runtime an instance has nothing to live for.
    made.#socket.on('close', () => process.exit(0)).on('error', () => process.exit(0));
    return made;
  }

  /** Writes requests `[method, path, body]` in one go; returns a promise of a reply for each. */
  exchange(...requests) {
    let text = '';
    for (const [method, path, body] of requests) {
      text += `${method} ${this.#prefix}${path} HTTP/1.1\r\nhost: ${this.#host}\r\n`;
      text += `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    }
    this.#socket.write(text);
    return requests.map(() => new Promise((resolve) => this.#waiting.push(resolve)));
  }

  #receive(chunk) {
    this.#received = this.#received.length ? Buffer.concat([this.#received, chunk]) : chunk;
    for (;;) {
      const end = this.#received.indexOf(END);
      if (end < 0) return;
      const [status, ...lines] = this.#received.latin1Slice(0, end).split('\r\n');
      const headers = {};
      for (const line of lines) {
        const colon = line.indexOf(':');
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
      }
      const start = end + END.length;
      const next = start + Number(headers['content-length'] ?? 0);
      if (this.#received.length < next) return;
      const body = this.#received.utf8Slice(start, next);
      this.#received = this.#received.subarray(next);
      this.#waiting.shift()({ status: Number(status.split(' ')[1]), headers, body });
    }
  }
}

/** Carries out the verbs of `context`, over connections that are opened when they are needed. */
class Store {
  #address;
  #free = [];

  constructor(address) {
    this.#address = address;
  }

  async ask(verb, resource, message) {
    // Who waits for a function holds nobody else up.
    const connection = this.#free.pop() ?? (await Connection.open(this.#address));
    const request = ['POST', `/fnc/${verb}/${resource}`, JSON.stringify(message)];
    const { status, body } = await connection.exchange(request)[0];
    this.#free.push(connection);
    if (status === 200) return JSON.parse(body);
    const kinds = { 403: portable.NotAllowed, 502: portable.CallFailed };
    throw new (kinds[status] ?? portable.SendFailed)(JSON.parse(body).error);
  }

  put_object(bucket, key, message) {
    return this.ask('put_object', bucket, { ...message, key });
  }

  get_object(bucket, key) {
    return this.ask('get_object', bucket, { key });
  }

  list_objects(bucket, prefix, limit) {
    return this.ask('list_objects', bucket, { prefix, limit });
  }

  delete_object(bucket, key) {
    return this.ask('delete_object', bucket, { key });
  }

  put_row(table, row) {
    return this.ask('put_row', table, { row });
  }

  get_row(table, key) {
    return this.ask('get_row', table, { row: key });
  }

  delete_row(table, key) {
    return this.ask('delete_row', table, { row: key });
  }

  query_rows(table, query) {
    return this.ask('query_rows', table, { query });
  }

  invoke(name, data) {
    return this.ask('invoke', name, { data });
  }
}

/** Returns the event of AWS with the records that a `where` takes, and whether there are any. */
function wanted(config, received) {
  if (!config.triggers.some((it) => 'where' in it)) return [received, true];
  const { payload, event } = received;
  const asked = portable.taken(config.triggers, event);
  if (asked === null) return [payload, false];
  if (!asked.records || !payload?.Records) return [payload, true];
  const ids = asked.records.map((it) => it.id);
  return [{ ...payload, Records: payload.Records.filter((_, at) => ids.includes(event.records[at].id)) }, true];
}

/** Takes events one after the other, until the runtime goes away. */
async function serve(address, config, handler) {
  const connection = await Connection.open(address);
  const store = new Store(address);
  const sender = (resource, verb, message) => store.ask(verb, resource, message);
  const ask = ['GET', `${RUNTIME}/invocation/next`, ''];
  let [next] = connection.exchange(ask);
  for (;;) {
    const { status, headers, body } = await next;
    if (status !== 200) throw new Error(`the runtime answered ${status}`);
    const request_id = headers['lambda-runtime-aws-request-id'];
    const deadline = headers['lambda-runtime-deadline-ms'];
    const context = new portable.Context(config, request_id, deadline, sender, store);
    const path = `${RUNTIME}/invocation/${request_id}`;
    let answer;
    try {
      if (config.contract === 'lambda') {
        const about = { ...known(), arn: headers['lambda-runtime-invoked-function-arn'] };
        const [payload, is_wanted] = wanted(config, JSON.parse(body));
        const value = is_wanted ? await call_lambda(handler, payload, about, request_id, deadline) : null;
        answer = ['POST', `${path}/response`, JSON.stringify(value) ?? 'null'];
      } else {
        const value = await portable.run(handler, JSON.parse(body), context);
        answer = ['POST', `${path}/response`, portable.to_json(portable.plain(value))];
      }
    } catch (error) {
      answer = ['POST', `${path}/error`, described(error)];
    }
    const [taken, following] = connection.exchange(answer, ask);
    next = following;
    const { status: accepted } = await taken;
    if (accepted !== 202) throw new Error(`the runtime answered ${accepted}`);
  }
}

/** Returns what Lambda's own variables tell of the function. */
function known() {
  const env = process.env;
  const [name, version] = [env.AWS_LAMBDA_FUNCTION_NAME, env.AWS_LAMBDA_FUNCTION_VERSION];
  return { name, version, memory: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, place: 'local' };
}

/** Returns an error as the Runtime API wants it; the trace ends where the handler's code does. */
function described(thrown) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const own = (line) => line.includes(import.meta.url) || line.includes(new URL('_fnc/', import.meta.url).href);
  const stackTrace = String(error.stack).split('\n').filter((line) => !own(line));
  return JSON.stringify({ errorMessage: error.message, errorType: error.name, stackTrace });
}

/** Lays layers under the code: what is laid first is asked first, and a later layer wins over an earlier one. */
async function lay_layers(layers, root) {
  if (layers.length === 0) return;
  if (typeof module.registerHooks !== 'function') {
    throw new Error(`layers take Node 22.15 or later; this is ${process.version}`);
  }
  const { lay } = await import('./layers.mjs');
  for (const layer of layers.toReversed()) lay(root, `${root}/${layer}`);
}

const address = process.env.AWS_LAMBDA_RUNTIME_API;
const config = JSON.parse(process.env.FNC_CONFIG);
let handler;
try {
  await lay_layers(config.layers ?? [], process.env.LAMBDA_TASK_ROOT);
  handler = await portable.load(config.handler, process.env.LAMBDA_TASK_ROOT);
} catch (error) {
  const connection = await Connection.open(address);
  await connection.exchange(['POST', `${RUNTIME}/init/error`, described(error)])[0];
  process.exit(1);
}
const loops = Array.from({ length: Number(process.env.FNC_CONCURRENCY ?? 1) }, () => serve(address, config, handler));
await Promise.all(loops);
