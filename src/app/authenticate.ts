/**
 * From a request's headers to the caller and the one effective tenant. A credential that is present
 * but not good is refused; it never becomes an anonymous call. A cookie of another tenant than the one
 * that X-Tenant-ID means, or whose host it is, is not presented there: without one that is, nobody calls.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { PresentedKey } from '#features/api-keys/api-keys.queries.ts';
import type { PresentedKeys } from '#features/api-keys/api-keys.store.ts';
import type { NamedTenant } from '#features/tenants/tenants.store.ts';
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
import { decodeId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { allScopes, isPlatformScope } from '#kernel/scopes.ts';
import type { Presentation } from '#protocols/oidc/dpop-proofs.ts';
import type { PresentedToken, PresentedTokens } from '#protocols/oidc/presented-tokens.ts';
import { looksLikeJwt } from '#protocols/oidc/verified-tokens.ts';
import {
  type Caller,
  cookieCaller,
  type Found,
  isBackground,
  type PresentablePeople,
  tenantCaller,
} from './authenticate-people.ts';
import { digest } from './presented-credential.ts';

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

export type Asking = Pick<IncomingMessage, 'headers' | 'method' | 'url'>;

/** `again`: who was let in is looked up anew. */
export type Authenticate = (
  door: Door,
  request: Asking,
  named: Named,
  again?: boolean,
) => Promise<Presented>;

/** Whom a presented credential may be. */
export interface Presentable extends PresentablePeople {
  readonly keys: PresentedKeys;
  readonly tokens: PresentedTokens;
}

const UNKNOWN = 'The credential is unknown, expired or revoked';
const STRANGER: Caller = { actor: anonymous, tenantId: NO_TENANT };

export function authenticator(services: Services, presentable: Presentable): Authenticate {
  const internal = digest(services.config.internalKey);

  async function byCredential(
    door: Door,
    { secret, ...shown }: Shown,
    again: boolean,
  ): Promise<Found> {
    if (looksLikeJwt(secret))
      return tokenCaller(await presentable.tokens.find(secret, again ? null : shown));
    const credential = digest(secret);
    if (shown.scheme !== 'Bearer') throw new Unauthenticated(UNKNOWN);
    if (timingSafeEqual(credential, internal)) return internalCaller(door, credential);
    return keyCaller(await presentedKey(presentable.keys, secret), credential);
  }

  return async (door, request, { tenant, site }, again = false) => {
    const { headers } = request;
    let caller = STRANGER;
    const people = { presentable, headers, quietly: again || isBackground(headers) };
    try {
      if (tenant !== null) return withoutPlatform(await tenantCaller(people, tenant));
      const shown = shownBy(request, site ? `https://${headers.host}` : services.config.publicUrl);
      const found = shown
        ? await byCredential(door, shown, again)
        : await cookieCaller(people, door, site);
      if (!found) return caller;
      caller = found;
      // Nobody of another tenant is known there.
      if (site && found.tenantId !== site.id) throw new Unauthenticated(UNKNOWN);
      if (found.closed) throw new TenantSuspended();
      const asked = headers['x-tenant-id'];
      if (door === 'platform') return await chooseTenant(services, caller, asked);
      // Of several sessions it has chosen the one that was found.
      return shown ? ownTenant(caller, asked) : withoutPlatform(caller);
    } catch (error) {
      if (!(error instanceof DomainError) || error.status >= 500) throw error;
      return { ...caller, refused: error };
    }
  };
}

interface Shown extends Presentation {
  readonly secret: string;
}

/** RFC 6750, 2.1, and RFC 9449, 7.1. `origin` is ours as the world knows it. Null without a credential. */
function shownBy({ headers, method, url }: Asking, origin: string): Shown | null {
  if (headers.authorization === undefined) return null;
  const [, scheme, secret] = /^(Bearer|DPoP) +([\x21-\x7e]+)$/i.exec(headers.authorization) ?? [];
  if (!scheme || !secret)
    throw new Unauthenticated('Authorization must be: Bearer <API key or access token>');
  const { dpop } = headers;
  return {
    secret,
    scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer',
    proof: typeof dpop === 'string' ? dpop : undefined,
    method: method ?? '',
    uri: `${origin}${url?.split(/[?#]/)[0] ?? ''}`,
  };
}

function internalCaller(door: Door, credential: Buffer): Caller {
  if (door !== 'platform')
    throw new Unauthenticated('The internal key works at /internal only; use an API key here');
  const scopes = new Set(allScopes().map(({ name }) => name));
  const tenantId = PLATFORM_TENANT_ID;
  const actor: Actor = { ...anonymous, kind: 'internal', tenantId, scopes, credential };
  return { actor, tenantId };
}

function tokenCaller({ actor, tenant }: PresentedToken): Found {
  return { actor, tenantId: tenant.id, closed: tenant.status !== 'ACTIVE' };
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

/** A header never moves a tenant's caller. */
function ownTenant(caller: Caller, asked: string | string[] | undefined): Caller {
  if (asked !== undefined && decodeId('tenant', String(asked)) !== caller.tenantId)
    throw new Forbidden('X-Tenant-ID is not the tenant of this credential; leave it out');
  return withoutPlatform(caller);
}

/** Platform scopes work at the platform's door only. */
function withoutPlatform(caller: Caller): Caller {
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
