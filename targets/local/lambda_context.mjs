// What a handler with `contract lambda` gets beside its event, as AWS Lambda gives it.

// From Node 24 on Lambda calls no handler that answers by a callback.
const CALLBACKS = Number(process.versions.node.split('.')[0]) < 24;

/** Returns what the handler answers, null for nothing: by its promise, or by the callback of older ones. */
export async function call(handler, event, request_id, deadline_ms, arn) {
  const env = process.env;
  const name = env.AWS_LAMBDA_FUNCTION_NAME;
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: request_id,
    functionName: name,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: arn,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: `local/[${env.AWS_LAMBDA_FUNCTION_VERSION}]${process.pid}`,
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
