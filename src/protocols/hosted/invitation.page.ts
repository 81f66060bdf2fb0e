/** The first password, by the link of an invitation. */
import { acceptInvitation } from '#features/self-service/self-service.commands.ts';
import { choosePassword } from './choose-password.ts';

export const invitationPage = choosePassword({
  purpose: 'INVITATION',
  action: '/invitation',
  title: 'invitation',
  why: 'invitationWhy',
  done: 'invitationDone',
  take: acceptInvitation,
});
