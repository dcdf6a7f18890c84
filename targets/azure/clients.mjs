// What the verbs of `context` do on Azure: each service by Azure's own library, with the function app's identity.
//
// No library is imported before it is used: an app's `package.json` names those that its functions need.

import { randomUUID } from 'node:crypto';
import * as portable from './portable.mjs';
import { Rows } from './rows.mjs';

// Azure's Node library turns the first letter of an attribute's name to lower case. Where that would
// change a name, the attributes travel a second time, as JSON text, under this one.
export const ATTRIBUTES = 'fnc-attributes';

const clients = new Map();

/** Returns the one client with this key in the process, as a promise. */
function opened(key, make) {
  if (!clients.has(key)) clients.set(key, Promise.resolve().then(make));
  return clients.get(key);
}

/** Returns the identity of the function app. */
function identity() {
  return opened('identity', async () => {
    const { ManagedIdentityCredential } = await import('@azure/identity');
    return new ManagedIdentityCredential({ clientId: process.env.AzureWebJobsStorage__clientId });
  });
}

/** Returns where a resource of the program is; undefined when it is of another kind. */
function address(kind, resource) {
  return process.env[`FNC_${kind}_${resource.toUpperCase()}`];
}

/** Returns the bytes of a message. */
function content(message) {
  return Buffer.from(message.body, message.base64 ? 'base64' : 'utf8');
}

/** The resources that one function may use. */
export class Clients {
  #resources;

  constructor(config) {
    this.#resources = config.resources;
  }

  /** Sends a message to a queue, publishes it to a topic or a bus, or writes it to a stream. */
  async send(resource, verb, message) {
    const options = this.#resources[resource] ?? {};
    if (verb === 'write') await write_event(address('STREAM', resource), message);
    else if (verb === 'send') await send_message(address('QUEUE', resource), message, options);
    else if (address('BUS', resource)) await publish_event(address('BUS', resource), resource, message);
    else await send_message(address('TOPIC', resource), message, options);
  }

  /** Writes an object, over an older one too. */
  async put_object(bucket, key, message) {
    const { attributes, content_type } = message;
    const options = { blobHTTPHeaders: { blobContentType: content_type } };
    // Metadata is ASCII only.
    if (Object.keys(attributes).length) options.metadata = { [OBJECT_ATTRIBUTES]: ascii(portable.to_json(attributes)) };
    await (await container(bucket)).getBlockBlobClient(key).uploadData(content(message), options);
  }

  /** Returns an object, or null. */
  async get_object(bucket, key) {
    try {
      const found = await (await container(bucket)).getBlockBlobClient(key).download();
      const parts = [];
      for await (const part of found.readableStreamBody) parts.push(part);
      const body = Buffer.concat(parts);
      const attributes = portable.from_json(found.metadata?.[OBJECT_ATTRIBUTES] ?? '{}') ?? {};
      const { contentType: content_type, lastModified: time } = found;
      return portable.stored_object({ key, body, content_type, size: body.length, etag: unquoted(found.etag), time, attributes });
    } catch (error) {
      if (error.statusCode === 404) return null;
      throw error;
    }
  }

  /** Returns the objects whose keys begin so, in order. */
  async list_objects(bucket, prefix, limit) {
    const made = [];
    for await (const { name, properties: it } of (await container(bucket)).listBlobsFlat({ prefix: prefix || undefined })) {
      if (made.length >= (limit ?? Infinity)) break;
      made.push({ key: name, size: it.contentLength, etag: unquoted(it.etag), time: portable.timestamp(it.lastModified) });
    }
    return made;
  }

  /** Deletes an object; nothing happens when there is none. */
  async delete_object(bucket, key) {
    await (await container(bucket)).getBlockBlobClient(key).deleteIfExists();
  }

  /** Puts a row, over an older one too. */
  async put_row(table, row) {
    await (await this.#rows(table)).put(row);
  }

  /** Returns a row, or null. */
  async get_row(table, key) {
    return (await this.#rows(table)).get(key);
  }

  /** Returns the rows that a query finds, in order. */
  async query_rows(table, query) {
    return (await this.#rows(table)).query(query);
  }

  /** Deletes a row; nothing happens when there is none. */
  async delete_row(table, key) {
    await (await this.#rows(table)).delete(key);
  }

  async #rows(table) {
    const place = await opened('FNC_COSMOS', cosmos);
    return new Rows(table, this.#resources[table], place.database(DATABASE).container(address('TABLE', table)));
  }
}

// --- Service Bus ---------------------------------------------------------------------------------

/** Sends a message to a queue or a topic. */
async function send_message(name, message, options) {
  const body = content(message);
  if (body.length > (options.max_size ?? Infinity)) {
    throw new RangeError(`a message of ${body.length} bytes is more than the ${options.max_size} that \`${name}\` takes`);
  }
  const applicationProperties = { ...message.attributes };
  if (Object.keys(applicationProperties).some((it) => it[0] !== it[0]?.toLowerCase())) {
    applicationProperties[ATTRIBUTES] = portable.to_json(applicationProperties);
  }
  const made = { body, messageId: randomUUID(), contentType: message.content_type, applicationProperties };
  if (message.type !== null) made.subject = message.type;
  if (options.fifo) made.sessionId = message.group ?? 'default';
  const delay_ms = message.delay_ms || (options.delay_ms ?? 0);
  if (delay_ms) made.scheduledEnqueueTimeUtc = new Date(Date.now() + delay_ms);
  const sender = await opened(`message ${name}`, async () => (await opened('FNC_SERVICEBUS', service_bus)).createSender(name));
  await sender.sendMessages(made);
}

async function service_bus() {
  const { ServiceBusClient } = await import('@azure/service-bus');
  const local = process.env.FNC_SERVICEBUS;
  if (local) return new ServiceBusClient(local);
  return new ServiceBusClient(process.env.FNC_SERVICEBUS__fullyQualifiedNamespace, await identity());
}

// --- Event Hubs ----------------------------------------------------------------------------------

/** Writes a record to a stream; without a key it may go to any partition. */
async function write_event(hub, message) {
  const producer = await opened(`stream ${hub}`, async () => {
    const { EventHubProducerClient } = await import('@azure/event-hubs');
    const local = process.env.FNC_EVENTHUBS;
    if (local) return new EventHubProducerClient(local, hub);
    return new EventHubProducerClient(process.env.FNC_EVENTHUBS__fullyQualifiedNamespace, hub, await identity());
  });
  const event = { body: content(message), contentType: message.content_type };
  await producer.sendBatch([event], message.key === null ? {} : { partitionKey: message.key });
}

// --- Blob Storage --------------------------------------------------------------------------------

// The metadata of an object that holds its attributes.
const OBJECT_ATTRIBUTES = 'fncattributes';

/** Returns JSON text whose letters beyond ASCII are written as numbers. */
function ascii(json) {
  return json.replace(/[\u0080-\uffff]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Returns an entity tag without its quotes, which only some answers of the service have. */
function unquoted(etag) {
  return etag.replaceAll('"', '');
}

/** Returns the client of a bucket's container, as a promise. */
function container(bucket) {
  return opened(`bucket ${bucket}`, async () => {
    const { BlobServiceClient, ContainerClient } = await import('@azure/storage-blob');
    const place = address('BUCKET', bucket);
    const local = process.env.FNC_STORAGE;
    if (local) return BlobServiceClient.fromConnectionString(local).getContainerClient(place);
    return new ContainerClient(place, await identity());
  });
}

// --- Cosmos DB -----------------------------------------------------------------------------------

const DATABASE = 'tables';

async function cosmos() {
  const { CosmosClient } = await import('@azure/cosmos');
  const local = process.env.FNC_COSMOS;
  if (local) return new CosmosClient(local);
  return new CosmosClient({ endpoint: process.env.FNC_COSMOS__accountEndpoint, aadCredentials: await identity() });
}

// --- Event Grid ----------------------------------------------------------------------------------

// An inbox takes messages of 256 KB; what Event Grid adds needs some of it.
const MOST_OF_AN_EVENT = 240 * 1024;

/** Publishes an event to a bus, as a CloudEvent. */
async function publish_event(endpoint, bus, message) {
  const { attributes, base64, body, content_type, subject, type } = message;
  const data = content(message);
  if (data.length > MOST_OF_AN_EVENT) {
    throw new RangeError(`an event of ${data.length} bytes is more than the ${MOST_OF_AN_EVENT} that \`${bus}\` takes`);
  }
  const event = { source: bus, type, datacontenttype: content_type };
  if (subject !== null && subject !== undefined) event.subject = subject;
  if (Object.keys(attributes).length) event.extensionAttributes = { fncattributes: portable.to_json(attributes) };
  if (base64) event.data = new Uint8Array(data);
  else event.data = content_type === 'application/json' ? JSON.parse(body) : body;
  const publisher = await opened(`bus ${bus}`, async () => {
    const { EventGridPublisherClient } = await import('@azure/eventgrid');
    return new EventGridPublisherClient(endpoint, 'CloudEvent', await identity());
  });
  await publisher.send([event]);
}
