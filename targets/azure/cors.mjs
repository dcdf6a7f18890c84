// Which sites' pages may call a route (Fetch Standard, "CORS protocol").
//
// Azure's own setting holds for a whole function app and knows neither methods nor headers, so routes answer for themselves.

import { allowed, offered } from './sites.mjs';

/** Returns the answer to a browser that asks before it calls, null where nobody asks. */
export function preflight(trigger, method, headers) {
  const routes = trigger.preflight;
  const wanted = headers['access-control-request-method'];
  if (!routes || method !== 'OPTIONS') return null;
  if (headers.origin === undefined || !wanted) {
    // Somebody else's question is the handler's, where it takes this method.
    const takes = ['OPTIONS', 'ANY'].includes(trigger.method);
    return takes ? null : { status: 204, headers: {}, cookies: [], body: null };
  }
  const made = { vary: 'origin, access-control-request-method' };
  const own = (name) => (Object.hasOwn(routes, name) ? routes[name] : undefined);
  const cors = own(wanted) ?? own('ANY');
  if (cors) Object.assign(made, offered(cors, headers.origin));
  return { status: 204, headers: made, cookies: [], body: null };
}

/** Returns an answer with what tells a browser whether the page that asked may read it. */
export function shared(trigger, headers, answer) {
  const { cors } = trigger;
  if (!cors) return answer;
  // What the program says holds, whatever the handler says.
  const own = Object.entries(answer.headers).filter(([name]) => !name.startsWith('access-control-'));
  const made = Object.fromEntries(own);
  made.vary = [made.vary, 'origin'].filter(Boolean).join(', ');
  if (headers.origin !== undefined) Object.assign(made, allowed(cors, headers.origin));
  return { ...answer, headers: made };
}
