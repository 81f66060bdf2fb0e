/** Choosing another password while one is signed in. */
import { changePassword } from '#features/passwords/passwords.commands.ts';
import { accountPage, ownUser } from './account.page.ts';
import { type Fields, taken } from './answered.ts';
import { field, newPasswordField } from './fields.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { document, form, notice, type Visit } from './page.ts';

export async function passwordPage(here: Visit): Promise<Outcome> {
  if (!(await ownUser(here))) return { location: `${here.root}/login` };
  return { page: asked(here, null) };
}

export async function passwordForm(here: Visit, fields: Fields): Promise<Outcome> {
  if (!(await ownUser(here))) return { location: `${here.root}/login` };
  return taken(
    here,
    async () => {
      await changePassword(here.ctx, {
        currentPassword: fields.get('currentPassword') ?? '',
        newPassword: fields.get('newPassword') ?? '',
      });
      return accountPage(here, { done: here.language.say('saved') });
    },
    (problem, { code, status }) => {
      const wrong = code === 'WRONG_PASSWORD' ? 'currentPassword' : 'newPassword';
      return { page: asked(here, problem, wrong), status };
    },
  );
}

function asked(
  here: Visit,
  problem: string | null,
  wrong: 'currentPassword' | 'newPassword' | null = null,
): string {
  const { say } = here.language;
  return document(here, {
    title: say('changePassword'),
    body: html`${notice(problem)}${form(here, {
      action: '/account/password',
      body: html`${field({
        name: 'currentPassword',
        label: say('currentPassword'),
        type: 'password',
        autocomplete: 'current-password',
        invalid: wrong === 'currentPassword',
        focus: true,
      })}
${newPasswordField(here, { invalid: wrong === 'newPassword' })}
<button type="submit">${say('save')}</button>`,
    })}<p><a href="${here.root}/account">${say('goBack')}</a></p>`,
  });
}
