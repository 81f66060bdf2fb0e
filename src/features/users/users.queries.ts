/** Reads of users: one by id, lists by filter. Statements are shaped so that each list walks an index. */
import type { Context } from '#kernel/context.ts';
import {
  type Condition,
  type ListShape,
  type Page,
  type PageRequest,
  page,
  prefixOf,
  rowsById,
} from '#kernel/db/keyset.ts';
import { InvalidInput } from '#kernel/errors.ts';
import { emailKey, type UserRow, words } from './users.model.ts';

/** The readable columns of the alias `u`, under their GraphQL names. */
export const USER_COLUMNS = `u.tenant_id AS "tenantId", u.id, u.email, u.email_verified AS "emailVerified",
  u.display_name AS "displayName", u.given_name AS "givenName", u.family_name AS "familyName",
  u.status, u.locale, u.attributes, u.version, u.created_at AS "createdAt", u.updated_at AS "updatedAt"`;

/** What most lists show of a user. */
export const USER_BRIEF = ['email', 'displayName', 'status'];

export interface UserFilter {
  readonly email?: string | null | undefined;
  readonly emailPrefix?: string | null | undefined;
  readonly search?: string | null | undefined;
  readonly status?: UserRow['status'] | null | undefined;
}

const byId: ListShape = {
  name: 'users',
  select: USER_COLUMNS,
  brief: USER_BRIEF,
  from: 'users u',
  tenant: 'u.tenant_id',
  order: [{ column: 'u.id', property: 'id', type: 'uuid' }],
};

/** A prefix is a range of the key, so the list is in the key's order. */
const byEmail: ListShape = {
  ...byId,
  name: 'users-by-email',
  select: `${USER_COLUMNS}, u.email_key AS "emailKey"`,
  order: [
    { column: 'u.email_key', property: 'emailKey', type: 'text' },
    { column: 'u.id', property: 'id', type: 'uuid' },
  ],
};

/** The first word's entries drive; they stand in the order of the user's id. */
const byToken: ListShape = {
  ...byId,
  name: 'users-by-word',
  from: `user_search_tokens s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id`,
  tenant: 's.tenant_id',
  order: [{ column: 's.user_id', property: 'id', type: 'uuid' }],
};

/** Those of these that there are, for `node` and `nodes`. */
export function usersById(ctx: Context, ids: readonly string[]): Promise<UserRow[]> {
  return rowsById<UserRow>(ctx, byId, ids);
}

export async function getUser(ctx: Context, id: string): Promise<UserRow | null> {
  const [row] = await ctx.db.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM users u WHERE u.tenant_id = $1 AND u.id = $2`,
    [ctx.tenantId, id],
  );
  return row ?? null;
}

/**
 * Until the transaction ends nobody else changes the user, or whatever else comes one after the other
 * under this lock: sessions, password, factors. False: the tenant has no such user.
 */
export async function holdUser(ctx: Context, id: string): Promise<boolean> {
  const rows = await ctx.db.query(
    'SELECT 1 FROM users WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE',
    [ctx.tenantId, id],
  );
  return rows.length > 0;
}

/** The user with this address, whatever its letter case. */
export async function userByEmail(ctx: Context, email: string): Promise<UserRow | null> {
  const [row] = await ctx.db.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM users u WHERE u.tenant_id = $1 AND u.email_key = $2`,
    [ctx.tenantId, emailKey(email) ?? ''],
  );
  return row ?? null;
}

export function listUsers(
  ctx: Context,
  filter: UserFilter,
  request: PageRequest,
): Promise<Page<UserRow>> {
  const { shape, conditions } = plan(filter);
  return page<UserRow>(ctx, shape, conditions, request);
}

/** In the text, so that a plan for any value knows how many rows this one has. */
const OF_STATUS: Readonly<Record<UserRow['status'], string>> = {
  ACTIVE: "u.status = 'ACTIVE'",
  SUSPENDED: "u.status = 'SUSPENDED'",
};

function plan(filter: UserFilter): { shape: ListShape; conditions: Condition[] } {
  const given = (['email', 'emailPrefix', 'search'] as const).filter(
    (name) => filter[name] != null,
  );
  if (given.length > 1)
    throw new InvalidInput([
      { path: `filter.${given[1]}`, message: `must not be given together with ${given[0]}` },
    ]);
  const status: Condition[] =
    filter.status == null ? [] : [{ sql: OF_STATUS[filter.status], values: [] }];
  if (filter.email != null)
    return {
      shape: byId,
      conditions: [{ sql: 'u.email_key = ?', values: [emailKey(filter.email) ?? ''] }, ...status],
    };
  if (filter.emailPrefix != null)
    return {
      shape: byEmail,
      conditions: [prefixOf('filter.emailPrefix', 'u.email_key', filter.emailPrefix), ...status],
    };
  if (filter.search != null)
    return { shape: byToken, conditions: [...tokens(filter.search), ...status] };
  return { shape: byId, conditions: status };
}

function tokens(text: string): Condition[] {
  const address = text.includes('@') ? emailKey(text.trim()) : null;
  const wanted = address ? [address] : words(text);
  const [first, ...others] = wanted;
  if (first === undefined || others.length > 7)
    throw new InvalidInput([{ path: 'filter.search', message: 'must hold 1 to 8 words' }]);
  return [
    { sql: 's.token = ?', values: [first] },
    ...others.map((token) => ({
      sql: `EXISTS (SELECT FROM user_search_tokens t WHERE t.tenant_id = s.tenant_id AND t.user_id = s.user_id AND t.token = ?)`,
      values: [token],
    })),
  ];
}
