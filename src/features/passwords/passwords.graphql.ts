/** Passwords in the graph: one's own can be changed, none can be read. */
import { mutation } from '#graphql/mutations.ts';
import { changePassword, requireReset } from './passwords.commands.ts';

mutation('changePassword', changePassword, (t) => ({
  endedSessions: t.int({
    description: 'How many other sessions have ended.',
    resolve: ({ sessions }) => sessions,
  }),
}));

mutation('requirePasswordReset', requireReset, (t) => ({
  user: t.field({ type: 'User', description: 'The user.', resolve: ({ user }) => user }),
  linkSent: t.boolean({
    description: 'Whether a link was sent: not to a user who is suspended or got too many.',
    resolve: ({ linkSent }) => linkSent,
  }),
  endedSessions: t.int({
    description: 'How many sessions have ended.',
    resolve: ({ sessions }) => sessions,
  }),
}));
