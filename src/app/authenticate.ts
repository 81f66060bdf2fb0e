/**
 * From a request's headers to the caller and the one effective tenant. A credential that is present
 * but not good is refused; it never becomes an anonymous call.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { PresentedKey } from '#features/api-keys/api-keys.queries.ts';
import type { PresentedKeys } from '#features/api-keys/api-keys.store.ts';
import { cookieName } from '#features/sessions/sessions.model.ts';
import type { PresentedSession, PresentedSessions } from '#features/sessions/sessions.store.ts';
import type { NamedTenant, NamedTenants } from '#features/tenants/tenants.store.ts';
import { type Actor, anonymous } from '#kernel/actor.ts';
import { type Door, NO_TENANT, type Services } from '#kernel/context.ts';
import {
  DomainError,
  Forbidden,
  InvalidId,
  NotFound,
  TenantSuspended,
  Unauthenticated,
} from '#kernel/errors.ts';
import { cookiesOf } from '#kernel/http/cookies.ts';
import { decodeId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { allScopes, isPlatformScope } from '#kernel/scopes.ts';

export interface Caller {
  readonly actor: Actor;
  readonly tenantId: string;
}

export interface Presented extends Caller {
  /**
   * Why the caller is not let in: Unauthenticated, TenantSuspended, Forbidden, InvalidId or
   * NotFound. Who they are is known as far as their credential was good.
   */
  readonly refused?: DomainError;
}

/** What the address of a request says of a tenant. */
export interface Named {
  /** The slug in the path, where the path names one. */
  readonly tenant: string | null;
  /** Whose own host it is. */
  readonly site: NamedTenant | null;
}

export type Authenticate = (
  door: Door,
  headers: IncomingHttpHeaders,
  named: Named,
) => Promise<Presented>;

/** Whom a presented credential may be. */
export interface Presentable {
  readonly keys: PresentedKeys;
  readonly sessions: PresentedSessions;
  readonly tenants: NamedTenants;
}

/** A caller, and whether their tenant is suspended. */
interface Found extends Caller {
  readonly closed?: boolean;
}

const UNKNOWN = 'The credential is unknown, expired or revoked';
const STRANGER: Caller = { actor: anonymous, tenantId: NO_TENANT };

export function authenticator(services: Services, presentable: Presentable): Authenticate {
  const internal = digest(services.config.internalKey);

  async function byBearer(door: Door, secret: string): Promise<Found> {
    const credential = digest(secret);
    if (timingSafeEqual(credential, internal)) return internalCaller(door, credential);
    return keyCaller(await presentedKey(presentable.keys, secret), credential);
  }

  return async (door, headers, { tenant, site }) => {
    let caller = STRANGER;
    try {
      if (tenant !== null) return await tenantCaller(presentable, headers, tenant);
      const secret = bearer(headers.authorization);
      const found = secret
        ? await byBearer(door, secret)
        : await cookieCaller(presentable, door, headers, site);
      if (!found) return caller;
      caller = found;
      // Nobody of another tenant is known there.
      if (site && found.tenantId !== site.id) throw new Unauthenticated(UNKNOWN);
      if (found.closed) throw new TenantSuspended();
      return door === 'platform'
        ? await chooseTenant(services, caller, headers['x-tenant-id'])
        : ownTenant(caller, headers['x-tenant-id']);
    } catch (error) {
      if (!(error instanceof DomainError) || error.status >= 500) throw error;
      return { ...caller, refused: error };
    }
  };
}

/** RFC 6750 section 2.1. Null without a credential. */
function bearer(header: string | undefined): string | null {
  if (header === undefined) return null;
  const token = /^Bearer +([\x21-\x7e]+)$/i.exec(header)?.[1];
  if (!token) throw new Unauthenticated('Authorization must be: Bearer <API key>');
  return token;
}

function internalCaller(door: Door, credential: Buffer): Caller {
  if (door !== 'platform')
    throw new Unauthenticated('The internal key works at /internal only; use an API key here');
  const scopes = new Set(allScopes().map(({ name }) => name));
  const tenantId = PLATFORM_TENANT_ID;
  const actor: Actor = { ...anonymous, kind: 'internal', tenantId, scopes, credential };
  return { actor, tenantId };
}

async function presentedKey(keys: PresentedKeys, secret: string): Promise<PresentedKey> {
  const found = await keys.find(secret);
  if (!found || found.tenantStatus === 'DELETED') throw new Unauthenticated(UNKNOWN);
  return found;
}

function keyCaller(
  { id, tenantId, scopes, tenantStatus }: PresentedKey,
  credential: Buffer,
): Found {
  const actor: Actor = { ...anonymous, kind: 'api-key', id, tenantId, scopes, credential };
  return { actor, tenantId, closed: tenantStatus !== 'ACTIVE' };
}

/** At a tenant's own paths: whoever is signed in there, else nobody, in that tenant. */
async function tenantCaller(
  { tenants, sessions }: Presentable,
  headers: IncomingHttpHeaders,
  slug: string,
): Promise<Caller> {
  const tenant = await tenants.find(slug);
  if (!tenant) throw new NotFound('Page');
  if (tenant.status !== 'ACTIVE') throw new TenantSuspended();
  const name = cookieName(slug);
  const token = cookiesOf(headers.cookie, name).get(name);
  const found = token ? await sessions.find(tenant.id, token) : null;
  const caller = found
    ? personCaller(found, token ?? '')
    : { actor: anonymous, tenantId: tenant.id };
  return ownTenant(caller, undefined);
}

/**
 * A browser sends cookies with whatever asks it to, so they count only beside a header that another
 * origin cannot add without our consent. At the platform's door it is the platform's; elsewhere
 * X-Tenant-ID names one of several.
 */
async function cookieCaller(
  { tenants, sessions }: Presentable,
  door: Door,
  headers: IncomingHttpHeaders,
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
    if (!tenant || (asked !== undefined && decodeId('tenant', String(asked)) !== tenant.id))
      continue;
    const found = await sessions.find(tenant.id, token);
    if (!found) throw new SessionEnded(slug);
    return { ...personCaller(found, token), closed: tenant.status !== 'ACTIVE' };
  }
  if (asked !== undefined && all.length > 0)
    throw new Forbidden('X-Tenant-ID is not the tenant of a session; leave it out');
  return null;
}

/** Each costs a look at the database. */
const MOST_COOKIES = 20;

/** The browser is told to forget the cookie, so that what it asks next it asks as nobody. */
export class SessionEnded extends Unauthenticated {
  readonly slug: string;
  constructor(slug: string) {
    super('The session has ended; sign in again');
    this.slug = slug;
  }
}

function personCaller(
  { userId, tenantId, scopes, authentication }: PresentedSession,
  token: string,
): Caller {
  const credential = digest(token);
  return {
    actor: { kind: 'user', id: userId, tenantId, scopes, authentication, credential },
    tenantId,
  };
}

/** Platform scopes work at the platform's door only, and a header never moves a tenant's caller. */
function ownTenant(caller: Caller, asked: string | string[] | undefined): Caller {
  if (asked !== undefined && decodeId('tenant', String(asked)) !== caller.tenantId)
    throw new Forbidden('X-Tenant-ID is not the tenant of this credential; leave it out');
  const scopes = new Set([...caller.actor.scopes].filter((scope) => !isPlatformScope(scope)));
  return { ...caller, actor: { ...caller.actor, scopes } };
}

async function chooseTenant(
  services: Services,
  caller: Caller,
  asked: string | string[] | undefined,
): Promise<Caller> {
  if (caller.tenantId !== PLATFORM_TENANT_ID)
    throw new Forbidden('/internal is for operators of the platform; use /graphql or /v1');
  if (asked === undefined) return caller;
  if (!caller.actor.scopes.has('platform:tenants'))
    throw new Forbidden('X-Tenant-ID needs the scope platform:tenants');
  const tenantId = decodeId('tenant', String(asked));
  if (tenantId === null) throw new InvalidId('X-Tenant-ID', 'tenant');
  const [tenant] = await services.db.inTenant(PLATFORM_TENANT_ID, () =>
    services.db.query("SELECT 1 FROM tenants WHERE id = $1 AND status <> 'DELETED'", [tenantId]),
  );
  if (!tenant) throw new NotFound('Tenant');
  return { ...caller, tenantId };
}

/** Not what is stored of it: whoever reads the database must not open what is sealed under this. */
function digest(secret: string): Buffer {
  return createHmac('sha256', 'signet presented credential').update(secret).digest();
}
