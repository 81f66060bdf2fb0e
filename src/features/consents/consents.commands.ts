/**
 * Consents: what a person allowed a client, so that they are asked once. This room owns what is
 * remembered and how it is taken back, with every grant that stood on it; asking is the protocol's.
 */

import { z } from 'zod';
import { revokeGrants } from '#features/grants/grants.commands.ts';
import type { ResourceScopes } from '#features/grants/grants.model.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { assertMayChangeUsers } from '#features/roles/roles.policy.ts';
import { command } from '#kernel/commands/command.ts';
import { asPerson, type Context } from '#kernel/context.ts';
import { declareEvent, told } from '#kernel/events/event-types.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { newId } from '#kernel/ids.ts';
import { ConsentNotFound } from './consents.errors.ts';
import { type ConsentRow, consentId } from './consents.model.ts';
import { consentOf } from './consents.queries.ts';

export interface NewConsent {
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly resourceScopes: ResourceScopes;
}

/**
 * Adds to what the person allowed the client, and records it in their name. Inside a transaction.
 * Null when the user is gone or suspended, or the client is gone.
 */
export async function grantConsent(
  ctx: Context,
  { userId, clientId, scopes, resourceScopes }: NewConsent,
): Promise<ConsentRow | null> {
  const [stored] = await ctx.db.query<{ id: string }>(UPSERT, [
    ctx.tenantId,
    newId(),
    userId,
    clientId,
    scopes,
    JSON.stringify(resourceScopes),
    ctx.clock.now(),
  ]);
  if (!stored) return null;
  await recordEvents(asPerson(ctx, userId), [
    {
      type: 'consent.grant',
      severity: 'NOTICE',
      targets: targets({ id: stored.id, userId, clientId }),
      details: { scopes, resourceScopes },
    },
  ]);
  return consentOf(ctx, userId, clientId);
}

declareEvent({
  name: 'consent.grant',
  summary: 'A person allowed a client something.',
  severity: 'NOTICE',
  about: ['consent', 'user', 'client'],
  tells: {
    scopes: told.names,
    resourceScopes: z.record(z.string(), told.names).describe('By the API that they are for.'),
  },
});

/** The user before the consent, as everywhere. Each list is merged, without duplicates and in order. */
const UPSERT = `
INSERT INTO oauth_consents AS o (tenant_id, id, user_id, client_id, scopes, resource_scopes, granted_at, updated_at)
SELECT $1, $2, person.id, client.id, ARRAY(SELECT DISTINCT unnest($5::text[]) ORDER BY 1), $6::jsonb,
  $7::timestamptz, $7::timestamptz
FROM (SELECT id FROM users WHERE tenant_id = $1 AND id = $3 AND status = 'ACTIVE' FOR SHARE) person,
  (SELECT id FROM oauth_clients WHERE tenant_id = $1 AND id = $4 FOR KEY SHARE) client
ON CONFLICT (tenant_id, user_id, client_id) DO UPDATE SET
  scopes = ARRAY(SELECT DISTINCT unnest(o.scopes || excluded.scopes) ORDER BY 1),
  resource_scopes = (
    SELECT coalesce(jsonb_object_agg(m.key, m.names), '{}') FROM (
      SELECT e.key, jsonb_agg(DISTINCT n.name) AS names
      FROM (SELECT * FROM jsonb_each(o.resource_scopes) UNION ALL SELECT * FROM jsonb_each(excluded.resource_scopes)) e,
        jsonb_array_elements_text(e.value) AS n(name)
      GROUP BY e.key) m),
  updated_at = excluded.updated_at
RETURNING o.id`;

interface Revoked {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  /** How many grants have ended with it. */
  readonly grants: number;
}

const targets = ({ id, userId, clientId }: Pick<Revoked, 'id' | 'userId' | 'clientId'>) => [
  { type: 'consent' as const, id },
  { type: 'user' as const, id: userId },
  { type: 'client' as const, id: clientId },
];
const inputConsent = ({ id }: { id: string }) => [{ type: 'consent' as const, id }];

export const revokeConsent = command({
  name: 'consent.revoke',
  summary: 'Takes back what a user allowed a client; its tokens for them end.',
  scope: 'consents:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: consentId }),
  errors: [ConsentNotFound, OutranksCaller],
  targets,
  refusedTargets: inputConsent,
  about: ['consent', 'user', 'client'],
  tells: { grants: told.count.describe('How many grants ended by it.') },
  details: ({ grants }: Revoked) => ({ grants }),
  async run(ctx, { id }): Promise<Revoked> {
    const { userId, clientId } = await lockConsent(ctx, id);
    await assertMayChangeUsers(ctx, [userId]);
    return { id, userId, clientId, grants: await takeBack(ctx, id, { userId, clientId }) };
  },
});

export const revokeOwnConsent = command({
  name: 'consent.revoke-own',
  summary: 'Takes back what the caller allowed a client; its tokens for them end.',
  access: { scopes: [[]], person: true },
  severity: 'NOTICE',
  input: z.strictObject({ id: consentId }),
  errors: [ConsentNotFound],
  targets,
  refusedTargets: inputConsent,
  about: ['consent', 'user', 'client'],
  tells: { grants: told.count.describe('How many grants ended by it.') },
  details: ({ grants }: Revoked) => ({ grants }),
  async run(ctx, { id }): Promise<Revoked> {
    const { userId, clientId } = await lockConsent(ctx, id);
    // Others' do not exist.
    if (userId !== ctx.actor.id) throw new ConsentNotFound();
    return { id, userId, clientId, grants: await takeBack(ctx, id, { userId, clientId }) };
  },
});

async function lockConsent(
  ctx: Context,
  id: string,
): Promise<{ readonly userId: string; readonly clientId: string }> {
  const [row] = await ctx.db.query<{ userId: string; clientId: string }>(
    `SELECT user_id AS "userId", client_id AS "clientId" FROM oauth_consents
     WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
    [ctx.tenantId, id],
  );
  if (!row) throw new ConsentNotFound();
  return row;
}

async function takeBack(
  ctx: Context,
  id: string,
  whose: { readonly userId: string; readonly clientId: string },
): Promise<number> {
  await ctx.db.query('DELETE FROM oauth_consents WHERE tenant_id = $1 AND id = $2', [
    ctx.tenantId,
    id,
  ]);
  return (await revokeGrants(ctx, whose)).length;
}

/** Of an API that is no more: what people allowed in it, and what grants hold of it. */
export async function forgetResource(ctx: Context, identifier: string): Promise<void> {
  for (const table of ['oauth_consents', 'oauth_grants'])
    await ctx.db.query(
      `UPDATE ${table} SET resource_scopes = resource_scopes - $2::text
       WHERE tenant_id = $1 AND jsonb_exists(resource_scopes, $2)`,
      [ctx.tenantId, identifier],
    );
}
