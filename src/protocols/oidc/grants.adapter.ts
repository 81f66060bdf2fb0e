/** Grants as the engine knows them: what a person gave a client, once. */
import type { AdapterPayload } from 'oidc-provider';
import { presentedClient } from '#features/clients/clients.store.ts';
import { makeGrant } from '#features/grants/grants.commands.ts';
import type { GrantRow } from '#features/grants/grants.model.ts';
import { liveGrant } from '#features/grants/grants.queries.ts';
import { MAX_TOKEN_SECONDS } from '#features/keys/keys.model.ts';
import type { Context } from '#kernel/context.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import { current } from './current.ts';
import { loadEngine, type ModelAdapter } from './engine.ts';
import { endGrant } from './protocol-events.ts';

/** What the engine stores of a grant; its types leave these open. */
interface GrantPayload {
  readonly accountId?: string;
  readonly clientId?: string;
  readonly openid?: { readonly scope?: string; readonly claims?: readonly string[] };
  readonly resources?: Readonly<Record<string, string>>;
}

export const grants: ModelAdapter = {
  async upsert(id, payload, expiresIn) {
    const { accountId, clientId: named, openid, resources } = payload as GrantPayload;
    const ctx = current();
    const clientId = decodeId('client', named ?? '') ?? '';
    const seconds = Math.min(expiresIn, await secondsFor(ctx, clientId));
    const grant = {
      id,
      userId: decodeId('user', accountId ?? '') ?? '',
      clientId,
      sessionId: ctx.actor.authentication?.sessionId ?? null,
      scopes: words(openid?.scope),
      claims: openid?.claims ? { names: openid.claims } : null,
      resourceScopes: Object.fromEntries(
        Object.entries(resources ?? {}).map(([resource, scope]) => [resource, words(scope)]),
      ),
      expiresAt: new Date(ctx.clock.ms() + seconds * 1000),
    };
    const made = await ctx.db.transaction(() => makeGrant(ctx, grant), { tenantId: ctx.tenantId });
    const { errors } = await loadEngine();
    if (!made) throw new errors.AccessDenied('the account or its session has just ended');
  },
  async find(id) {
    const ctx = current();
    const grant = (ctx.memo.get(nameOf(id)) as GrantRow | undefined) ?? (await liveGrant(ctx, id));
    return grant ? payloadOf(await stillGiven(ctx, grant)) : undefined;
  },
  async destroy(id) {
    await endGrant(id);
  },
};

/** As long as the tokens of a grant may live: each sign-in makes one, and what is over is swept. */
async function secondsFor(ctx: Context, clientId: string): Promise<number> {
  const client = await presentedClient(ctx, ctx.tenantId, clientId);
  const refresh = client?.grantTypes.includes('refresh_token') ? client.refreshSeconds : 0;
  return Math.max(refresh, MAX_TOKEN_SECONDS) + UNTIL_REDEEMED;
}

/** For a code, or for a device that asks for its tokens at last; in seconds. */
const UNTIL_REDEEMED = 3_600;

/** For this request: it was live a moment ago, as its token told. */
export function rememberGrant({ memo }: Pick<Context, 'memo'>, grant: GrantRow): void {
  memo.set(nameOf(grant.id), grant);
}

function nameOf(id: string): string {
  return `grant ${id}`;
}

/** What the tenant lets the client learn by now; what it may do in APIs is asked where tokens are made. */
async function stillGiven(ctx: Context, grant: GrantRow): Promise<GrantRow> {
  const client = await presentedClient(ctx, ctx.tenantId, grant.clientId);
  const scopes = grant.scopes.filter((scope) => client?.identityScopes.includes(scope));
  return scopes.length < grant.scopes.length ? { ...grant, scopes } : grant;
}

function payloadOf(grant: GrantRow): AdapterPayload {
  const resources = Object.entries(grant.resourceScopes);
  return {
    jti: grant.id,
    kind: 'Grant',
    accountId: encodeId('user', grant.userId),
    clientId: encodeId('client', grant.clientId),
    iat: seconds(grant.createdAt),
    ...(grant.expiresAt ? { exp: seconds(grant.expiresAt) } : {}),
    openid: {
      ...(grant.scopes.length > 0 ? { scope: grant.scopes.join(' ') } : {}),
      ...(grant.claims ? { claims: (grant.claims as { names: string[] }).names } : {}),
    },
    ...(resources.length > 0
      ? { resources: Object.fromEntries(resources.map(([name, scope]) => [name, scope.join(' ')])) }
      : {}),
  } as AdapterPayload;
}

function words(text: string | undefined): string[] {
  return text?.split(' ').filter(Boolean) ?? [];
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
