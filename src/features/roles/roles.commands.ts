/**
 * Roles: named sets of scopes. This file owns a tenant's roles; who has them is changed in
 * `assignments.commands.ts`, who may grant what is decided in `roles.policy.ts`, and what a scope
 * opens belongs to the room that declares it.
 */

import { z } from 'zod';
import { command } from '#kernel/commands/command.ts';
import type { Context } from '#kernel/context.ts';
import { onUnique } from '#kernel/db/database-errors.ts';
import { VersionMismatch } from '#kernel/errors.ts';
import { told } from '#kernel/events/event-types.ts';
import { newId } from '#kernel/ids.ts';
import { expectedVersion, nameKey } from '#kernel/text.ts';
import { BuiltInRole, OutranksCaller, RoleNameTaken, RoleNotFound } from './roles.errors.ts';
import {
  BUILT_IN_ROLES,
  grantableScopes,
  type RoleRow,
  roleDescription,
  roleId,
  roleName,
  scopesOf,
} from './roles.model.ts';
import { assertHolds } from './roles.policy.ts';
import { ROLE_COLUMNS } from './roles.queries.ts';

const nameTaken = { roles_tenant_id_name_key_key: () => new RoleNameTaken() };
const role = (row: RoleRow) => [{ type: 'role' as const, id: row.id }];
const inputRole = (input: { id: string }) => [{ type: 'role' as const, id: input.id }];

interface DeletedRole {
  readonly id: string;
}

export const createRole = command({
  name: 'role.create',
  summary: 'Creates a role. It may grant only what the caller holds.',
  scope: 'roles:write',
  input: z.strictObject({
    name: roleName,
    description: roleDescription.optional(),
    scopes: grantableScopes,
  }),
  errors: [RoleNameTaken, OutranksCaller],
  targets: role,
  tells: { scopes: told.names },
  details: (row) => ({ scopes: row.scopes }),
  async run(ctx, { name, description, scopes }) {
    assertHolds(ctx, scopes);
    try {
      const [row] = await ctx.db.query<RoleRow>(
        `INSERT INTO roles AS r (tenant_id, id, name, name_key, description, scopes, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING ${ROLE_COLUMNS}`,
        [ctx.tenantId, newId(), name, nameKey(name), description ?? null, scopes, ctx.clock.now()],
      );
      return row as RoleRow;
    } catch (error) {
      throw onUnique(error, nameTaken);
    }
  },
});

export const updateRole = command({
  name: 'role.update',
  summary: 'Changes a role. Fields that are left out stay; null clears.',
  scope: 'roles:write',
  severity: 'NOTICE',
  input: z.strictObject({
    id: roleId,
    name: roleName.optional(),
    description: roleDescription.nullish(),
    scopes: grantableScopes.optional(),
    version: expectedVersion,
  }),
  errors: [RoleNotFound, RoleNameTaken, BuiltInRole, VersionMismatch, OutranksCaller],
  targets: role,
  refusedTargets: inputRole,
  tells: { fields: told.fields, scopes: told.names.optional() },
  details: (_, { id: _id, version: _version, ...changes }) => ({
    fields: Object.keys(changes).sort(),
    ...(changes.scopes ? { scopes: changes.scopes } : {}),
  }),
  async run(ctx, { id, version, ...changes }) {
    const before = await lockCustomRole(ctx, id, version);
    const name = changes.name ?? before.name;
    const description =
      changes.description === undefined ? before.description : changes.description;
    const scopes = changes.scopes ?? before.scopes;
    assertHolds(ctx, [...scopesOf(before), ...(changes.scopes ?? [])]);
    try {
      const [row] = await ctx.db.query<RoleRow>(
        `UPDATE roles r SET name = $3, name_key = $4, description = $5, scopes = $6,
           version = r.version + 1, updated_at = $7
         WHERE r.tenant_id = $1 AND r.id = $2 RETURNING ${ROLE_COLUMNS}`,
        [ctx.tenantId, id, name, nameKey(name), description, scopes, ctx.clock.now()],
      );
      return row as RoleRow;
    } catch (error) {
      throw onUnique(error, nameTaken);
    }
  },
});

export const deleteRole = command({
  name: 'role.delete',
  summary: 'Deletes a role; whoever had it loses what it granted.',
  scope: 'roles:write',
  severity: 'NOTICE',
  input: z.strictObject({ id: roleId, version: expectedVersion }),
  errors: [RoleNotFound, BuiltInRole, VersionMismatch, OutranksCaller],
  targets: (_: DeletedRole, input) => inputRole(input),
  refusedTargets: inputRole,
  async run(ctx, { id, version }) {
    const before = await lockCustomRole(ctx, id, version);
    assertHolds(ctx, scopesOf(before));
    await ctx.db.query('DELETE FROM roles WHERE tenant_id = $1 AND id = $2', [ctx.tenantId, id]);
    return { id };
  },
});

/** Writes the four built-in roles of a new tenant; call it inside the transaction that makes it. */
export async function createBuiltInRoles(ctx: Context, tenantId: string): Promise<void> {
  await ctx.db.query(
    `INSERT INTO roles (tenant_id, id, name, name_key, description, scopes, built_in, created_at, updated_at)
     SELECT $1, b.id, b.key, b.key, b.description, '{}', b.key, $5, $5
     FROM unnest($2::uuid[], $3::text[], $4::text[]) AS b(id, key, description)`,
    [
      tenantId,
      BUILT_IN_ROLES.map(() => newId()),
      BUILT_IN_ROLES.map(({ key }) => key),
      BUILT_IN_ROLES.map(({ description }) => description),
      ctx.clock.now(),
    ],
  );
}

/** The role, for a change of it or its end; the version is compared under the lock. */
async function lockCustomRole(
  ctx: Context,
  id: string,
  version: number | undefined,
): Promise<RoleRow> {
  const [row] = await ctx.db.query<RoleRow>(
    `SELECT ${ROLE_COLUMNS} FROM roles r WHERE r.tenant_id = $1 AND r.id = $2 FOR UPDATE`,
    [ctx.tenantId, id],
  );
  if (!row) throw new RoleNotFound();
  if (row.builtIn) throw new BuiltInRole();
  if (version !== undefined && version !== row.version) throw new VersionMismatch('The role');
  return row;
}
