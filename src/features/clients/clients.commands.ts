/**
 * Clients: the programs that people sign in to, and those that call by themselves. This room owns
 * what is decided about them; how they come to be is in new-clients.commands.ts, their secrets are in
 * client-secrets.commands.ts, the APIs that tokens are made for belong to resources, what people allowed a client to consents.
 */
import { z } from 'zod';
import { revokeGrants } from '#features/grants/grants.commands.ts';
import { beginToSignBy } from '#features/keys/keys.commands.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { defined } from '#kernel/defined.ts';
import { VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { expectedVersion } from '#kernel/text.ts';
import { assertGood, storeAudiences, writeClient } from './client-rows.ts';
import { ClientNotFound } from './clients.errors.ts';
import {
  type ClientRow,
  type ClientSettings,
  clientId,
  clientName,
  clientSettings,
} from './clients.model.ts';
import { assertMayChangeClient, assertMayGive } from './clients.policy.ts';
import { getClient, lockClient } from './clients.queries.ts';
import { hasSecret } from './clients.rules.ts';
import { forgetClient } from './clients.store.ts';

const client = (row: ClientRow) => [{ type: 'client' as const, id: row.id }];
const inputClient = (input: { id: string }) => [{ type: 'client' as const, id: input.id }];

interface DeletedClient {
  readonly id: string;
}

export const updateClient = command({
  name: 'client.update',
  summary: 'Changes a client. Fields that are left out stay; null clears.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: z.strictObject({
    id: clientId,
    name: clientName.optional(),
    ...clientSettings,
    version: expectedVersion,
  }),
  errors: [ClientNotFound, VersionMismatch, OutranksCaller],
  targets: client,
  refusedTargets: inputClient,
  tells: { fields: told.fields },
  details: (_, { id: _id, version: _version, ...changes }) => ({
    fields: Object.keys(changes).sort(),
  }),
  prepare: (ctx, { idTokenAlg }) => beginToSignBy(ctx, idTokenAlg),
  async run(ctx, { id, version, audiences, ...changes }): Promise<ClientRow> {
    const before = await changeable(ctx, id, version);
    const settings: ClientSettings = {
      ...before,
      ...(defined(changes) as Partial<ClientSettings>),
    };
    assertGood(settings);
    assertMayGive(ctx, settings);
    await writeClient(ctx, id, settings);
    if (audiences) await storeAudiences(ctx, id, audiences);
    // Nobody was asked so far.
    if (before.firstParty && !settings.firstParty) await revokeGrants(ctx, { clientId: id });
    // They must not come back to life with the method.
    if (!hasSecret(settings)) await ctx.db.query(DELETE_SECRETS, [ctx.tenantId, id]);
    return (await getClient(ctx, id)) as ClientRow;
  },
});

const state = z.strictObject({ id: clientId, version: expectedVersion });

export const disableClient = command({
  name: 'client.disable',
  summary:
    'Disables a client: nobody signs in to it, and its tokens are refused, until it is enabled.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: state,
  errors: [ClientNotFound, VersionMismatch, OutranksCaller],
  targets: client,
  refusedTargets: inputClient,
  run: (ctx, input) => setDisabled(ctx, input, ctx.clock.now()),
});

export const enableClient = command({
  name: 'client.enable',
  summary: 'Lets a disabled client work again.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: state,
  errors: [ClientNotFound, VersionMismatch, OutranksCaller],
  targets: client,
  refusedTargets: inputClient,
  run: (ctx, input) => setDisabled(ctx, input, null),
});

export const deleteClient = command({
  name: 'client.delete',
  summary: 'Deletes a client with its secrets, what people allowed it, and its tokens.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: state,
  errors: [ClientNotFound, VersionMismatch, OutranksCaller],
  targets: (_: DeletedClient, input) => inputClient(input),
  refusedTargets: inputClient,
  async run(ctx, { id, version }) {
    await changeable(ctx, id, version);
    await ctx.db.query('DELETE FROM oauth_clients WHERE tenant_id = $1 AND id = $2', [
      ctx.tenantId,
      id,
    ]);
    return { id };
  },
});

/** Locked, at the version that the caller read, and of no higher rank than they. */
async function changeable(
  ctx: Context,
  id: string,
  version: number | undefined,
): Promise<ClientRow> {
  forgetClient(ctx, id);
  const row = await lockClient(ctx, id);
  if (!row) throw new ClientNotFound();
  if (version !== undefined && version !== row.version) throw new VersionMismatch('The client');
  assertMayChangeClient(ctx, row);
  return row;
}

async function setDisabled(
  ctx: Context,
  { id, version }: z.output<typeof state>,
  at: Date | null,
): Promise<ClientRow> {
  const before = await changeable(ctx, id, version);
  if ((before.disabledAt === null) === (at === null)) return before;
  await ctx.db.query(
    `UPDATE oauth_clients SET disabled_at = $3, version = version + 1, updated_at = $4
     WHERE tenant_id = $1 AND id = $2`,
    [ctx.tenantId, id, at, ctx.clock.now()],
  );
  return (await getClient(ctx, id)) as ClientRow;
}

const DELETE_SECRETS = 'DELETE FROM oauth_client_secrets WHERE tenant_id = $1 AND client_id = $2';
