/** A new password, by the link that was asked for. */
import { resetPassword } from '#features/self-service/self-service.commands.ts';
import { choosePassword } from './choose-password.ts';

export const resetPage = choosePassword({
  purpose: 'RESET',
  action: '/reset',
  title: 'reset',
  why: 'resetWhy',
  done: 'resetDone',
  take: resetPassword,
});
