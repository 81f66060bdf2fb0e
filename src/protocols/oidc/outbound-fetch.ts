/** The engine's way out, to what clients registered: our guarded client under the shape of `fetch`. */
import type { Config } from '#kernel/config.ts';
import { guardedOutbound, type OutboundRequest } from '#kernel/outbound.ts';

type Fetch = (url: string | URL | Request, options?: RequestInit) => Promise<Response>;

/** Throws `OutboundError`. What the engine adds to guard its own requests is of no use here. */
export function outboundFetch(config: Pick<Config, 'outboundPorts' | 'outboundAllow'>): Fetch {
  const outbound = guardedOutbound(config);
  return async (url, { method = 'GET', headers, body, signal } = {}) => {
    const answer = await outbound(url instanceof Request ? url.url : String(url), {
      method: method as NonNullable<OutboundRequest['method']>,
      // An empty one is no name.
      headers: Object.fromEntries([...new Headers(headers)].filter(([, value]) => value !== '')),
      ...(body ? { body: String(body) } : {}),
      ...(signal ? { signal } : {}),
    });
    const empty = [204, 205, 304].includes(answer.status);
    return new Response(empty ? null : Uint8Array.from(answer.body), {
      status: answer.status,
      headers: { 'content-type': answer.headers['content-type'] ?? 'application/octet-stream' },
    });
  };
}
