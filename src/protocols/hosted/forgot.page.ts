/** Asking for a new password: answered alike, whether there is such an account or not. */
import { requestPasswordReset } from '#features/self-service/self-service.commands.ts';
import { type Fields, noticePage, taken } from './answered.ts';
import { emailField } from './fields.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { document, form, notice, pathTo, type Visit } from './page.ts';

export async function forgotPage(here: Visit): Promise<Outcome> {
  return { page: asked(here, '', null) };
}

export function forgotForm(here: Visit, fields: Fields): Promise<Outcome> {
  const email = fields.get('email') ?? '';
  return taken(
    here,
    async () => {
      await requestPasswordReset(here.ctx, { email, locale: here.language.tag });
      return noticePage(here, { title: 'forgot', text: 'lookForMail', to: ['/login', 'signIn'] });
    },
    (problem, { status }) => ({ page: asked(here, email, problem), status }),
  );
}

function asked(here: Visit, email: string, problem: string | null): string {
  const { say } = here.language;
  return document(here, {
    title: say('forgot'),
    body: html`${notice(problem)}<p>${say('forgotWhy')}</p>${form(here, {
      action: '/forgot',
      body: html`${emailField(here, { value: email, invalid: problem !== null, focus: true })}
<button type="submit">${say('sendLink')}</button>`,
    })}<p><a href="${pathTo(here, 'login')}">${say('goBack')}</a></p>`,
  });
}
