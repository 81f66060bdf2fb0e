/** Making an account: answered alike, whether there is one or not. */
import { register } from '#features/self-service/self-service.commands.ts';
import { type Fields, noticePage, taken } from './answered.ts';
import { emailField, field } from './fields.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { document, form, notice, type Visit } from './page.ts';

interface Typed {
  readonly email?: string;
  readonly displayName?: string;
}

export async function registerPage(here: Visit): Promise<Outcome> {
  return here.policy.registration === 'OPEN' ? { page: asked(here, {}, null) } : closed(here);
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
      return noticePage(here, { title: 'register', text: 'lookForMail', to: ['/login', 'signIn'] });
    },
    (problem, { code, status }) =>
      code === 'REGISTRATION_CLOSED' ? closed(here) : { page: asked(here, typed, problem), status },
  );
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
  return document(here, {
    title: say('register'),
    body: html`${notice(problem)}<p>${say('registerWhy')}</p>${form(here, {
      action: '/register',
      body: html`${emailField(here, { value: email, invalid: problem !== null, focus: true })}
${field({ name: 'displayName', label: say('displayName'), autocomplete: 'name', most: 200, value: displayName, optional: true })}
<button type="submit">${say('continue')}</button>`,
    })}<p><a href="${here.root}/login">${say('goBack')}</a></p>`,
  });
}
