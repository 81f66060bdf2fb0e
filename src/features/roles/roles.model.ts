/**
 * Roles: named sets of scopes. The four built-in ones follow the catalogue of scopes: a release that
 * adds a scope gives it to them without touching a row.
 */
import { z } from 'zod';
import { id } from '#kernel/ids.ts';
import { declareScope, isPlatformScope, isScope, tenantScopes } from '#kernel/scopes.ts';
import { line, lines } from '#kernel/text.ts';

declareScope('roles:read', 'Read roles and who has them');
declareScope('roles:write', 'Create, change and delete roles, and assign them');

export type BuiltIn = 'owner' | 'admin' | 'auditor' | 'member';

export interface RoleRow {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** Of a custom role. A built-in role's are derived: use `scopesOf`. */
  readonly scopes: readonly string[];
  readonly builtIn: BuiltIn | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const BUILT_IN_ROLES: readonly { readonly key: BuiltIn; readonly description: string }[] = [
  { key: 'owner', description: 'Everything in this tenant, including who its owners are.' },
  { key: 'admin', description: 'Everything in this tenant, except making or changing owners.' },
  { key: 'auditor', description: 'Reads everything in this tenant, changes nothing.' },
  { key: 'member', description: 'Their own data only.' },
];

declareScope('owners:write', 'Make, change and remove owners');

/** What a role grants. */
export function scopesOf(role: Pick<RoleRow, 'scopes' | 'builtIn'>): readonly string[] {
  switch (role.builtIn) {
    case 'owner':
      return tenantScopes();
    case 'admin':
      return tenantScopes().filter((scope) => scope !== 'owners:write');
    case 'auditor':
      return tenantScopes().filter((scope) => scope.endsWith(':read'));
    case 'member':
      return [];
    case null:
      // A scope that a later release dropped grants nothing and must not make the role untouchable.
      return role.scopes.filter(isScope);
  }
}

export const roleId = id('role').describe('The role.');
export const roleName = line(120).describe('Unique in the tenant whatever its letter case.');
export const roleDescription = lines(500).describe('What the role is for.');
/** Known scopes of a tenant, each once. */
export const grantableScopes = z
  .array(
    z
      .string()
      .refine(
        (scope) => isScope(scope) && !isPlatformScope(scope),
        'is not a scope of a tenant; see schema/scopes.json',
      ),
  )
  .max(200)
  .transform((scopes) => [...new Set(scopes)].sort())
  .describe('What the role grants, such as `users:read`.');
