/** One's own directory entry in the graph: what people change of it themselves. */
import { mutation } from '#graphql/mutations.ts';
import { requestEmailChange, updateAccount } from './accounts.commands.ts';

mutation('updateAccount', updateAccount, (t) => ({
  account: t.field({
    type: 'Account',
    description: 'The account after the change.',
    resolve: (row) => row,
  }),
}));

mutation('requestEmailChange', requestEmailChange, (t) => ({
  linkSent: t.boolean({
    description: 'Whether a link was sent: not when the caller asked for too many lately.',
    resolve: ({ linkSent }) => linkSent,
  }),
}));
