// Runs a server that speaks the protocol of Cosmos DB: node cosmos.cjs NODE_MODULES PORT
//
// Microsoft's emulator comes as a container image only. This one, by Vercel, knows items, queries and entity tags; it has
// neither roles nor `ttl`. Where it takes Azure's newer libraries amiss its handlers are replaced here.

const { join } = require('node:path');

const [modules, port] = process.argv.slice(2);
const library = join(modules, '@vercel', 'cosmosdb-server', 'lib');
const handler = (name) => require(join(library, 'handler', name));
const operations = handler('_document-operations.js');
const { default: json } = require(join(library, 'json.js'));

const reading = handler('read-document.js');
const { default: read } = reading;
// It breaks off where an item isn't there.
reading.default = (account, request, response, place) => {
  try {
    return read(account, request, response, place);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    response.statusCode = 404;
    return { code: 'NotFound', message: `there is no ${place.docId}` };
  }
};

// It looks for the partition in each operation; the libraries name it once, in a header. Nor does it undo anything.
handler('batch-documents.js').default = async (account, request, response, { dbId, collId }) => {
  const collection = account.database(dbId).collection(collId);
  const partitionKey = request.headers['x-ms-documentdb-partitionkey'];
  const inputs = (await json(request)).map((it) => ({ ...it, partitionKey }));
  const [partition] = JSON.parse(partitionKey);
  const before = inputs.map(({ id, resourceBody }) => [id ?? resourceBody.id, collection.document(id ?? resourceBody.id, partition).read()]);
  const results = [];
  for (const input of inputs) {
    const done = operations[`${input.operationType.toLowerCase()}Operation`](collection, input);
    if (done.statusCode < 400) {
      results.push({ statusCode: done.statusCode, requestCharge: 1, eTag: done.body?._etag });
      continue;
    }
    for (const [id, item] of before.slice(0, results.length)) {
      if (item) collection.documents.upsert(item);
      else collection.documents.delete(id, partition);
    }
    response.statusCode = 207;
    return inputs.map((_, n) => ({ statusCode: n === results.length ? done.statusCode : 424, requestCharge: 1 }));
  }
  return results;
};

const { createHttpsServer } = require(library);
createHttpsServer().listen(Number(port), '127.0.0.1');
