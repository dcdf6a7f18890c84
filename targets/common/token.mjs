// Routes that only who holds a token may call: JSON Web Tokens (RFC 7519) of an issuer that publishes its keys (RFC 8414,
// OpenID Connect Discovery).
//
// jose verifies signatures; it is imported when the first token comes.

// Signatures by a private key alone: with a shared secret, the public key would do to forge a token.
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const KEPT_MS = 3_600_000; // an issuer that withdraws a key is heard after this time
const ASKED_MS = 60_000; // unknown keys in tokens make nobody ask the issuer more often
export const UNAUTHORIZED = {
  statusCode: 401,
  headers: { 'www-authenticate': 'Bearer' },
  body: { error: 'unauthorized' },
};

/** A token that lets nobody in. */
export class Refused extends Error {
  name = 'Refused';
}

/** Returns the claims of a request's token as text by name; throws `Refused` where it has none that is good. */
export async function claims_of({ issuer, audience }, headers) {
  const jose = await import('jose');
  const found = /^[Bb]earer +([A-Za-z0-9_.-]+)$/.exec((headers.authorization ?? '').trim());
  if (!found) throw new Refused('no token');
  const keys = await keys_of(jose, issuer);
  const options = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp', 'iss', 'aud'] };
  try {
    const { payload } = await jose.jwtVerify(found[1], keys, options);
    return Object.fromEntries(Object.entries(payload).map(([name, it]) => [name, as_text(it)]));
  } catch (error) {
    const { JWKSTimeout, JWKSInvalid, JOSEError } = jose.errors;
    // What the issuer does wrong isn't the caller's fault.
    if (error instanceof JOSEError && !(error instanceof JWKSTimeout || error instanceof JWKSInvalid || error.code === 'ERR_JOSE_GENERIC')) {
      throw new Refused(error.message);
    }
    throw error;
  }
}

/** Returns a claim as text: lists in brackets, as other platforms give them. */
export function as_text(value) {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(as_text).join(' ')}]`;
  return JSON.stringify(value);
}

const issuers = new Map();

/** Returns the public keys of an issuer, kept for a time; where asking fails, the next caller asks again. */
function keys_of(jose, issuer) {
  if (!issuers.has(issuer)) {
    const asked = ask(jose, issuer);
    asked.catch(() => issuers.delete(issuer));
    issuers.set(issuer, asked);
  }
  return issuers.get(issuer);
}

async function ask(jose, issuer) {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  const where = new URL((await answer.json()).jwks_uri);
  if (where.protocol !== 'https:') throw new Error(`\`${where}\` is not safe to ask for keys`);
  return jose.createRemoteJWKSet(where, { cacheMaxAge: KEPT_MS, cooldownDuration: ASKED_MS, timeoutDuration: 5000 });
}
