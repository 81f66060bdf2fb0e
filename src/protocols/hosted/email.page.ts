/** Moving one's account to another address: asked for here, done by the link that goes there. */
import { requestEmailChange } from '#features/accounts/accounts.commands.ts';
import { assertMayChangeOwn } from '#features/mfa/mfa.policy.ts';
import { refusal } from '#kernel/access.ts';
import { StepUpRequired } from '#kernel/errors.ts';
import { ownUser } from './account.page.ts';
import { type Fields, noticePage, taken } from './answered.ts';
import { emailField } from './fields.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { document, form, notice, type Visit } from './page.ts';
import { stepUpFor } from './step-up.page.ts';

const PAGE = 'account/email';
const BACK = ['/account', 'yourAccount'] as const;

/** Before anything is typed that would be lost. */
export async function emailPage(here: Visit): Promise<Outcome> {
  if (!(await ownUser(here))) return { location: `${here.root}/login` };
  return afterStepUp(here, async () => {
    const { name, access } = requestEmailChange.definition;
    const refused = refusal(access, here.ctx, name);
    if (refused) throw refused;
    await assertMayChangeOwn(here.ctx, name);
    return { page: asked(here, '', null) };
  });
}

export async function emailForm(here: Visit, fields: Fields): Promise<Outcome> {
  if (!(await ownUser(here))) return { location: `${here.root}/login` };
  const email = fields.get('email') ?? '';
  return afterStepUp(here, () =>
    taken(
      here,
      async () => {
        const { linkSent } = await requestEmailChange(here.ctx, { email });
        return linkSent
          ? noticePage(here, { title: 'changeEmail', text: 'emailLinkSent', to: BACK })
          : noticePage(here, { title: 'changeEmail', text: 'RATE_LIMITED', to: BACK, status: 429 });
      },
      (problem, error) => {
        if (error instanceof StepUpRequired) throw error;
        return { page: asked(here, email, problem), status: error.status };
      },
    ),
  );
}

async function afterStepUp(here: Visit, go: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await go();
  } catch (error) {
    if (error instanceof StepUpRequired) return stepUpFor(here, error, PAGE);
    throw error;
  }
}

function asked(here: Visit, email: string, problem: string | null): string {
  const { say } = here.language;
  return document(here, {
    title: say('changeEmail'),
    body: html`${notice(problem)}<p>${say('changeEmailWhy')}</p>${form(here, {
      action: `/${PAGE}`,
      body: html`${emailField(here, {
        value: email,
        invalid: problem !== null,
        focus: true,
        label: say('newEmail'),
        autocomplete: 'email',
      })}
<button type="submit">${say('sendLink')}</button>`,
    })}<p><a href="${here.root}/account">${say('goBack')}</a></p>`,
  });
}
