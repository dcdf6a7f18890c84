// Runs the golden vectors of a target through its Node shim: `node run.mjs TARGET…`.

import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as portable from '../common/portable.mjs';

const VECTORS = dirname(fileURLToPath(import.meta.url));
const TARGETS = dirname(VECTORS);
const read = (...path) => JSON.parse(readFileSync(join(VECTORS, ...path), 'utf8'));

/** Runs all cases of a target and returns the number of checks and the list of differences. */
export async function run(target, shim) {
  if (target === 'filter') return run_filter(join(VECTORS, 'filter'));
  if (target.startsWith('filter:')) return run_filter(target.slice('filter:'.length));
  if (target === 'key') return run_key();
  if (target === 'websocket') return run_websocket();
  if (target === 'lambda') return run_lambda();
  shim ??= target === 'portable' ? shared : await load_shim(target);
  const differences = [];
  let checks = 0;
  const folder = join(VECTORS, target);
  const cases = existsSync(folder) ? readdirSync(folder).filter((it) => it.endsWith('.json')).sort() : [];
  for (const name of cases) {
    for await (const [what, got, expected] of compare(target, name, shim)) {
      checks += 1;
      if (got !== expected) differences.push(`${target}/${name}: ${what}\n  expected ${expected}\n  got      ${got}`);
    }
  }
  return { checks, differences };
}

/** Runs the cases of `where` in a folder: which records its JSON form takes. */
function run_filter(folder) {
  const differences = [];
  let checks = 0;
  for (const name of readdirSync(folder).filter((it) => it.endsWith('.json')).sort()) {
    const { where, form, records } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    for (const { record, taken } of records) {
      checks += 1;
      if (portable.matches(form, record) !== taken) {
        differences.push(`filter/${name}: \`${where}\` of ${JSON.stringify(record)}`);
      }
    }
  }
  return { checks, differences };
}

/** Runs the cases of `auth key`: which requests it turns away, and how. */
function run_key() {
  const differences = [];
  let checks = 0;
  for (const name of readdirSync(join(VECTORS, 'key')).filter((it) => it.endsWith('.json')).sort()) {
    const { triggers, secrets, requests, refusal } = read('key', name);
    for (const { refused, ...request } of requests) {
      checks += 1;
      const refusing = portable.refusal({ triggers }, { trigger: 'http', request }, (secret) => secrets[secret]);
      const got = refusing && portable.http_answer(refusing);
      if (canonical(got) !== canonical(refused ? refusal : null)) {
        differences.push(`key/${name}: ${canonical(request)}\n  got ${canonical(got)}`);
      }
    }
  }
  return { checks, differences };
}

/** Runs the cases of `contract lambda`: the event that a handler gets, and what its answers mean. */
async function run_lambda() {
  const { to_lambda } = await import('../common/lambda_event.mjs');
  const { from_lambda } = await import('../common/lambda_answer.mjs');
  const differences = [];
  let checks = 0;
  for (const name of readdirSync(join(VECTORS, 'lambda')).filter((it) => it.endsWith('.json')).sort()) {
    const vector = read('lambda', name);
    const of = read('portable', vector.of ?? name);
    const config = { ...of.config, ...vector.config };
    const made = [['event', to_lambda(config, of.event, of.request_id, vector.now_ms), vector.payload]];
    for (const it of vector.answers) {
      let got;
      try {
        got = from_lambda(config, of.event, it.returned);
      } catch (error) {
        got = { raises: error.message };
      }
      made.push([`answer ${canonical(it.returned)}`, got, it.portable]);
    }
    for (const [what, got, expected] of made) {
      checks += 1;
      if (canonical(got) === canonical(expected)) continue;
      differences.push(`lambda/${name}: ${what}\n  expected ${canonical(expected)}\n  got      ${canonical(got)}`);
    }
  }
  return { checks, differences };
}

/** Runs the cases of connections through the shared library, and through the shims of the targets that they name. */
async function run_websocket() {
  const differences = [];
  let checks = 0;
  for (const name of readdirSync(join(VECTORS, 'websocket')).filter((it) => it.endsWith('.json')).sort()) {
    const base = read('websocket', name);
    const alone = { payload: base.event, answers: base.answers.map((it) => it.answer) };
    for (const [target, vector] of [['portable', alone], ['aws', base.aws]]) {
      const shim = target === 'portable' ? shared : await load_shim(target);
      for await (const [what, got, expected] of compare_case(name, base, vector, shim)) {
        checks += 1;
        if (got === expected) continue;
        differences.push(`websocket/${name}: ${what} of ${target}\n  expected ${expected}\n  got      ${got}`);
      }
    }
  }
  return { checks, differences };
}

/** Imports a shim from a folder laid out as in a build: the shim beside the shared library. */
export async function load_shim(target) {
  const folder = mkdtempSync(join(tmpdir(), 'fnc-vectors-'));
  for (const part of ['common', target]) {
    for (const file of readdirSync(join(TARGETS, part)).filter((it) => it.endsWith('.mjs'))) {
      cpSync(join(TARGETS, part, file), join(folder, file));
    }
  }
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return import(pathToFileURL(join(folder, 'shim.mjs')));
}

/** Yields `[what, got, expected]`, both as canonical text. */
async function* compare(target, name, shim) {
  const base = read('portable', name);
  const given = { payload: base.event, answers: base.answers.map((it) => it.answer) };
  yield* compare_case(name, base, target === 'portable' ? given : read(target, name), shim);
}

/** Yields `[what, got, expected]` of a case as a target sees it. */
async function* compare_case(name, base, vector, shim) {
  const config = { ...base.config, ...vector.config };
  for (const [number, part] of (vector.parts ?? [vector]).entries()) {
    const expected = structuredClone(base.event);
    let answers = part.answers;
    if (vector.parts) {
      expected.records = part.records.map((at) => expected.records[at]);
    } else {
      if (answers.length !== base.answers.length) throw new Error(`${name}: an answer for each portable answer`);
      answers = base.answers.map((asked, at) => ({ ...asked, answer: answers[at] }));
    }
    const event = await shim.to_portable(config, part.payload);
    differ(part.event_differs ?? {}, expected, event);
    yield [`event ${number}`, ordered(event), ordered(expected)];
    for (const [at, it] of answers.entries()) {
      const outcome = 'raises' in it ? new Error(it.raises) : it.handler;
      let got;
      try {
        got = await shim.to_answer(config, part.payload, outcome, base.request_id);
      } catch (error) {
        got = { raises: error.message };
      }
      yield [`answer ${number}.${at}`, canonical(got), canonical(it.answer)];
    }
  }
}

/** Writes into `expected` what this provider really gives. */
function differ(differences, expected, event) {
  for (const [pointer, difference] of Object.entries(differences)) {
    if (!difference.why) throw new Error(`${pointer} differs without saying why`);
    const path = pointer.split('/').slice(1).map((it) => it.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = path.pop();
    const [into, real] = [expected, event].map((it) => path.reduce((at, step) => at[step], it));
    if (difference.absent) delete into[last];
    else into[last] = difference.any ? real[last] : difference.value;
  }
}

function canonical(value) {
  const sorted = (_, it) => {
    if (typeof it !== 'object' || it === null || Array.isArray(it)) return it;
    return Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(value ?? null, sorted);
}

/** Returns canonical text that keeps the documented order of the event's own members. */
function ordered(event) {
  const parts = [event, event.request ?? {}, ...(event.records ?? [])];
  return `${canonical(event)} in order ${canonical(parts.map(Object.keys))}`;
}

/** The shared library by itself: an event taken apart and put together again. */
const shared = {
  to_portable(config, event) {
    if (event.trigger === 'http') {
      const { method, headers, cookies, query_all, body, base64, ...others } = event.request;
      const crumbs = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
      return portable.http_event(config, {
        ...others,
        params: undefined,
        method: method.toLowerCase(),
        query: Object.entries(query_all).flatMap(([name, values]) => values.map((value) => [name, value])),
        headers: [...Object.entries(headers).map(([name, it]) => [name.toUpperCase(), it]), ['Cookie', crumbs.join('; ')]],
        body: body === null ? null : Buffer.from(body, base64 ? 'base64' : 'utf8'),
      });
    }
    if (event.trigger === 'websocket') {
      const { type, request, ...members } = event.records[0];
      const { query_all = {}, cookies = {}, ...asked } = request ?? {};
      const query = Object.entries(query_all).flatMap(([name, values]) => values.map((value) => [name, value]));
      const crumbs = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
      const happened = type.split('.').pop();
      return portable.websocket_event(config, { ...members, happened, request: { ...asked, query, cookies: crumbs } });
    }
    if (event.trigger === 'invoke') return portable.invoke_event(config, event.records[0]);
    const records = event.records.map((it) => {
      if (event.trigger === 'schedule') return portable.tick(config, it);
      if (event.trigger === 'bucket') return portable.object_record(it);
      if (event.trigger === 'table') return portable.row_record(it);
      const bytes = Buffer.from(it.body, it.base64 ? 'base64' : 'utf8');
      if (event.trigger === 'stream') return portable.stream_record({ ...it, body: bytes });
      if (event.trigger === 'event') return portable.event_record({ ...it, body: bytes });
      const { type, data, base64, ...members } = it;
      const mark = base64 ? { [portable.BASE64_ATTRIBUTE]: 'true' } : {};
      const made = portable.message(event.trigger, { ...members, attributes: { ...it.attributes, ...mark } });
      const there_and_back = portable.from_cloudevent(JSON.parse(JSON.stringify(portable.to_cloudevent(made))));
      if (canonical({ ...there_and_back, body: made.body }) !== canonical(made)) throw new Error(canonical(there_and_back));
      return made;
    });
    return portable.event(config, event.trigger, event.source, records);
  },
  to_answer(config, event, outcome, request_id) {
    if (event.trigger === 'http' || portable.is_connect(event)) return portable.http_answer(outcome, request_id);
    return { failed: portable.batch_answer(outcome, event.records.map((it) => it.id)) };
  },
};

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const targets = process.argv.slice(2);
  let failed = targets.length === 0;
  for (const target of targets) {
    const { checks, differences } = await run(target);
    const summary = `${target}: ${checks - differences.length} of ${checks} checks agree (Node)`;
    process.stdout.write([...differences, summary, ''].join('\n'));
    failed ||= differences.length > 0 || checks === 0;
  }
  process.exitCode = failed ? 1 : 0;
}
