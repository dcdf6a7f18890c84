// Stands in for the compiled HTTP client inside aws-lambda-ric, so that nothing need be compiled: the same four
// calls of Lambda's Runtime API, written with Node's own client. All else of aws-lambda-ric runs as it is.

const http = require('node:http');
const Module = require('node:module');

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');

function request(method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const url = { host, port, path: `/2018-06-01/runtime${path}`, method, headers, agent };
    const sent = http.request(url, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ bodyJson: Buffer.concat(parts).toString(), headers: answer.headers }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const client = {
  initializeClient() {},
  next: () => request('GET', '/invocation/next'),
  done: (id, body) => request('POST', `/invocation/${id}/response`, body),
  error: (id, body) => request('POST', `/invocation/${id}/error`, body),
};

const load = Module._load;
Module._load = function (name, ...others) {
  return name.endsWith('rapid-client.node') ? client : load.call(this, name, ...others);
};
