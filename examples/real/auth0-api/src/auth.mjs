// Verifies a token of RS256 with nothing but Node's own library.
import { createPublicKey, verify } from 'node:crypto';

const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());

export function claimsOf(token, key, audience, now) {
  const [head, body, signature] = token.split('.');
  if (signature === undefined || decoded(head).alg !== 'RS256') {
    return null;
  }
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify('RSA-SHA256', signed, createPublicKey(key), Buffer.from(signature, 'base64url'))) {
    return null;
  }
  const claims = decoded(body);
  const meant = [claims.aud].flat().includes(audience);
  return meant && claims.exp * 1000 > now ? claims : null;
}

export async function handler(event, context) {
  const [scheme, token] = (event.request.headers.authorization ?? '').split(' ');
  let claims = null;
  try {
    if (scheme.toLowerCase() === 'bearer' && token) {
      const { AUTH0_CLIENT_PUBLIC_KEY: key, AUTH0_CLIENT_ID: audience } = process.env;
      claims = claimsOf(token, key, audience, Date.now());
    }
  } catch (error) {
    context.log('a token that is none', { error: String(error) });
  }
  return claims ? { isAuthorized: true, context: { user: claims.sub } } : { isAuthorized: false };
}
