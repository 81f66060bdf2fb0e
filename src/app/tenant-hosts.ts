/**
 * Hosts of tenants: which of them a request came to, and what stands there. At a tenant's own host its
 * pages stand at the root, the API is its own, and no other tenant is served. The Host header chooses
 * among the hosts that are stored, and nothing else comes of it; no link is made from it.
 */
import type { IncomingMessage } from 'node:http';
import type { HostedTenants, NamedTenant } from '#features/tenants/tenants.store.ts';
import { NotFound } from '#kernel/errors.ts';

/** Whose host it is; null at PUBLIC_URL and at every name that is not stored. */
export type FindSite = (request: IncomingMessage) => Promise<NamedTenant | null>;

export function siteFinder(hosted: HostedTenants): FindSite {
  return (request) => hosted.at(hostOf(request));
}

/** RFC 9110 section 7.2, without the port: a proxy may listen at another one than we do. */
function hostOf({ headers }: IncomingMessage): string {
  return (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
}

/**
 * Turns the address at a tenant's own host into the one that it stands for: /login is /t/acme/login.
 * What `isDoor` knows stays. Throws `NotFound` for what is not that tenant's.
 */
export function atOwnHost(
  request: IncomingMessage,
  { slug }: NamedTenant,
  isDoor: (path: string) => boolean,
): void {
  const url = request.url ?? '';
  const path = url.split(/[?#]/)[0] ?? '';
  const foreign = path.startsWith('/t/') && path.split('/')[2] !== slug;
  if (foreign || path === '/internal' || path.startsWith('/internal/')) throw new NotFound('Page');
  if (path.startsWith('/') && !isDoor(path)) request.url = `/t/${slug}${url}`;
}
