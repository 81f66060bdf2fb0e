/** Who must have a second factor, and what a person must have shown to change their own. */
import { effectiveScopes } from '#features/roles/roles.queries.ts';
import type { SignInPolicyRow } from '#features/sign-in-policies/sign-in-policies.model.ts';
import type { Context } from '#kernel/context.ts';
import { StepUpRequired } from '#kernel/errors.ts';
import { countConfirmed } from './factors.store.ts';

/** What the access of a command says for people who change their own factors: fresh, at most 15 minutes. */
export const OWN = { scopes: [[]], person: true, maxAge: 900 } as const;

/** STRONG: one that is no code by e-mail. */
export type FactorDemand = 'NONE' | 'ANY' | 'STRONG';

/**
 * What the tenant asks this user for, whoever they are and whatever they have. Administrators need a
 * factor beside the mailbox: whoever reads that resets the password and gets the code as well, and
 * e-mail is no second factor at all by NIST SP 800-63B-4 section 3.1.3.1.
 */
export async function factorDemand(
  ctx: Context,
  { mfa }: SignInPolicyRow,
  userId: string,
): Promise<FactorDemand> {
  if (mfa !== 'REQUIRED' && mfa !== 'REQUIRED_FOR_ADMINS') return 'NONE';
  const scopes = (await effectiveScopes(ctx, [userId])).get(userId) ?? new Set<string>();
  if ([...scopes].some((scope) => !scope.endsWith(':read'))) return 'STRONG';
  return mfa === 'REQUIRED' ? 'ANY' : 'NONE';
}

/** What a session that showed a code by e-mail has among its methods (`amr`). */
export const MAILED = 'email';

/**
 * A session that knows the password alone adds the first factor and no second one: else whoever stole
 * it would add theirs beside the owner's. Throws `StepUpRequired`. Answers whose factors they are.
 * What changes them asks `mayChangeOwn` again, once it holds the user's row.
 */
export async function assertMayChangeOwn(ctx: Context, what: string): Promise<string> {
  const { id, authentication } = ctx.actor;
  if (id === null || authentication === null) throw new Error(`${what} is for people`);
  if (await mayChangeOwn(ctx)) return id;
  const { strong } = await countConfirmed(ctx, id);
  // Whoever has codes by e-mail only shows one by signing in again.
  throw new StepUpRequired(what, strong > 0 ? { acr: 'mfa' } : { maxAge: OWN.maxAge });
}

/** Whether the caller has shown enough for the factors that they have now. */
export async function mayChangeOwn(ctx: Context): Promise<boolean> {
  const { id, authentication } = ctx.actor;
  if (id === null || authentication === null) return false;
  const sure = authentication.acr === 'mfa' || authentication.waived;
  return sure || (await hasNothingElse(ctx, id, authentication.amr));
}

/** Whether a person has no factor but what these methods have shown. */
export async function hasNothingElse(
  ctx: Context,
  userId: string,
  amr: readonly string[],
): Promise<boolean> {
  const { all, strong } = await countConfirmed(ctx, userId);
  return strong === 0 && (all === 0 || amr.includes(MAILED));
}
