/** Grants as the engine knows them: what a person gave a client, once. */
import type { AdapterPayload } from 'oidc-provider';
import { type GrantRow, grantById, makeGrant, revokeGrant } from '#features/grants/grants.commands.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import { current } from './current.ts';
import type { ModelAdapter } from './engine.ts';

export const grants: ModelAdapter = {
  async upsert(id, { accountId, clientId, openid, resources }, expiresIn) {
    const ctx = current();
    await makeGrant(ctx, {
      id,
      userId: decodeId('user', accountId ?? '') ?? '',
      clientId: decodeId('client', clientId ?? '') ?? '',
      sessionId: ctx.actor.authentication?.sessionId ?? null,
      scopes: words(openid?.scope),
      claims: openid?.claims ?? null,
      resourceScopes: Object.fromEntries(
        Object.entries(resources ?? {}).map(([resource, scope]) => [resource, words(scope)]),
      ),
      expiresAt: new Date(ctx.clock.ms() + expiresIn * 1000),
    });
  },
  async find(id) {
    const grant = await grantById(current(), id);
    return grant && grant.revokedAt === null ? payloadOf(grant) : undefined;
  },
  async destroy(id) {
    await revokeGrant(current(), id);
  },
};

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
      ...(grant.claims ? { claims: [...grant.claims] } : {}),
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
