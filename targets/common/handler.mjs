// Handlers: loaded from their files, called with an event, their errors logged.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TRIGGERS } from './context.mjs';
import { timestamp } from './encoding.mjs';
import { taken } from './filter.mjs';

/** Returns the function that `file:symbol` names, the file being relative to `root`. */
export async function load(handler, root = '.') {
  const at = handler.lastIndexOf(':');
  const [file, symbol] = [handler.slice(0, at), handler.slice(at + 1)];
  const module = await import(pathToFileURL(resolve(root, file)));
  // Node finds the names that a CommonJS file exports by reading it, and may miss some.
  const found = module[symbol] ?? module.default?.[symbol];
  if (typeof found !== 'function') throw new Error(`${file} has no function \`${symbol}\``);
  return found;
}

/** Returns the handler of a function as one of portable events, whatever its `contract` says. */
export async function load_for(config, root = '.') {
  const handler = await load(config.handler, root);
  if (config.contract !== 'lambda') return handler;
  // It is there only where a function needs it.
  const { under } = await import('./contract.mjs');
  return under(config, handler);
}

/** Returns what the handler returns, null for nothing; waits for promises, throws what it throws. */
export async function run(handler, event, context) {
  const asked = taken(TRIGGERS.get(context), event);
  return asked === null ? null : ((await handler(asked, context)) ?? null);
}

/** Returns what the handler returned, or the error it threw (logged); waits for promises. */
export async function call(handler, event, context) {
  try {
    return await run(handler, event, context);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    log_error(error, context.request_id, context.function_name);
    // Only the records that the handler was called with have failed.
    const asked = taken(TRIGGERS.get(context), event);
    if (asked?.records) error.fnc_records = asked.records.map((it) => it.id);
    return error;
  }
}

/** Writes an error with its trace as one JSON line on standard error. */
export function log_error(error, request_id = '', fn = '') {
  const { name, message, stack } = error;
  const line = { time: timestamp(), level: 'error', message: `${name}: ${message}`, function: fn, request_id, trace: stack };
  process.stderr.write(JSON.stringify(line) + '\n');
}
