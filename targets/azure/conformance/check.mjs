// Runs one Node function app under Microsoft's own library: node check.mjs APP_FOLDER REPORT
//
// The worker that the library talks to is stood in for; the library itself registers every function and turns the
// host's data into what the handlers get. Each function is invoked once, with the calls that `events.py` made (on
// standard input, by function; `null` only registers). In a folder named `vectors` the golden vectors go through it instead.
// The app must lie below a folder whose `node_modules` holds the libraries.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [what, report] = process.argv.slice(2);
const require = createRequire(join(resolve(what), 'x.js'));
const registered = new Map();
let model;

// `@azure/functions-core` exists inside Azure's worker only.
const Module = require('node:module');
const load = Module._load;
class Disposable {
  dispose() {}
}
const core = {
  version: '3.11.0',
  hostVersion: '4.1040.0',
  Disposable,
  setProgrammingModel: (it) => (model = it),
  getProgrammingModel: () => model,
  registerHook: () => new Disposable(),
  log() {},
  registerFunction(metadata, callback) {
    if (registered.has(metadata.name)) throw new Error(`two functions are named ${metadata.name}`);
    registered.set(metadata.name, { metadata, callback });
    return new Disposable();
  },
};
Module._load = function (request, ...others) {
  return request === '@azure/functions-core' ? core : load.call(this, request, ...others);
};

/** Returns data of a call as the protocol carries it. */
function typed(value) {
  const [[kind, content]] = Object.entries(value);
  if (kind === 'collection_bytes') return { collectionBytes: { bytes: content.map((it) => Buffer.from(it, 'base64')) } };
  if (kind === 'bytes') return { bytes: Buffer.from(content, 'base64') };
  if (kind !== 'http') return { [kind]: content };
  const { headers, body, ...others } = content;
  const nullable = Object.fromEntries(Object.entries(headers).map(([name, it]) => [name, { value: it }]));
  // Headers without a value come apart from the others.
  return { http: { ...others, headers: {}, nullableHeaders: nullable, nullableParams: {}, body: typed(body), query: undefined } };
}

/** Invokes a function; returns the library's answer. */
async function invoke(name, call) {
  const { metadata, callback } = registered.get(name);
  const [trigger] = Object.entries(metadata.bindings).filter(([, it]) => it.type.endsWith('Trigger'));
  const request = {
    inputData: [{ name: trigger[0], data: typed(call.data) }],
    triggerMetadata: Object.fromEntries(Object.entries(call.metadata ?? {}).map(([key, it]) => [key, typed(it)])),
    retryContext: { retryCount: call.retry_count ?? 0, maxRetryCount: 0 },
  };
  const invocation = model.getInvocationModel({
    functionId: name,
    invocationId: call.id,
    request,
    metadata,
    log() {},
    state: undefined,
  });
  const { context, inputs } = await invocation.getArguments();
  const output = await invocation.invokeFunction(context, inputs, callback);
  const { returnValue } = await invocation.getResponse(context, output);
  return returnValue;
}

/** Invokes a function; what fails in part is given again, as the host does. */
async function retried(name, { retries = 0, ...call }) {
  for (let retry_count = 0; ; retry_count += 1) {
    try {
      return await invoke(name, { ...call, retry_count });
    } catch (error) {
      if (retry_count >= retries) throw error;
    }
  }
}

function http_answer({ http }) {
  const body = Buffer.from(http.body?.bytes ?? http.body?.string ?? '');
  const cookies = http.cookies.map((it) => {
    const age = it.maxAge?.value === undefined ? '' : `; Max-Age=${it.maxAge.value}`;
    const path = it.path?.value === undefined ? '' : `; Path=${it.path.value}`;
    return `${it.name}=${it.value}${age}${path}${it.httpOnly?.value ? '; HttpOnly' : ''}`;
  });
  return { status: Number(http.statusCode), headers: http.headers, cookies, body: body.toString('base64') };
}

/** Keeps what is sent instead of sending it; everything up to the network is the library's own. */
async function record_sent(folder) {
  const sent = [];
  const { ServiceBusClient } = require('@azure/service-bus');
  const open = ServiceBusClient.prototype.createSender;
  ServiceBusClient.prototype.createSender = function (name) {
    const sender = open.call(this, name);
    sender.sendMessages = async ({ body, messageId, applicationProperties, sessionId }) => {
      if (!Buffer.isBuffer(body) || !messageId) throw new TypeError('a message has bytes and an id');
      sent.push({ to: name, kind: 'message', body: body.toString('base64'), id: messageId, properties: applicationProperties, session: sessionId ?? null });
    };
    return sender;
  };
  // A shim imports the library's modules, which aren't those that `require` gives.
  const library = join(folder, '_fnc', 'library.mjs');
  writeFileSync(library, 'export default (name) => import(name);\n');
  const { default: imported } = await import(pathToFileURL(library));
  const { EventHubProducerClient } = await imported('@azure/event-hubs');
  EventHubProducerClient.prototype.sendBatch = async function (events, { partitionKey } = {}) {
    for (const { body, contentType } of events) {
      if (!Buffer.isBuffer(body)) throw new TypeError('an event has bytes');
      const content = { body: body.toString('base64'), key: partitionKey ?? null, content_type: contentType };
      sent.push({ to: this.eventHubName, kind: 'stream', ...content });
    }
  };
  const { EventGridPublisherClient } = await imported('@azure/eventgrid');
  EventGridPublisherClient.prototype.send = async function ([{ source, type, subject, datacontenttype, extensionAttributes, data }]) {
    const content = data instanceof Uint8Array ? { data_base64: Buffer.from(data).toString('base64') } : { data };
    const members = { subject: subject ?? null, content_type: datacontenttype, extensions: extensionAttributes ?? {} };
    sent.push({ to: source, kind: 'event', type, ...members, ...content });
  };
  return sent;
}

/** Returns what was registered and what came of calling each function once. */
async function examine(folder) {
  const { calls, published } = JSON.parse(readFileSync(0, 'utf8'));
  globalThis.fetch = async (url) => Response.json(published[String(url)]);
  const { Values } = JSON.parse(readFileSync(join(folder, 'local.settings.json'), 'utf8'));
  const azurite = process.env.FNC_AZURITE ?? 'http://127.0.0.1:10000/devstoreaccount1';
  for (const [name, value] of Object.entries(Values)) {
    const here = value.replace('http://127.0.0.1:10000/devstoreaccount1', azurite);
    process.env[name] = here.replace('https://localhost:8081/', process.env.FNC_COSMOS_SERVER ?? 'https://localhost:8081/') || 'conformance';
  }
  const config = JSON.parse(readFileSync(join(folder, '_fnc', 'functions.json'), 'utf8'));
  for (const [name, kind] of Object.values(config).flatMap((it) => Object.entries(it.kinds))) {
    // There is no emulator of Event Grid, and nothing goes there.
    if (kind === 'bus') process.env[`FNC_BUS_${name.toUpperCase()}`] = `https://${name.replaceAll('_', '-')}.example.net/api/events`;
  }
  const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  try {
    await import(pathToFileURL(join(folder, main)));
  } catch (error) {
    return { error: `indexing: ${error.message}` };
  }
  const functions = {};
  for (const [name, { metadata }] of registered) {
    const bindings = Object.entries(metadata.bindings).map(([binding, it]) => ({ name: binding, ...it }));
    const retry = metadata.retryOptions;
    functions[name] = { bindings, retry: retry ? { strategy: retry.retryStrategy, count: retry.maxRetryCount } : null, error: null };
  }
  if (calls === null) return { functions, sent: [] };
  const sent = await record_sent(folder);
  for (const [name, entry] of Object.entries(functions)) {
    try {
      const answer = await retried(name, calls[name]);
      if (answer?.http) entry.http = http_answer(answer);
      entry.probes = {};
      for (const [probe, it] of Object.entries(calls[name].probes ?? {})) entry.probes[probe] = http_answer(await invoke(name, it));
    } catch (error) {
      entry.error = `${error.name}: ${error.message}`;
    }
  }
  return { functions, sent };
}

// --- The golden vectors --------------------------------------------------------------------------

const APP = `
import { app, trigger } from '@azure/functions';
import { Function } from './_fnc/shim.mjs';
const entry = (kind) => (...given) => new Function('case')[kind](0)(...given);
app.http('http', { route: '{*any}', authLevel: 'anonymous', handler: entry('http') });
app.generic('message', {
  trigger: trigger.generic({ type: 'serviceBusTrigger', connection: 'C', queueName: 'q', dataType: 'binary' }),
  handler: entry('message'),
});
app.generic('stream', {
  trigger: trigger.generic({ type: 'eventHubTrigger', connection: 'C', eventHubName: 'h', cardinality: 'many', dataType: 'binary' }),
  handler: entry('stream'),
});
app.cosmosDB('table', { connection: 'C', databaseName: 'd', containerName: 'c', handler: entry('table') });
app.timer('timer', { schedule: '0 0 3 * * *', handler: entry('timer') });
`;
const STUB = `
export const state = { seen: [], outcome: null };
export function handle(event) {
  state.seen.push(event);
  if (state.outcome instanceof Error) throw state.outcome;
  return state.outcome;
}
`;

/** Returns how many checks of the vectors were made, and where the library differs; `calls` come from `events.py`. */
async function vectors(folder) {
  const pairs = JSON.parse(readFileSync(0, 'utf8'));
  const calls = Object.fromEntries(pairs.map(({ payload, call }) => [JSON.stringify(payload), call]));
  writeFileSync(join(folder, 'function_app.mjs'), APP);
  writeFileSync(join(folder, 'stub.mjs'), STUB);
  await import(pathToFileURL(join(folder, 'function_app.mjs')));
  const { state } = await import(pathToFileURL(join(folder, 'stub.mjs')));
  const shim = await import(pathToFileURL(join(folder, '_fnc', 'shim.mjs')));
  const through = async (config, payload, outcome, request_id) => {
    const whole = { ...config, handler: 'stub.mjs:handle', host_timeout_ms: config.timeout_ms, resources: {} };
    writeFileSync(join(folder, '_fnc', 'functions.json'), JSON.stringify({ case: whole }));
    state.outcome = outcome;
    const call = calls[JSON.stringify(payload)];
    return invoke(payload.trigger, { ...call, id: request_id ?? payload.id ?? 'id' });
  };
  const library = {
    async to_portable(config, payload) {
      await through(config, payload, null);
      return state.seen.at(-1);
    },
    async to_answer(config, payload, outcome, request_id) {
      const answer = await through(config, payload, outcome, request_id);
      if (payload.trigger !== 'http') return null;
      const { body, ...got } = http_answer(answer);
      // Over HTTP no body and an empty one are the same.
      const want = shim.to_answer(config, payload, outcome, request_id).body;
      const bytes = Buffer.from(body, 'base64');
      if (want === null && bytes.length === 0) return { ...got, body: null };
      return { ...got, body: typeof want === 'object' ? { base64: body } : bytes.toString() };
    },
  };
  const { run } = await import('../../vectors/run.mjs');
  return run('azure', library);
}

const made = what.endsWith('/vectors') ? await vectors(resolve(what)) : await examine(resolve(what));
writeFileSync(report, JSON.stringify(made));
process.exit(0);
