/**
 * What the audit log is told of the protocol: tokens that were made, clients that were refused, grants
 * that ended. What programs do by themselves, and what strangers are refused, is counted by the minute.
 */

import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { revokeGrants } from '#features/grants/grants.commands.ts';
import type { GrantRow } from '#features/grants/grants.model.ts';
import { type Actor, anonymous } from '#kernel/actor.ts';
import type { Context } from '#kernel/context.ts';
import { Unauthenticated } from '#kernel/errors.ts';
import type { Json, Target } from '#kernel/events/event.ts';
import { declareEvent } from '#kernel/events/event-types.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { decodeId } from '#kernel/ids.ts';
import { current } from './current.ts';
import { type Provider, routeOf } from './engine.ts';

/** Grants that a person stands behind each time; the others come by themselves, as often as they like. */
const BY_PEOPLE = new Set(['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code']);
/** What a client presented was not good, or not for it (RFC 6749 section 5.2, RFC 8707). */
const NOT_GOOD = new Set([
  'invalid_grant',
  'unauthorized_client',
  'invalid_scope',
  'invalid_target',
]);
/** It tells of itself (token-exchange.grant.ts). */
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

export function tellTheLog(provider: Provider): void {
  provider.use(async (koa, next) => {
    await next();
    const { oidc } = koa as { oidc?: KoaContextWithOIDC['oidc'] };
    if (!oidc) return;
    const { error } = (koa.body ?? {}) as { error?: unknown };
    if (koa.status === 401 && error === 'invalid_client')
      await refused(oidc, 'client.authenticate', error);
    else if (oidc.route === 'token' && koa.status === 200) await issued(oidc);
    else if (oidc.route === 'token' && NOT_GOOD.has(String(error)) && !isExchange(oidc))
      await refused(oidc, 'token.issue', String(error));
    else if (oidc.route === 'userinfo' && koa.status === 401)
      await refused(oidc, 'credential.verify', Unauthenticated.code);
  });
}

declareEvent({
  name: 'token.issue',
  summary: 'A client got tokens; without a person, counted per minute.',
  about: ['user', 'client'],
  tells: {
    grantType: z.string().optional(),
    audience: z.string().optional().describe('The API that the access token is for.'),
  },
});

declareEvent({
  name: 'token.revoke',
  summary: 'A client took a token of its own back.',
  results: ['SUCCESS'],
  about: ['user', 'client'],
});

declareEvent({
  name: 'grant.revoke',
  summary: 'A grant ended with all its tokens: revoked, or used twice.',
  results: ['SUCCESS'],
  about: ['user', 'client'],
  tells: { why: z.enum(['revoked', 'reuse']) },
});

declareEvent({
  name: 'client.authenticate',
  summary: 'A client was refused at the issuer.',
  severity: 'WARNING',
  results: ['REFUSED'],
});

async function issued(oidc: KoaContextWithOIDC['oidc']): Promise<void> {
  const grantType = String(oidc.params?.['grant_type']);
  if (isExchange(oidc) || !oidc.client) return;
  const { AccessToken, ClientCredentials } = oidc.entities;
  const audience = (AccessToken ?? ClientCredentials)?.aud;
  const details = { grantType, ...(typeof audience === 'string' ? { audience } : {}) };
  const clients = clientTargets(oidc.client);
  const userId = decodeId('user', AccessToken?.accountId ?? '');
  if (userId === null || !BY_PEOPLE.has(grantType)) {
    const by = asClient(current(), clients[0]?.id ?? null);
    by.refusals.countDone(by, 'token.issue', details, clients);
    return;
  }
  await recorded(asUser(current(), userId), 'token.issue', details, [
    { type: 'user', id: userId },
    ...clients,
  ]);
}

/** Whoever it was is a stranger, also in a browser where somebody is signed in. */
function refused(
  { client }: KoaContextWithOIDC['oidc'],
  type: 'client.authenticate' | 'token.issue' | 'credential.verify',
  code: string,
): Promise<void> {
  const by = { ...current(), actor: anonymous };
  return by.refusals.record(by, type, code.toUpperCase(), clientTargets(client));
}

function isExchange({ params }: KoaContextWithOIDC['oidc']): boolean {
  return params?.['grant_type'] === EXCHANGE;
}

/** Ends a grant, because its client said so, or because what is good once came twice. */
export async function endGrant(id: string): Promise<void> {
  const [ended] = await revokeGrants(current(), { id });
  if (!ended) return;
  const why = routeOf() === 'revocation' ? 'revoked' : 'reuse';
  await recorded(asClient(current(), ended.clientId), 'grant.revoke', { why }, targetsOf(ended));
}

/** A token that its client took back: one row for a person's, counted for its own. */
export async function tookBack(client: Client, sub: string): Promise<void> {
  const clients = clientTargets(client);
  const by = asClient(current(), clients[0]?.id ?? null);
  const userId = decodeId('user', sub);
  if (userId === null) by.refusals.countDone(by, 'token.revoke', {}, clients);
  else await recorded(by, 'token.revoke', {}, [{ type: 'user', id: userId }, ...clients]);
}

/** The answer stands already: who hangs up has got it all the same. */
async function recorded(
  ctx: Context,
  type: string,
  details: Readonly<Record<string, Json>>,
  targets: readonly Target[],
): Promise<void> {
  await ctx.db.until(null, () => recordEvents(ctx, [{ type, details, targets }]));
}

function targetsOf({ userId, clientId }: GrantRow): Target[] {
  return [
    { type: 'user', id: userId },
    { type: 'client', id: clientId },
  ];
}

function clientTargets(client: Client | undefined): Target[] {
  const id = client ? decodeId('client', client.clientId) : null;
  return id === null ? [] : [{ type: 'client', id }];
}

function asClient(ctx: Context, id: string | null): Context {
  return { ...ctx, actor: acting('client', id, ctx) };
}

function asUser(ctx: Context, id: string): Context {
  return { ...ctx, actor: acting('user', id, ctx) };
}

function acting(kind: 'user' | 'client', id: string | null, { tenantId }: Context): Actor {
  return { ...anonymous, kind, id, tenantId };
}
