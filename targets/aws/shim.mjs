// Carries AWS Lambda events to portable handlers, and their answers back.
//
// The entry calls `serve` with the function's config; what `serve` returns is the Lambda handler.
// `shim.py` is the same for Python.

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { native } from './native.mjs';
import { is_skipped, to_portable } from './payload.mjs';
import * as portable from './portable.mjs';
import { to_answer } from './result.mjs';
import { fetch_keys, fetch_secrets } from './services.mjs';
import { send, store } from './verbs.mjs';

export { to_answer, to_portable };

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Returns the config of a function: its line of `functions.jsonl`. The lines of others aren't read as JSON. */
export function config_of(name) {
  const start = `{"function":${JSON.stringify(name)},`;
  const lines = readFileSync(new URL('./functions.jsonl', import.meta.url), 'utf8').split('\n');
  const line = lines.find((it) => it.startsWith(start));
  if (!line) throw new Error(`functions.jsonl has no function \`${name}\``);
  return JSON.parse(line);
}

/** Returns the Lambda handler of the function that `config` describes. */
export async function serve(config) {
  await fetch_secrets();
  const keys = await fetch_keys();
  const handle = await portable.load(config.handler, ROOT);
  if (config.contract === 'lambda') return native(config, handle, keys);
  return async (payload, lambda_context) => {
    if (is_skipped(payload)) return null;
    const deadline = Date.now() + lambda_context.getRemainingTimeInMillis();
    const request_id = lambda_context.awsRequestId;
    const event = to_portable(config, payload, request_id);
    let outcome = portable.refusal(config, event, (secret) => keys[secret]);
    if (outcome === null) {
      const context = new portable.Context(config, request_id, deadline, send, store);
      outcome = await portable.call(handle, event, context);
    }
    return to_answer(config, payload, outcome, request_id);
  };
}
