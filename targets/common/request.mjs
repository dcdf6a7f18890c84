// The portable event of an HTTP request.

import { as_text, from_json, object } from './encoding.mjs';
import { VERSION } from './event.mjs';

/**
 * Returns the event of an HTTP request.
 *
 * `query` is the raw query string or decoded pairs; `headers` an object or pairs; `cookies` a list of
 * `name=value` where the provider has taken them out of the headers; `body` bytes, text or null;
 * `params` are decoded already, or absent to take them from `path` by `route`; `auth` is what is known of the caller: a
 * token's claims, or what the app's own authorizer said.
 */
export function http_event(config, request) {
  const { method, path, route, params, query = '', headers = [], cookies, body, client_ip, auth } = request;
  const names = new Map();
  for (const [name, value] of headers[Symbol.iterator] ? headers : Object.entries(headers)) {
    add(names, String(name).toLowerCase(), String(value));
  }
  const crumbs = [...(cookies ?? []), ...(names.get('cookie') ?? [])];
  names.delete('cookie');
  const all_headers = object([...names].map(([name, values]) => [name, values.join(', ')]));
  const queries = new Map();
  for (const [name, value] of typeof query === 'string' ? pairs_of(query) : query) add(queries, name, value);
  const [text, is_base64] = body?.length || body?.byteLength ? as_text(body) : [null, false];
  return {
    version: VERSION,
    trigger: 'http',
    source: config.function,
    function: config.function,
    request: {
      method: method.toUpperCase(),
      path,
      route,
      params: { ...(params ?? match_route(route, path)) },
      query: object([...queries].map(([name, values]) => [name, values[0]])),
      query_all: object(queries),
      headers: all_headers,
      cookies: cookies_of(crumbs),
      body: text,
      base64: is_base64,
      data: text && !is_base64 && means_json(all_headers['content-type']) ? from_json(text) : null,
      client_ip: client_ip ?? '',
      auth: auth ?? null,
    },
  };
}

function add(map, name, value) {
  if (map.has(name)) map.get(name).push(value);
  else map.set(name, [value]);
}

/** Returns the decoded params of `path` under a pattern as `/orders/{id}/{rest+}`, else null. */
export function match_route(route, path) {
  const params = [];
  const given = path.split('/');
  const wanted = route.split('/');
  for (const [at, part] of wanted.entries()) {
    const rest = given.slice(at).join('/');
    if (part.endsWith('+}')) return rest ? object([...params, [part.replace(/[{}+]/g, ''), unquote(rest)]]) : null;
    const segment = at < given.length ? unquote(given[at]) : null;
    if (part.startsWith('{') && segment) params.push([part.replace(/[{}]/g, ''), segment]);
    else if (part !== segment) return null;
  }
  return given.length === wanted.length ? object(params) : null;
}

/** Returns the decoded pairs of a query string. */
function pairs_of(query) {
  return query
    .split('&')
    .filter((part) => part)
    .map((part) => {
      const [name, ...value] = part.replaceAll('+', ' ').split('=');
      return [unquote(name), unquote(value.join('='))];
    });
}

/** Decodes `%XX`; what isn't UTF-8 becomes U+FFFD and a stray `%` stays. */
function unquote(text) {
  return text.replace(/(%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

/** Returns the cookies by name, values as sent; the first of a name wins. */
function cookies_of(crumbs) {
  const made = new Map();
  for (const crumb of crumbs.join(';').split(';')) {
    const at = crumb.indexOf('=');
    const name = crumb.slice(0, Math.max(at, 0)).trim();
    if (name && !made.has(name)) made.set(name, crumb.slice(at + 1).trim());
  }
  return object(made);
}

export function says_json(content_type) {
  const kind = (content_type ?? 'application/json').split(';')[0].trim().toLowerCase();
  return kind === 'application/json' || kind.endsWith('+json');
}

/** A form type says nothing about a body that reads as JSON: `curl -d` sends it with anything. */
function means_json(content_type) {
  return says_json(content_type) || content_type.toLowerCase().startsWith('application/x-www-form-urlencoded');
}
