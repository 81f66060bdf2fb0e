/** Who is kept out by wrong answers, and until when. */
import { secondFactorsClosedUntil } from '#features/mfa/mfa.queries.ts';
import { passwordsClosedUntil } from '#features/passwords/passwords.queries.ts';
import type { UserRow } from '#features/users/users.model.ts';
import type { Context } from '#kernel/context.ts';
import type { SignInLock } from './sign-in-locks.model.ts';

/** In the order of the users. */
export async function signInLocksOf(
  ctx: Context,
  users: readonly Pick<UserRow, 'id' | 'email'>[],
): Promise<SignInLock[]> {
  const passwords = await passwordsClosedUntil(
    ctx,
    users.map(({ email }) => email),
  );
  const factors = await secondFactorsClosedUntil(
    ctx,
    users.map(({ id }) => id),
  );
  return users.map(({ id, email }) => ({
    passwordsUntil: passwords.get(email) ?? null,
    secondFactorsUntil: factors.get(id) ?? null,
  }));
}
