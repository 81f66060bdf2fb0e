/** What wrong answers have closed of a user's sign-in, and the way to open it sooner. */
import { batched } from '#graphql/batched-pages.ts';
import { builder } from '#graphql/builder.ts';
import { mutation } from '#graphql/mutations.ts';
import { unlockUser } from './sign-in-locks.commands.ts';
import type { SignInLock } from './sign-in-locks.model.ts';
import { signInLocksOf } from './sign-in-locks.queries.ts';

const signInLock = builder.objectRef<SignInLock>('SignInLock').implement({
  description: 'What too many wrong answers have closed of a sign-in. Passkeys stay open.',
  tenancy: 'global',
  access: { scopes: [['users:read']] },
  fields: (t) => ({
    passwordsUntil: t.expose('passwordsUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when no password is taken; null: they are.',
    }),
    secondFactorsUntil: t.expose('secondFactorsUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when no code of a second factor is taken; null: they are.',
    }),
  }),
});

builder.objectField('User', 'signInLock', (t) =>
  t.field({
    type: signInLock,
    description: 'Whether wrong passwords or codes keep the user out, and until when.',
    resolve: ({ id, email }, _args, ctx) =>
      batched(ctx, 'sign-in locks', (keys) =>
        signInLocksOf(
          ctx,
          keys.map((key) => ({ id: key.slice(0, UUID_LENGTH), email: key.slice(UUID_LENGTH) })),
        ),
      )(`${id}${email}`),
  }),
);

const UUID_LENGTH = 36;

mutation('unlockUser', unlockUser, (t) => ({
  user: t.field({ type: 'User', description: 'The user.', resolve: ({ user }) => user }),
}));
