/**
 * Who may act for whom by token exchange (RFC 8693): a client for a person whose token it holds, and a
 * person with `users:impersonate` for another one who may do no more than they. What is not allowed is
 * answered alike, whatever the reason.
 */
import type { Client } from 'oidc-provider';
import { consentOf } from '#features/consents/consents.queries.ts';
import { makeGrant } from '#features/grants/grants.commands.ts';
import type { GrantRow, ResourceScopes } from '#features/grants/grants.model.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertMayChangeUsers } from '#features/roles/roles.policy.ts';
import { effectiveScopes } from '#features/roles/roles.queries.ts';
import { refusal } from '#kernel/access.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Context } from '#kernel/context.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import type { Exchanged } from './exchanged.ts';
import { ownApi } from './resources.ts';
import { mayIntrospect } from './structured-tokens.ts';
import { actorOf, actsOf, IMPERSONATE, standingOf, type TokenClaims } from './token-actors.ts';
import type { VerifiedTokens } from './verified-tokens.ts';

export interface Exchange extends Exchanged {
  readonly mode: 'delegation' | 'impersonation';
  readonly subjectId: string;
  readonly grantId: string;
  /** Who acts, for the log. */
  readonly actor: Actor;
  /** Seconds since the epoch: no exchanged token outlives what it was made of. */
  readonly notAfter: number;
  /** What the person gave this client, by audience. */
  readonly given: ResourceScopes;
}

/** Why not; the token endpoint has a code for it. */
export class NotExchanged extends Error {
  override readonly name = 'NotExchanged';
  readonly code: 'invalid_request' | 'access_denied';
  readonly actor: Actor | null;
  constructor(
    code: 'invalid_request' | 'access_denied',
    message: string,
    actor: Actor | null = null,
  ) {
    super(message);
    this.code = code;
    this.actor = actor;
  }
}

/** Services that call services that call services. */
const MOST_ACTORS = 4;

/** A token that this client may hold, of this issuer, and good now. Throws `NotExchanged`. */
export async function heldBy(
  ctx: Context,
  { client, issuer, verified }: { client: Client; issuer: string; verified: VerifiedTokens },
  name: string,
  token: string,
): Promise<TokenClaims> {
  const found = await verified.read(token);
  const claims = found?.tenant.id === ctx.tenantId && found.issuer === issuer ? found.claims : null;
  const good =
    claims &&
    claims.exp > ctx.clock.ms() / 1000 &&
    mayIntrospect(client, { clientId: claims.client_id, audience: claims.aud }) &&
    (await standingOf(ctx, ctx.tenantId, claims));
  if (claims && good) return claims;
  throw new NotExchanged(
    'invalid_request',
    `${name} is no live access token that this client may hold`,
  );
}

/** The subject stays; `act` says which client acts for them from now on. */
export async function delegated(
  ctx: Context,
  client: Client,
  claims: TokenClaims,
): Promise<Exchange> {
  const standing = await standingOf(ctx, ctx.tenantId, claims);
  const subject = await actorOf(ctx, ctx.tenantId, claims);
  if (!subject || !standing?.grant || subject.kind !== 'user')
    throw new NotExchanged('invalid_request', 'subject_token must be the token of a person');
  if (actsOf(claims.act).length >= MOST_ACTORS)
    throw new NotExchanged('access_denied', 'too many act for this person already');
  const clientId = decodeId('client', client.clientId) ?? '';
  return {
    mode: 'delegation',
    subjectId: standing.grant.userId,
    grantId: standing.grant.id,
    act: { sub: client.clientId, ...(claims.act ? { act: claims.act } : {}) },
    acr: claims.acr,
    amr: claims.amr,
    authTime: claims.auth_time,
    actor: { ...subject, act: subject.act ?? { kind: 'client', id: clientId } },
    notAfter: claims.exp,
    within: { ...claims.within, [claims.aud]: claims.scope ?? '' },
    given: await givenTo(ctx, clientId, standing.grant),
  };
}

/** An API that is shown the token of another application was given nothing by that. */
async function givenTo(ctx: Context, clientId: string, grant: GrantRow): Promise<ResourceScopes> {
  if (grant.clientId === clientId) return grant.resourceScopes;
  return (await consentOf(ctx, grant.userId, clientId))?.resourceScopes ?? {};
}

const DEMAND = { scopes: [[IMPERSONATE]], person: true, acr: 'mfa' } as const;

/** Whoever holds `claims` acts for the user named `subject`, who is told apart from nobody. */
export async function impersonated(
  ctx: Context,
  { client, issuer }: { readonly client: Client; readonly issuer: string },
  claims: TokenClaims,
  subject: string,
  expiresAt: Date,
): Promise<Exchange> {
  // Scopes of other APIs may be called like ours.
  const ours = claims.aud === ownApi(issuer);
  const actor = ours ? await actorOf(ctx, ctx.tenantId, claims) : null;
  const subjectId = decodeId('user', subject);
  const refused = actor ? refusal(DEMAND, { actor, clock: ctx.clock }, 'token.exchange') : null;
  if (actor?.kind !== 'user' || actor.id === null || refused || actor.act)
    throw new NotExchanged(
      'access_denied',
      `actor_token must be of a person with two factors and the scope ${IMPERSONATE}, in an application of the tenant`,
      actor,
    );
  const grant =
    subjectId !== null && subjectId !== actor.id && (await isOutranked(ctx, actor, subjectId))
      ? await grantFor(ctx, client, subjectId, expiresAt)
      : null;
  if (!grant || subjectId === null)
    throw new NotExchanged('access_denied', 'you may not act for this user', actor);
  return {
    mode: 'impersonation',
    subjectId,
    grantId: grant.id,
    act: {
      sub: encodeId('user', actor.id),
      ...(claims.grant_id ? { grant_id: claims.grant_id } : {}),
    },
    acr: claims.acr,
    amr: claims.amr,
    authTime: claims.auth_time,
    actor: { ...actor, id: subjectId, act: { kind: 'user', id: actor.id } },
    notAfter: Math.floor(expiresAt.getTime() / 1000),
    within: {},
    given: {},
  };
}

/** As for any change of the user (roles.policy.ts), by all that the person holds, not this one token. */
async function isOutranked(ctx: Context, actor: Actor, subjectId: string): Promise<boolean> {
  const held = await effectiveScopes(ctx, [actor.id ?? '']);
  const scopes = held.get(actor.id ?? '') ?? new Set<string>();
  try {
    await assertMayChangeUsers({ ...ctx, door: 'public', actor: { ...actor, scopes } }, [
      subjectId,
    ]);
    return true;
  } catch (error) {
    if (error instanceof OutranksCaller) return false;
    throw error;
  }
}

/** What ends the user's grants ends this one too. */
function grantFor(ctx: Context, client: Client, userId: string, expiresAt: Date) {
  const clientId = decodeId('client', client.clientId) ?? '';
  const grant = { userId, clientId, sessionId: null, scopes: [], expiresAt };
  return ctx.db.transaction(() => makeGrant(ctx, grant), { tenantId: ctx.tenantId });
}
