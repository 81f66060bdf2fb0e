/** What tokens say about people (OpenID Connect Core 5.1, RFC 9068), by scope. */
import type { Account, ClaimsParameter, Client, KoaContextWithOIDC } from 'oidc-provider';
import { type Context, memoized } from '#kernel/context.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import { current } from './current.ts';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly locale: string | null;
  readonly attributes: Readonly<Record<string, unknown>> | null;
  readonly updatedAt: Date;
  /** Names, own and through groups. */
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}

/** Claims by scope, as discovery says them. */
export const CLAIMS: Readonly<Record<string, readonly string[]>> = {
  openid: ['sub', 'tid', 'oid', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username', 'locale', 'updated_at'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  roles: ['roles'],
  groups: ['groups'],
};

/**
 * A claim that is asked for by itself (OpenID Connect Core 5.5) is one of the scopes that the client is
 * registered for; others are left out, as those that nobody knows.
 */
export async function keepAllowedClaims(
  { oidc }: KoaContextWithOIDC,
  claims: ClaimsParameter,
  { scope = '' }: Client,
): Promise<void> {
  const mine = new Set(['openid', ...scope.split(' ')].flatMap((one) => CLAIMS[one] ?? []));
  const isOthers = (claim: string) => !mine.has(claim) && OF_SCOPES.has(claim);
  const kept = (asked: object = {}) =>
    Object.fromEntries(Object.entries(asked).filter(([claim]) => !isOthers(claim)));
  const { id_token, userinfo } = claims;
  if (oidc.params)
    oidc.params['claims'] = JSON.stringify({ id_token: kept(id_token), userinfo: kept(userinfo) });
}

const OF_SCOPES = new Set(Object.values(CLAIMS).flat());

/** Undefined for nobody, and for whoever is suspended: nothing is made for them any more. */
export async function findAccount(_ctx: unknown, sub: string): Promise<Account | undefined> {
  const person = await personOf(current(), sub);
  if (!person) return undefined;
  return { accountId: sub, claims: async () => ({ ...claimsOf(current(), person), sub }) };
}

/** Once a request. */
export function personOf(ctx: Context, sub: string): Promise<Person | null> {
  const id = decodeId('user', sub);
  if (id === null) return Promise.resolve(null);
  return memoized(ctx, memoOf(id), async () => {
    const [person] = await ctx.db.query<Person>(FIND, [ctx.tenantId, id]);
    return person ?? null;
  });
}

/** As JSON says it. */
export type ToldPerson = Omit<Person, 'updatedAt'> & { readonly updatedAt: string };

/** For this request, found beside something else. */
export function rememberPerson({ memo }: Pick<Context, 'memo'>, told: ToldPerson): void {
  const person: Person = { ...told, updatedAt: new Date(told.updatedAt) };
  memo.set(memoOf(person.id), Promise.resolve(person));
}

function memoOf(id: string): string {
  return `person ${id}`;
}

function claimsOf(ctx: Context, person: Person): Record<string, unknown> {
  const claims = {
    tid: encodeId('tenant', ctx.tenantId),
    oid: encodeId('user', person.id),
    name: nameOf(person),
    given_name: person.givenName,
    family_name: person.familyName,
    preferred_username: person.email,
    locale: person.locale,
    updated_at: Math.floor(person.updatedAt.getTime() / 1000),
    email: person.email,
    email_verified: person.emailVerified,
    ...contactOf(person.attributes),
    roles: [...person.roles],
    groups: [...person.groups],
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value != null));
}

/** OpenID Connect Core 5.1 knows a name; we know what the tenant has stored. */
export function nameOf({ displayName, givenName, familyName }: Person): string | null {
  return displayName ?? ([givenName, familyName].filter(Boolean).join(' ') || null);
}

/** Telephone and address are the tenant's own data, under the claims' names. Nobody has verified them. */
function contactOf(attributes: Person['attributes']): Record<string, unknown> {
  const { phone_number: phone, address } = attributes ?? {};
  const known = typeof address === 'object' && address !== null && !Array.isArray(address);
  return {
    ...(typeof phone === 'string' ? { phone_number: phone, phone_number_verified: false } : {}),
    ...(known ? { address } : {}),
  };
}

/** What we know of one person; the parameters are SQL. */
export const selectPerson = (tenantId: string, id: string) => `
SELECT u.id, u.email, u.email_verified AS "emailVerified", u.display_name AS "displayName",
  u.given_name AS "givenName", u.family_name AS "familyName", u.locale, u.attributes, u.updated_at AS "updatedAt",
  ARRAY(SELECT r.name FROM (
    SELECT ur.role_id FROM user_roles ur WHERE ur.tenant_id = u.tenant_id AND ur.user_id = u.id
    UNION
    SELECT gr.role_id FROM group_members m
    JOIN group_roles gr ON gr.tenant_id = m.tenant_id AND gr.group_id = m.group_id
    WHERE m.tenant_id = u.tenant_id AND m.user_id = u.id
  ) had JOIN roles r ON r.tenant_id = u.tenant_id AND r.id = had.role_id ORDER BY r.name) AS roles,
  ARRAY(SELECT g.name FROM group_members m JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
    WHERE m.tenant_id = u.tenant_id AND m.user_id = u.id ORDER BY g.name) AS groups
FROM users u WHERE u.tenant_id = ${tenantId} AND u.id = ${id} AND u.status = 'ACTIVE'`;

const FIND = selectPerson('$1', '$2');
