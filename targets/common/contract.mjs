// `contract lambda` where there is no Lambda: its events, its context and the meaning of its answers around a handler.

import { to_json } from './encoding.mjs';
import { from_lambda } from './lambda_answer.mjs';
import { ACCOUNT, region_of, to_lambda } from './lambda_event.mjs';

// From Node 24 on Lambda calls no handler that answers by a callback.
const CALLBACKS = Number(process.versions.node.split('.')[0]) < 24;

/** Returns a handler of portable events that calls one with `contract lambda`. */
export function under(config, handler) {
  return async (event, context) => {
    const given = to_lambda(config, event, context.request_id, Date.now());
    const value = await call_lambda(handler, given, about(config), context.request_id, context.deadline_ms);
    return from_lambda(config, event, JSON.parse(to_json(value)));
  };
}

/** Returns what the context tells of the function. */
function about(config) {
  const [name, region] = [config.function, region_of(config)];
  const arn = `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`;
  return { name, version: '$LATEST', memory: String(config.memory_mb ?? ''), place: region, arn };
}

/** Returns what a Lambda handler answers, null for nothing: by its promise, or by the callback of older ones. */
export async function call_lambda(handler, event, about, request_id, deadline_ms) {
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: request_id,
    functionName: about.name,
    functionVersion: about.version,
    invokedFunctionArn: about.arn,
    memoryLimitInMB: about.memory,
    logGroupName: `/aws/lambda/${about.name}`,
    logStreamName: `${about.place}/[${about.version}]${process.pid}`,
    getRemainingTimeInMillis: () => Math.max(0, Number(deadline_ms) - Date.now()),
  };
  if (handler.length >= 3 && !CALLBACKS) {
    throw new Error('a handler that takes a callback runs on Lambda up to Node 22 only: return a promise');
  }
  return new Promise((resolve, reject) => {
    const callback = (error, answer) => (error ? reject(error) : resolve(answer ?? null));
    const old = { done: callback, succeed: (answer) => callback(null, answer), fail: (error) => callback(error ?? 'failed') };
    const returned = CALLBACKS ? handler(event, Object.assign(context, old), callback) : handler(event, context);
    if (typeof returned?.then === 'function') returned.then((answer) => resolve(answer ?? null), reject);
    // Without a promise only the callback answers.
    else if (handler.length < 3) resolve(null);
  });
}
