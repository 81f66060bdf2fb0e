/** Whether a password is right, and whether it is good enough. */
import {
  leastLength,
  type SignInPolicyRow,
} from '#features/sign-in-policies/sign-in-policies.model.ts';
import type { TenantRules } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import { emailKey } from '#features/users/users.model.ts';
import type { Context } from '#kernel/context.ts';
import { checkQueue, processQueue } from '#kernel/crypto/hashing-queue.ts';
import { Unavailable } from '#kernel/errors.ts';
import { commonPasswords } from './common-passwords.ts';
import { passwordFile } from './password-file.ts';
import { hashPassword, verifyNothing, verifyPassword } from './password-hashes.ts';
import { type Claimed, closedUntil, guess } from './password-limits.ts';
import {
  type HashCost,
  type PasswordList,
  type PasswordProblem,
  passwordProblems,
} from './passwords.model.ts';
import { placeOf } from './stand-ins.queries.ts';

/** Whose password is asked for. */
export interface PasswordOwner {
  readonly userId: string;
  readonly passwordHash: string | null;
}

export function costOf(policy: SignInPolicyRow): HashCost {
  return {
    memoryKiB: policy.argon2Memory,
    iterations: policy.argon2Passes,
    parallelism: policy.argon2Lanes,
  };
}

/** An account, and the hash that stands in for it where there is none. */
export interface FoundOwner<Owner> {
  readonly owner: Owner | null;
  readonly like: string | null;
}

/** Whose password is asked for. */
export interface Asked<Owner> {
  /** What the tries are counted by: the address, or the person who is signed in. */
  readonly who: Claimed;
  /**
   * Looks the account up, and its stand-in by the place of `stand-ins.queries.ts`, whoever it is: known
   * and unknown take the same statements.
   */
  readonly find: (place: number) => Promise<FoundOwner<Owner>>;
}

export interface RightPassword<Owner> {
  readonly owner: Owner;
  /** Takes the count of this try back: one statement, which may be the last one of a transaction. */
  readonly uncount: () => Promise<unknown>;
}

/**
 * Whether it is the password of this account: null when it is not. An account that there is not costs the
 * same. Every try counts, whoever asks, until what is answered takes it back. Throws `RateLimited`
 * for too many of them, `Unavailable` when too many wait, who are not counted.
 */
export async function checkPassword<Owner extends PasswordOwner>(
  ctx: Context,
  policy: SignInPolicyRow,
  { who, find }: Asked<Owner>,
  password: string,
): Promise<RightPassword<Owner> | null> {
  return checkQueue.run(async () => {
    const { right } = await guess(ctx, who);
    const known = 'address' in who ? (emailKey(who.address) ?? '') : who.userId;
    const found = await find(placeOf(ctx, known));
    const { owner } = found;
    if (!(await matches(ctx, policy, found, password)) || !owner) return null;
    return { owner, uncount: right };
  }, ctx.signal);
}

/** By address: until when it is closed to passwords; those that are not are left out. */
export function passwordsClosedUntil(
  ctx: Context,
  addresses: readonly string[],
): Promise<Map<string, Date>> {
  return closedUntil(ctx, addresses);
}

/** Hashes anew what the policy no longer wants. */
async function matches(
  ctx: Context,
  policy: SignInPolicyRow,
  { owner, like }: FoundOwner<PasswordOwner>,
  password: string,
): Promise<boolean> {
  const cost = costOf(policy);
  const options = { signal: ctx.signal, queue: processQueue.admitted };
  const stored = owner?.passwordHash ?? null;
  if (!owner || stored === null) {
    await verifyNothing(password, cost, { ...options, like });
    return false;
  }
  const { ok, outdated, unreadable } = await verifyPassword(password, stored, cost, options);
  if (unreadable) ctx.log.error({ userId: owner.userId }, 'a stored password hash cannot be read');
  if (ok && outdated) await hashAnew(ctx, cost, { userId: owner.userId, stored, password });
  return ok;
}

async function hashAnew(
  ctx: Context,
  cost: HashCost,
  { userId, stored, password }: { userId: string; stored: string; password: string },
): Promise<void> {
  try {
    const hash = await hashPassword(password, cost, { signal: ctx.signal });
    await ctx.db.query(
      'UPDATE passwords SET hash = $4 WHERE tenant_id = $1 AND user_id = $2 AND hash = $3',
      [ctx.tenantId, userId, stored, hash],
    );
  } catch (error) {
    // Too many wait: it was right all the same, and the next sign-in tries again.
    if (!(error instanceof Unavailable)) throw error;
  }
}

/** Of an account whose password was shown already: no guess, so it is not counted as one. */
export async function isOwnPassword(
  ctx: Context,
  policy: SignInPolicyRow,
  { passwordHash }: PasswordOwner,
  password: string,
): Promise<boolean> {
  if (passwordHash === null) return false;
  const options = { signal: ctx.signal };
  return (await verifyPassword(password, passwordHash, costOf(policy), options)).ok;
}

/** Whose password it is, as far as it must not hold their names. */
export interface NamedPerson {
  readonly email: string;
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
}

/** What the tenant's rules have against a password today; empty when it is good. Throws `Unavailable`. */
export async function faultsOf(
  ctx: Context,
  { tenant, policy }: TenantRules,
  { email, displayName, givenName, familyName }: NamedPerson,
  password: string,
): Promise<PasswordProblem[]> {
  return passwordProblems(password, {
    minLength: leastLength(policy),
    known: [tenant.name, tenant.slug, email, displayName, givenName, familyName],
    lists: await passwordLists(ctx),
  });
}

const files = new Map<string, Promise<PasswordList>>();

/** Ours, and the operator's. */
async function passwordLists({ config }: Context): Promise<readonly PasswordList[]> {
  const path = config.breachedPasswordsFile;
  if (path === undefined) return [commonPasswords];
  const file = files.get(path) ?? passwordFile(path);
  files.set(path, file);
  file.catch(() => files.delete(path));
  return [commonPasswords, await file];
}

interface PasswordAndNames extends PasswordOwner, NamedPerson {}

export async function passwordOf(ctx: Context, userId: string): Promise<PasswordAndNames | null> {
  const [row] = await ctx.db.query<PasswordAndNames>(
    `SELECT u.id AS "userId", u.email, u.display_name AS "displayName", u.given_name AS "givenName",
       u.family_name AS "familyName", p.hash AS "passwordHash"
     FROM users u LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id
     WHERE u.tenant_id = $1 AND u.id = $2`,
    [ctx.tenantId, userId],
  );
  return row ?? null;
}
