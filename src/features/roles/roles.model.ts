/**
 * Roles: named sets of scopes. The four built-in ones follow the catalogue of scopes: a release that
 * adds a scope gives it to them without touching a row.
 */
import { z } from 'zod';
import { nameKey } from '#features/users/users.model.ts';
import { id } from '#kernel/ids.ts';
import { declareScope, isPlatformScope, isScope, tenantScopes } from '#kernel/scopes.ts';

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
/** The key may be longer than the name (one character can stand for many), and it is indexed. */
export const roleName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .refine(
    (value) => value.length <= 120 && nameKey(value).length <= 240,
    'must have at most 120 characters',
  )
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')
  .describe('Unique in the tenant whatever its letter case.');
export const roleDescription = z
  .string()
  .trim()
  .max(500, 'must have at most 500 characters')
  .regex(
    /^(?:\P{Cc}|[\n\r\t])*$/u,
    'must not contain control characters other than line breaks and tabs',
  )
  .describe('What the role is for.');
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
