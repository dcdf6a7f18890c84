// From pages of which other sites a route may be called (Fetch Standard, "CORS protocol").
//
// What a route says of them is `{origins, methods, headers, credentials, max_age}`, `max_age` where it is known.

/** Returns what tells a browser that a page of this site may read an answer, null where it may not. */
export function allowed(cors, origin) {
  const any = cors.origins.includes('*');
  if (!any && !cors.origins.includes(origin)) return null;
  const made = { 'access-control-allow-origin': any ? '*' : origin };
  if (cors.credentials) made['access-control-allow-credentials'] = 'true';
  return made;
}

/** Returns what a browser that asks first is told: what pages of this site may send, null where nothing. */
export function offered(cors, origin) {
  const made = allowed(cors, origin);
  if (made === null) return null;
  made['access-control-allow-methods'] = cors.methods.join(', ');
  made['access-control-allow-headers'] = cors.headers.join(', ');
  if (cors.max_age !== undefined) made['access-control-max-age'] = String(cors.max_age);
  return made;
}
