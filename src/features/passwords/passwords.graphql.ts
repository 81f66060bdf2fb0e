/** Passwords in the graph: one's own can be changed, none can be read. */
import { mutation } from '#graphql/mutations.ts';
import { changePassword } from './passwords.commands.ts';

mutation('changePassword', changePassword, (t) => ({
  endedSessions: t.int({
    description: 'How many other sessions have ended.',
    resolve: ({ sessions }) => sessions,
  }),
}));
