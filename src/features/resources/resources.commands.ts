/**
 * API resources: what tokens are made for. This room owns their identifiers, scopes and the form and
 * life of their tokens; which client may ask for them belongs to clients, what a person allowed to
 * consents.
 */

import { z } from 'zod';
import { forgetResource } from '#features/consents/consents.commands.ts';
import { beginToSignBy } from '#features/keys/keys.commands.ts';
import { getTenant } from '#features/tenants/tenants.queries.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { onUnique } from '#kernel/db/database-errors.ts';
import { defined } from '#kernel/defined.ts';
import { InvalidInput, VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { newId } from '#kernel/ids.ts';
import { expectedVersion } from '#kernel/text.ts';
import { ResourceIdentifierTaken, ResourceNotFound } from './resources.errors.ts';
import {
  DEFAULT_RESOURCE,
  type ResourceRow,
  type ResourceScope,
  resourceId,
  resourceIdentifier,
  resourceSettings,
} from './resources.model.ts';
import { getResource, RESOURCE_COLUMNS } from './resources.queries.ts';

const identifierTaken = {
  api_resources_tenant_id_identifier_key: () => new ResourceIdentifierTaken(),
};
const resource = (row: ResourceRow) => [{ type: 'resource' as const, id: row.id }];
const inputResource = (input: { id: string }) => [{ type: 'resource' as const, id: input.id }];

interface DeletedResource {
  readonly id: string;
}

export const createResource = command({
  name: 'resource.create',
  summary: 'Creates an API resource: an audience that tokens are made for.',
  scope: 'resources:write',
  severity: 'NOTICE',
  input: z.strictObject({ identifier: resourceIdentifier, ...resourceSettings }),
  errors: [ResourceIdentifierTaken],
  targets: resource,
  tells: { identifier: z.string(), scopes: told.names },
  details: ({ identifier, scopes }) => ({
    identifier,
    scopes: scopes.map(({ name }) => name),
  }),
  prepare: (ctx, { signingAlg }) => beginToSignBy(ctx, signingAlg),
  async run(ctx, { scopes = [], ...input }) {
    await assertNotOurs(ctx, input.identifier);
    const row = { ...DEFAULT_RESOURCE, ...defined(input) };
    const id = newId();
    try {
      await ctx.db.query(INSERT, [
        ctx.tenantId,
        id,
        input.identifier,
        input.name,
        row.tokenFormat,
        row.tokenSeconds,
        row.signingAlg,
        row.allowOffline,
        ctx.clock.now(),
      ]);
    } catch (error) {
      throw onUnique(error, identifierTaken);
    }
    await storeScopes(ctx, id, scopes);
    return (await getResource(ctx, id)) as ResourceRow;
  },
});

const INSERT = `
INSERT INTO api_resources (tenant_id, id, identifier, name, token_format, token_seconds, signing_alg,
  allow_offline, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`;

export const updateResource = command({
  name: 'resource.update',
  summary: 'Changes an API resource. Fields that are left out stay.',
  scope: 'resources:write',
  severity: 'NOTICE',
  input: z.strictObject({
    id: resourceId,
    ...resourceSettings,
    name: resourceSettings.name.optional(),
    version: expectedVersion,
  }),
  errors: [ResourceNotFound, VersionMismatch],
  targets: resource,
  refusedTargets: inputResource,
  tells: { fields: told.fields },
  details: (_, { id: _id, version: _version, ...changes }) => ({
    fields: Object.keys(changes).sort(),
  }),
  prepare: (ctx, { signingAlg }) => beginToSignBy(ctx, signingAlg),
  async run(ctx, { id, version, scopes, ...changes }) {
    const after = { ...(await lockResource(ctx, id, version)), ...defined(changes) };
    await ctx.db.query(UPDATE, [
      ctx.tenantId,
      id,
      after.name,
      after.tokenFormat,
      after.tokenSeconds,
      after.signingAlg,
      after.allowOffline,
      ctx.clock.now(),
    ]);
    if (scopes) await storeScopes(ctx, id, scopes);
    return (await getResource(ctx, id)) as ResourceRow;
  },
});

const UPDATE = `
UPDATE api_resources SET name = $3, token_format = $4, token_seconds = $5, signing_alg = $6,
  allow_offline = $7, version = version + 1, updated_at = $8
WHERE tenant_id = $1 AND id = $2`;

export const deleteResource = command({
  name: 'resource.delete',
  summary: 'Deletes an API resource; clients lose it, and what people allowed in it is forgotten.',
  scope: 'resources:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: resourceId, version: expectedVersion }),
  errors: [ResourceNotFound, VersionMismatch],
  targets: (_: DeletedResource, input) => inputResource(input),
  refusedTargets: inputResource,
  async run(ctx, { id, version }) {
    const { identifier } = await lockResource(ctx, id, version);
    await ctx.db.query('DELETE FROM api_resources WHERE tenant_id = $1 AND id = $2', [
      ctx.tenantId,
      id,
    ]);
    // Who makes another API under this name must not find it allowed already.
    await forgetResource(ctx, identifier);
    return { id };
  },
});

/** These and no others. */
async function storeScopes(
  ctx: Context,
  id: string,
  scopes: readonly ResourceScope[],
): Promise<void> {
  await ctx.db.query(REPLACE_SCOPES, [
    ctx.tenantId,
    id,
    scopes.map(({ name }) => name),
    scopes.map(({ description }) => description),
  ]);
}

const REPLACE_SCOPES = `
WITH gone AS (
  DELETE FROM api_resource_scopes WHERE tenant_id = $1 AND resource_id = $2 AND name <> ALL ($3::text[]))
INSERT INTO api_resource_scopes (tenant_id, resource_id, name, description)
SELECT $1, $2, name, description FROM unnest($3::text[], $4::text[]) AS s(name, description)
ON CONFLICT (tenant_id, resource_id, name) DO UPDATE SET description = excluded.description`;

async function lockResource(
  ctx: Context,
  id: string,
  version: number | undefined,
): Promise<ResourceRow> {
  const [row] = await ctx.db.query<ResourceRow>(
    `SELECT ${RESOURCE_COLUMNS} FROM api_resources r WHERE r.tenant_id = $1 AND r.id = $2 FOR UPDATE`,
    [ctx.tenantId, id],
  );
  if (!row) throw new ResourceNotFound();
  if (version !== undefined && version !== row.version)
    throw new VersionMismatch('The API resource');
  return row;
}

/** Tokens for our own API are made by scopes of its own: nobody else's API may bear its name. */
async function assertNotOurs(ctx: Context, identifier: string): Promise<void> {
  const tenant = await getTenant(ctx, ctx.tenantId);
  const ours = [tenant?.issuer, ctx.config.publicUrl];
  if (ours.some((one) => one && (identifier === one || identifier.startsWith(`${one}/`))))
    throw new InvalidInput([
      { path: 'identifier', message: 'stands for this service itself; use a URI of the API' },
    ]);
}
