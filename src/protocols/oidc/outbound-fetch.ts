/** What the engine fetches: keys of clients, at addresses that they chose (security.md H05, attack 16). */
import type { Outbound } from '#kernel/outbound.ts';

/** A set of keys has a few hundred bytes each. */
const MAX_BYTES = 65_536;
const TIMEOUT_MS = 2_500;
/** Their answers have no body (Fetch, 2.2.3). */
const BODILESS = new Set([204, 205, 304]);

/** Fetch as far as the engine uses it; what the other side says of caching is not told. */
export function fetchThrough(outbound: Outbound): typeof fetch {
  return async (input, init = {}) => {
    const { headers, method, body, signal } = init;
    const told = [...new Headers(headers ?? {})].filter(([name]) => name !== 'user-agent');
    const answer = await outbound(String(input), {
      method: method === 'POST' ? 'POST' : 'GET',
      headers: Object.fromEntries(told),
      ...(body == null ? {} : { body: String(body) }),
      ...(signal ? { signal } : {}),
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
    });
    const type = answer.headers['content-type'];
    return new Response(BODILESS.has(answer.status) ? null : new Uint8Array(answer.body), {
      status: answer.status,
      ...(type ? { headers: { 'content-type': type } } : {}),
    });
  };
}
