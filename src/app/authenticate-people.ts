/** From the cookies of a request to the person who is signed in. */
import type { IncomingHttpHeaders } from 'node:http';
import { cookieName } from '#features/sessions/sessions.model.ts';
import type { PresentedSession, PresentedSessions } from '#features/sessions/sessions.store.ts';
import type { NamedTenant, NamedTenants } from '#features/tenants/tenants.store.ts';
import { type Actor, anonymous } from '#kernel/actor.ts';
import type { Door } from '#kernel/context.ts';
import { Forbidden, NotFound, TenantSuspended, Unauthenticated } from '#kernel/errors.ts';
import { cookiesOf } from '#kernel/http/cookies.ts';
import { decodeId } from '#kernel/ids.ts';
import { digest } from './presented-credential.ts';

export interface Caller {
  readonly actor: Actor;
  readonly tenantId: string;
}

/** A caller, and whether their tenant is suspended. */
export interface Found extends Caller {
  readonly closed?: boolean;
}

export interface PresentablePeople {
  readonly sessions: PresentedSessions;
  readonly tenants: NamedTenants;
}

interface Asking {
  readonly presentable: PresentablePeople;
  readonly headers: IncomingHttpHeaders;
  /** The session is looked at, and not used. */
  readonly quietly: boolean;
}

/** At a tenant's own paths: whoever is signed in there, else nobody, in that tenant. */
export async function tenantCaller(
  { presentable: { tenants, sessions }, headers, quietly }: Asking,
  slug: string,
): Promise<Caller> {
  const tenant = await tenants.find(slug);
  if (!tenant) throw new NotFound('Page');
  if (tenant.status !== 'ACTIVE') throw new TenantSuspended();
  const name = cookieName(slug);
  const token = cookiesOf(headers.cookie, name).get(name);
  const found = token ? await sessions.find(tenant.id, token, quietly) : null;
  return found ? personCaller(found, token ?? '') : { actor: anonymous, tenantId: tenant.id };
}

/**
 * A browser sends cookies with whatever asks it to, so they count only beside a header that another
 * origin cannot add without our consent. At the platform's door it is the platform's; elsewhere
 * X-Tenant-ID means one of several, by the tenant's id or slug. Who is signed in at others only is
 * nobody there; at a tenant's own host (`site`) nobody else is known.
 */
export async function cookieCaller(
  { presentable: { tenants, sessions }, headers, quietly }: Asking,
  door: Door,
  site: NamedTenant | null,
): Promise<Found | null> {
  if (headers['x-signet-csrf'] === undefined) return null;
  const asked = door === 'platform' ? undefined : headers['x-tenant-id'];
  const all = [
    ...cookiesOf(headers.cookie, cookieName(door === 'platform' ? 'platform' : '')),
  ].filter(([name]) => !site || name === cookieName(site.slug));
  if (all.length > MOST_COOKIES) throw new Forbidden('There are too many sessions in this browser');
  if (asked === undefined && all.length > 1)
    throw new Forbidden('You are signed in at several tenants: name one by X-Tenant-ID');
  for (const [name, token] of all) {
    const slug = name.slice(cookieName('').length);
    const tenant = await tenants.find(slug);
    if (!tenant || (asked !== undefined && !means(String(asked), tenant))) continue;
    const found = await sessions.find(tenant.id, token, quietly);
    if (!found) throw new SessionEnded(slug, await sessions.wasReplaced(tenant.id, token));
    return { ...personCaller(found, token), closed: tenant.status !== 'ACTIVE' };
  }
  return null;
}

function means(asked: string, { id, slug }: NamedTenant): boolean {
  return asked === slug || decodeId('tenant', asked) === id;
}

/** No person asks, but a program of theirs that would ask anyway: that uses no session. */
export function isBackground(headers: IncomingHttpHeaders): boolean {
  return headers['x-signet-background'] !== undefined;
}

/** Each costs a look at the database. */
const MOST_COOKIES = 20;

/**
 * The browser is told to forget the cookie, so that what it asks next it asks as nobody. Not where a
 * step-up has just replaced the token: by now the browser has the new one, and would forget that.
 */
export class SessionEnded extends Unauthenticated {
  /** Of the tenant whose cookie opens nothing any more; null where it has a newer one. */
  readonly forget: string | null;
  constructor(slug: string, replaced: boolean) {
    super(
      replaced
        ? 'The session has a new cookie since; ask again with that one'
        : 'The session has ended; sign in again',
    );
    this.forget = replaced ? null : slug;
  }
}

function personCaller(
  { userId, tenantId, scopes, authentication }: PresentedSession,
  token: string,
): Caller {
  const credential = digest(token);
  return {
    actor: { ...anonymous, kind: 'user', id: userId, tenantId, scopes, authentication, credential },
    tenantId,
  };
}
