/**
 * Clients: the programs that people sign in to, and those that call by themselves. This room owns
 * what is decided about them; their secrets are in client-secrets.commands.ts, the APIs that tokens
 * are made for belong to resources, what people allowed a client to consents.
 */

import { z } from 'zod';
import { beginToSignBy } from '#features/keys/keys.commands.ts';
import { OutranksCaller } from '#features/roles/roles.errors.ts';
import { creatorKind } from '#kernel/actor.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { defined } from '#kernel/defined.ts';
import { InvalidInput, VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { newId } from '#kernel/ids.ts';
import { expectedVersion, nameKey } from '#kernel/text.ts';
import { addSecret, type NewSecret } from './client-secrets.commands.ts';
import { ClientNotFound } from './clients.errors.ts';
import {
  type ClientRow,
  type ClientSettings,
  clientId,
  clientName,
  clientSettings,
  clientType,
} from './clients.model.ts';
import { assertMayChangeClient, assertMayGive } from './clients.policy.ts';
import { getClient, lockClient, SETTING_COLUMNS } from './clients.queries.ts';
import { clientProblems, defaultsOf, hasSecret, returnAddress } from './clients.rules.ts';
import { forgetClient } from './clients.store.ts';

const client = (row: ClientRow) => [{ type: 'client' as const, id: row.id }];
const inputClient = (input: { id: string }) => [{ type: 'client' as const, id: input.id }];

interface DeletedClient {
  readonly id: string;
}

const newClient = z
  .strictObject({
    name: clientName,
    type: clientType,
    ...clientSettings,
  })
  .superRefine(({ type, grantTypes, redirectUris = [] }, context) => {
    if (returnAddress.isBroken({ ...defaultsOf(type, grantTypes), redirectUris }))
      context.addIssue({ code: 'custom', ...returnAddress, path: [returnAddress.path] });
  });

export const createClient = command({
  name: 'client.create',
  summary: 'Creates a client. Its secret, if it has one, is in this answer and nowhere else.',
  scope: 'clients:write',
  severity: 'NOTICE',
  input: newClient,
  errors: [OutranksCaller],
  targets: (made: NewSecret) => client(made.client),
  tells: {
    type: clientType,
    firstParty: z.boolean(),
    grantTypes: told.names,
    apiScopes: told.names,
    audiences: told.names,
  },
  details: ({ client: { type, firstParty, grantTypes, apiScopes, audiences } }) => ({
    type,
    firstParty,
    grantTypes,
    apiScopes,
    audiences,
  }),
  prepare: (ctx, { idTokenAlg }) => beginToSignBy(ctx, idTokenAlg),
  async run(ctx, { audiences = [], ...input }): Promise<NewSecret> {
    const settings = {
      ...defaultsOf(input.type, input.grantTypes),
      ...(defined(input) as Partial<ClientSettings>),
      name: input.name,
    };
    assertGood(settings);
    assertMayGive(ctx, settings);
    const id = newId();
    await ctx.db.query(INSERT, [
      ctx.tenantId,
      id,
      ctx.clock.now(),
      nameKey(settings.name),
      ...valuesOf(settings),
      creatorKind(ctx.actor, ctx.tenantId),
      ctx.actor.id,
    ]);
    await storeAudiences(ctx, id, audiences);
    const secret = hasSecret(settings) ? await addSecret(ctx, id) : null;
    return { client: (await getClient(ctx, id)) as ClientRow, secret };
  },
});

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
    await ctx.db.query(UPDATE, [
      ctx.tenantId,
      id,
      ctx.clock.now(),
      nameKey(settings.name),
      ...valuesOf(settings),
    ]);
    if (audiences) await storeAudiences(ctx, id, audiences);
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

function assertGood(settings: ClientSettings): void {
  const problems = clientProblems(settings);
  if (problems.length > 0) throw new InvalidInput(problems);
}

/** These and no others. Throws `InvalidInput` for an identifier that the tenant does not have. */
async function storeAudiences(
  ctx: Context,
  id: string,
  identifiers: readonly string[],
): Promise<void> {
  const found = await ctx.db.query<{ identifier: string }>(REPLACE_AUDIENCES, [
    ctx.tenantId,
    id,
    identifiers,
  ]);
  const known = new Set(found.map(({ identifier }) => identifier));
  const unknown = identifiers.findIndex((identifier) => !known.has(identifier));
  if (unknown >= 0)
    throw new InvalidInput([
      { path: `audiences.${unknown}`, message: 'is the identifier of no API resource here' },
    ]);
}

const REPLACE_AUDIENCES = `
WITH wanted AS (
  SELECT id, identifier FROM api_resources WHERE tenant_id = $1 AND identifier = ANY ($3::text[]) FOR KEY SHARE
), gone AS (
  DELETE FROM oauth_client_audiences
  WHERE tenant_id = $1 AND client_id = $2 AND resource_id NOT IN (SELECT id FROM wanted)
), added AS (
  INSERT INTO oauth_client_audiences (tenant_id, client_id, resource_id)
  SELECT $1, $2::uuid, id FROM wanted ON CONFLICT DO NOTHING
)
SELECT identifier FROM wanted`;

const names = Object.keys(SETTING_COLUMNS) as (keyof ClientSettings)[];
const columns = Object.values(SETTING_COLUMNS);
const FIRST_SETTING = 5;
const parameters = columns.map((_, n) => `$${n + FIRST_SETTING}`);
const [byKind, byId] = [columns.length, columns.length + 1].map((n) => `$${n + FIRST_SETTING}`);

function valuesOf(settings: ClientSettings): unknown[] {
  return names.map((name) => settings[name]);
}

const INSERT = `
INSERT INTO oauth_clients (tenant_id, id, created_at, updated_at, name_key, ${columns.join(', ')},
  created_by_kind, created_by_id)
VALUES ($1, $2, $3, $3, $4, ${parameters.join(', ')}, ${byKind}, ${byId})`;

const UPDATE = `
UPDATE oauth_clients SET (updated_at, name_key, ${columns.join(', ')}) = ($3, $4, ${parameters.join(', ')}),
  version = version + 1
WHERE tenant_id = $1 AND id = $2`;

const DELETE_SECRETS = 'DELETE FROM oauth_client_secrets WHERE tenant_id = $1 AND client_id = $2';
