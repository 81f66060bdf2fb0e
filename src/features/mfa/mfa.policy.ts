/** Who must have a second factor, and what a person must have shown to change their own. */
import { effectiveScopes } from '#features/roles/roles.queries.ts';
import type { SignInPolicyRow } from '#features/sign-in-policies/sign-in-policies.model.ts';
import type { Context } from '#kernel/context.ts';
import { StepUpRequired } from '#kernel/errors.ts';
import { countConfirmed } from './factors.store.ts';

/** What the access of a command says for people who change their own factors: fresh, at most 15 minutes. */
export const OWN = { scopes: [[]], person: true, maxAge: 900 } as const;

/** Whether the tenant's policy asks this user for a second factor, whatever they have. */
export async function mustHaveFactor(
  ctx: Context,
  { mfa }: SignInPolicyRow,
  userId: string,
): Promise<boolean> {
  if (mfa !== 'REQUIRED_FOR_ADMINS') return mfa === 'REQUIRED';
  const scopes = (await effectiveScopes(ctx, [userId])).get(userId) ?? new Set<string>();
  return [...scopes].some((scope) => !scope.endsWith(':read'));
}

/**
 * A session that knows the password alone adds the first factor and no second one: else whoever stole
 * it would add theirs beside the owner's. Throws `StepUpRequired`. Answers whose factors they are.
 * What changes them asks `mayChangeOwn` again, once it holds the user's row.
 */
export async function assertMayChangeOwn(ctx: Context, what: string): Promise<string> {
  const { id, authentication } = ctx.actor;
  if (id === null || authentication === null) throw new Error(`${what} is for people`);
  if (!(await mayChangeOwn(ctx))) throw new StepUpRequired(what, { acr: 'mfa' });
  return id;
}

/** Whether the caller has shown enough for the factors that they have now. */
export async function mayChangeOwn(ctx: Context): Promise<boolean> {
  const { id, authentication } = ctx.actor;
  if (id === null || authentication === null) return false;
  const sure = authentication.acr === 'mfa' || authentication.waived;
  return sure || (await countConfirmed(ctx, id)) === 0;
}
