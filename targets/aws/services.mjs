// AWS's services: their clients, where the program's resources are, and the secrets.

import * as portable from './portable.mjs';

const clients = new Map();

/** Calls an operation of an AWS service; the SDK is part of Lambda's Node runtimes. */
export async function call_aws(service, name, operation, request, options = {}) {
  // A name that isn't spelt out keeps bundlers and type checkers from looking for the package.
  const sdk = await import(`@aws-sdk/client-${service}`);
  if (!clients.has(service)) clients.set(service, new sdk[`${name}Client`](options));
  return clients.get(service).send(new sdk[`${operation}Command`](request));
}

/** Returns where a resource of the program is. */
export const address = (kind, resource) => process.env[`FNC_${kind}_${resource.toUpperCase()}`];

/**
 * Sets the variables that hold secrets, before the handler's file is loaded.
 *
 * `FNC_SECRET_NAME` holds where the value of NAME is kept: `secretsmanager:ID`, `secretsmanager:ID#KEY` for
 * one key of a JSON secret, or `ssm:NAME`. The value itself is in no template and in no setting.
 */
export async function fetch_secrets() {
  for (const variable of Object.keys(process.env).sort()) {
    if (!variable.startsWith('FNC_SECRET_')) continue;
    const place = process.env[variable];
    const colon = place.indexOf(':');
    const value = await fetch_secret(place.slice(0, colon), place.slice(colon + 1));
    process.env[variable.slice('FNC_SECRET_'.length)] = value;
  }
}

/**
 * Returns the values of the secrets that routes ask for, by name; `FNC_KEY_NAME` says where one is kept.
 *
 * They never become variables: the handler has no use for them.
 */
export async function fetch_keys() {
  const keys = {};
  for (const variable of Object.keys(process.env).sort()) {
    if (!variable.startsWith('FNC_KEY_')) continue;
    const place = process.env[variable];
    const colon = place.indexOf(':');
    const name = variable.slice('FNC_KEY_'.length).toLowerCase();
    keys[name] = await fetch_secret(place.slice(0, colon), place.slice(colon + 1));
  }
  return keys;
}

async function fetch_secret(store, place) {
  if (store === 'ssm') {
    const found = await call_aws('ssm', 'SSM', 'GetParameter', { Name: place, WithDecryption: true });
    return found.Parameter.Value;
  }
  const [name, key] = place.split('#');
  const found = await call_aws('secrets-manager', 'SecretsManager', 'GetSecretValue', { SecretId: name });
  const text = found.SecretString ?? Buffer.from(found.SecretBinary).toString();
  if (!key) return text;
  const value = portable.from_json(text)?.[key] ?? null;
  if (value === null) throw new Error(`the secret ${name} has no key ${key}`);
  return portable.as_attribute(value);
}
