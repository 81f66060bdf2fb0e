/** Secrets of clients: each is shown once, and a new one lets the earlier ones work on for a while. */

import { z } from 'zod';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { told } from '#kernel/events/event-types.ts';
import { newId } from '#kernel/ids.ts';
import { ClientNotFound, ClientWithoutSecret, TooManyClientSecrets } from './clients.errors.ts';
import { type ClientRow, clientId, newClientSecret, secretOverlap } from './clients.model.ts';
import { assertMayChangeClient } from './clients.policy.ts';
import { lockClient } from './clients.queries.ts';
import { hasSecret } from './clients.rules.ts';
import { forgetClient } from './clients.store.ts';

export interface NewSecret {
  readonly client: ClientRow;
  /** Shown once; null for a client that has none. */
  readonly secret: string | null;
}

const DEFAULT_OVERLAP = 86_400;
/** Secrets of one client that work at the same time. */
const MAX_SECRETS = 5;

export const rotateClientSecret = command({
  name: 'client.rotate-secret',
  summary: 'Gives a client a new secret; earlier ones keep working for the overlap.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: clientId, overlapSeconds: secretOverlap }),
  errors: [ClientNotFound, ClientWithoutSecret, TooManyClientSecrets, OutranksCaller],
  targets: (made: NewSecret) => [{ type: 'client' as const, id: made.client.id }],
  refusedTargets: ({ id }) => [{ type: 'client' as const, id }],
  tells: { overlapSeconds: told.count.describe('How long earlier secrets still work.') },
  details: (_, { overlapSeconds = DEFAULT_OVERLAP }) => ({ overlapSeconds }),
  async run(ctx, { id, overlapSeconds = DEFAULT_OVERLAP }): Promise<NewSecret> {
    forgetClient(ctx, id);
    const client = await lockClient(ctx, id);
    if (!client) throw new ClientNotFound();
    assertMayChangeClient(ctx, client);
    if (!hasSecret(client)) throw new ClientWithoutSecret();
    const now = ctx.clock.now();
    await ctx.db.query(
      `UPDATE oauth_client_secrets SET expires_at = least(expires_at, $3::timestamptz)
       WHERE tenant_id = $1 AND client_id = $2`,
      [ctx.tenantId, id, new Date(now.getTime() + overlapSeconds * 1000)],
    );
    const live = await ctx.db.query(
      'SELECT 1 FROM oauth_client_secrets WHERE tenant_id = $1 AND client_id = $2 AND expires_at > $3',
      [ctx.tenantId, id, now],
    );
    if (live.length >= MAX_SECRETS) throw new TooManyClientSecrets(MAX_SECRETS);
    return { client, secret: await addSecret(ctx, id) };
  },
});

/** One more, for as long as the client. Part of the transaction that is open. */
export async function addSecret(ctx: Context, id: string): Promise<string> {
  const { secret, hash } = newClientSecret();
  await ctx.db.query(
    `INSERT INTO oauth_client_secrets (tenant_id, id, client_id, hash, created_at)
     VALUES ($1, $2, $3, $4, $5)`,
    [ctx.tenantId, newId(), id, hash, ctx.clock.now()],
  );
  return secret;
}
