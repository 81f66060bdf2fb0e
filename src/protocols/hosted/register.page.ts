/**
 * Making an account, or asking once more for an invitation where it takes one: answered alike, whether
 * there is one or not.
 */
import { register } from '#features/self-service/self-service.commands.ts';
import { type Fields, noticePage, taken } from './answered.ts';
import { emailField, field } from './fields.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { document, form, notice, pathTo, type Visit } from './page.ts';

interface Typed {
  readonly email?: string;
  readonly displayName?: string;
}

export async function registerPage(here: Visit): Promise<Outcome> {
  return here.policy.registration === 'OFF' ? closed(here) : { page: asked(here, {}, null) };
}

export function registerForm(here: Visit, fields: Fields): Promise<Outcome> {
  const typed = {
    email: fields.get('email') ?? '',
    displayName: fields.get('displayName')?.trim() ?? '',
  };
  const { email, displayName } = typed;
  return taken(
    here,
    async () => {
      const name = displayName === '' ? {} : { displayName };
      await register(here.ctx, { email, ...name, locale: here.language.tag });
      return noticePage(here, {
        title: titleOf(here),
        text: 'lookForMail',
        to: ['/login', 'signIn'],
      });
    },
    (problem, { code, status }) =>
      code === 'REGISTRATION_CLOSED' ? closed(here) : { page: asked(here, typed, problem), status },
  );
}

const invited = ({ policy }: Visit) => policy.registration === 'INVITATION';

function titleOf(here: Visit) {
  return invited(here) ? 'byInvitation' : 'register';
}

function closed(here: Visit): Outcome {
  const text = 'REGISTRATION_CLOSED';
  return noticePage(here, { title: 'register', text, to: ['/login', 'signIn'], status: 403 });
}

function asked(
  here: Visit,
  { email = '', displayName = '' }: Typed,
  problem: string | null,
): string {
  const { say } = here.language;
  const name = field({
    name: 'displayName',
    label: say('displayName'),
    autocomplete: 'name',
    most: 200,
    value: displayName,
    optional: true,
  });
  return document(here, {
    title: say(titleOf(here)),
    body: html`${notice(problem)}<p>${say(invited(here) ? 'byInvitationWhy' : 'registerWhy')}</p>${form(
      here,
      {
        action: '/register',
        body: html`${emailField(here, { value: email, invalid: problem !== null, focus: true })}${!invited(here) && name}
<button type="submit">${say(invited(here) ? 'sendAgain' : 'continue')}</button>`,
      },
    )}<p><a href="${pathTo(here, 'login')}">${say('goBack')}</a></p>`,
  });
}
