/**
 * Tenants: made and closed by the platform's operators. This room owns a tenant's name, slug, host,
 * issuer and status; a new tenant's built-in roles come from roles. Deletion is soft: the doors close
 * at once, the data stays until it is purged.
 */

import { z } from 'zod';
import { createBuiltInRoles } from '#features/roles/roles.commands.ts';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { onUnique } from '#kernel/db/database-errors.ts';
import { InvalidInput, VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { newId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { expectedVersion } from '#kernel/text.ts';
import { HostTaken, PlatformTenant, SlugTaken, TenantNotFound } from './tenants.errors.ts';
import {
  issuerOf,
  type TenantRow,
  type TenantStatusName,
  tenantHost,
  tenantId,
  tenantName,
  tenantSlug,
} from './tenants.model.ts';
import { getTenant, TENANT_COLUMNS } from './tenants.queries.ts';

const taken = {
  tenants_slug_key: () => new SlugTaken(),
  tenants_host_key: () => new HostTaken(),
};
const tenant = (row: TenantRow) => [{ type: 'tenant' as const, id: row.id }];
const inputTenant = (row: { id: string }) => [{ type: 'tenant' as const, id: row.id }];

export const createTenant = command({
  name: 'tenant.create',
  summary: 'Creates a tenant with its built-in roles.',
  scope: 'platform:tenants',
  severity: 'NOTICE',
  input: z.strictObject({ slug: tenantSlug, name: tenantName, host: tenantHost.optional() }),
  errors: [SlugTaken, HostTaken],
  tenant: () => newId(),
  targets: tenant,
  tells: { slug: z.string() },
  details: (row) => ({ slug: row.slug }),
  async run(ctx, input) {
    assertFree(ctx, input.host);
    try {
      const [row] = await ctx.db.query<TenantRow>(
        `INSERT INTO tenants AS t (id, slug, host, issuer, name, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING ${TENANT_COLUMNS}`,
        [
          ctx.tenantId,
          input.slug,
          input.host ?? null,
          issuerOf(ctx.config.publicUrl, input),
          input.name,
          ctx.clock.now(),
        ],
      );
      await createBuiltInRoles(ctx, ctx.tenantId);
      return row as TenantRow;
    } catch (error) {
      throw onUnique(error, taken);
    }
  },
});

export const updateTenant = command({
  name: 'tenant.update',
  summary: "Changes a tenant's name or host. A new host is a new issuer.",
  scope: 'platform:tenants',
  severity: 'NOTICE',
  input: z.strictObject({
    id: tenantId,
    name: tenantName.optional(),
    host: tenantHost.nullish(),
    version: expectedVersion,
  }),
  errors: [TenantNotFound, HostTaken, VersionMismatch],
  tenant: (input) => input.id,
  targets: tenant,
  refusedTargets: inputTenant,
  tells: { fields: told.fields },
  details: (_, { id: _id, version: _version, ...changes }) => ({
    fields: Object.keys(changes).sort(),
  }),
  async run(ctx, { name, host, version }) {
    assertFree(ctx, host);
    const before = await lockTenant(ctx, version);
    const after = {
      slug: before.slug,
      name: name ?? before.name,
      host: host === undefined ? before.host : host,
    };
    try {
      await ctx.db.prisma.tenant.updateMany({
        where: { id: ctx.tenantId },
        data: {
          name: after.name,
          host: after.host,
          issuer: host === undefined ? before.issuer : issuerOf(ctx.config.publicUrl, after),
          version: { increment: 1 },
          updatedAt: ctx.clock.now(),
        },
      });
    } catch (error) {
      throw onUnique(error, taken);
    }
    return (await getTenant(ctx, ctx.tenantId)) as TenantRow;
  },
});

/** Where everybody is served, nobody may be alone. */
function assertFree({ config }: Context, host: string | null | undefined): void {
  if (host && host === new URL(config.publicUrl).hostname)
    throw new InvalidInput([{ path: 'host', message: 'must not be the host of PUBLIC_URL' }]);
}

const statusInput = z.strictObject({ id: tenantId, version: expectedVersion });
const statusErrors = [TenantNotFound, PlatformTenant, VersionMismatch];

export const suspendTenant = command({
  name: 'tenant.suspend',
  summary: 'Closes every door of a tenant within a second; nothing is deleted.',
  scope: 'platform:tenants',
  severity: 'WARNING',
  input: statusInput,
  errors: statusErrors,
  tenant: (input) => input.id,
  targets: tenant,
  refusedTargets: inputTenant,
  run: (ctx, { version }) => setStatus(ctx, version, 'SUSPENDED'),
});

export const activateTenant = command({
  name: 'tenant.activate',
  summary: 'Opens the doors of a suspended tenant again.',
  scope: 'platform:tenants',
  severity: 'WARNING',
  input: statusInput,
  errors: statusErrors,
  tenant: (input) => input.id,
  targets: tenant,
  refusedTargets: inputTenant,
  run: (ctx, { version }) => setStatus(ctx, version, 'ACTIVE'),
});

export const deleteTenant = command({
  name: 'tenant.delete',
  summary:
    'Deletes a tenant: its doors close within a second. Its data stays until it is purged, which nothing does yet.',
  scope: 'platform:tenants',
  severity: 'CRITICAL',
  input: statusInput,
  errors: statusErrors,
  tenant: (input) => input.id,
  targets: tenant,
  refusedTargets: inputTenant,
  run: (ctx, { version }) => setStatus(ctx, version, 'DELETED'),
});

/** A deleted tenant is found no more, so nothing opens it again. */
async function setStatus(
  ctx: Context,
  version: number | undefined,
  status: TenantStatusName,
): Promise<TenantRow> {
  if (ctx.tenantId === PLATFORM_TENANT_ID) throw new PlatformTenant();
  const before = await lockTenant(ctx, version);
  if (before.status === status) return before;
  await ctx.db.prisma.tenant.updateMany({
    where: { id: ctx.tenantId },
    data: {
      status,
      deletedAt: status === 'DELETED' ? ctx.clock.now() : null,
      version: { increment: 1 },
      updatedAt: ctx.clock.now(),
    },
  });
  return (await getTenant(ctx, ctx.tenantId)) as TenantRow;
}

async function lockTenant(ctx: Context, version: number | undefined): Promise<TenantRow> {
  const [row] = await ctx.db.query<TenantRow>(
    `SELECT ${TENANT_COLUMNS} FROM tenants t WHERE t.id = $1 AND t.status <> 'DELETED' FOR UPDATE`,
    [ctx.tenantId],
  );
  if (!row) throw new TenantNotFound();
  if (version !== undefined && version !== row.version) throw new VersionMismatch('The tenant');
  return row;
}
