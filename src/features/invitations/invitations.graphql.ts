/** Invitations in the graph: what they lead to is a user. */
import { mutation } from '#graphql/mutations.ts';
import { inviteUser, resendInvitation } from './invitations.commands.ts';

mutation('inviteUser', inviteUser, (t) => ({
  user: t.field({
    type: 'User',
    description: 'The new user, who has no password yet.',
    resolve: (row) => row,
  }),
}));

mutation('resendInvitation', resendInvitation, (t) => ({
  user: t.field({ type: 'User', description: 'The user.', resolve: ({ user }) => user }),
  linkSent: t.boolean({
    description: 'Whether it was sent: not when the user got too many lately.',
    resolve: ({ linkSent }) => linkSent,
  }),
}));
