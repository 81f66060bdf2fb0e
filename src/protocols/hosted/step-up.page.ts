/**
 * Showing again who one is, before something sensitive: the same steps as a sign-in, and two factors
 * where `acr=mfa` says that they were missing. Leads back to the page that `to` names.
 */
import { startStepUp } from '#features/sign-in/sign-in.commands.ts';
import { accountById } from '#features/sign-in/sign-in.queries.ts';
import type { StepUpRequired } from '#kernel/errors.ts';
import { passwordField } from './fields.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { loginForm, rememberFlow } from './login.page.ts';
import { document, form, isAwaited, pathTo, queryOf, type Visit } from './page.ts';
import { passkeyPage } from './step-pages.ts';

/** Where to show what is missing before one comes back to the page `to`. */
export function stepUpFor(here: Visit, { missing }: StepUpRequired, to: string): Outcome {
  return { location: pathOf({ ...here, to }, missing.acr) };
}

export async function stepUpPage(here: Visit): Promise<Outcome> {
  const { actor } = here.ctx;
  const account = actor.kind === 'user' && actor.id ? await accountById(here.ctx, actor.id) : null;
  if (!account) return { location: pathTo(here, 'login') };
  const { say } = here.language;
  const acr = wanted(queryOf(here));
  const asked = acr ? html`<input type="hidden" name="acr" value="${acr}">` : html``;
  const byPasskey = account.factors.includes('PASSKEY');
  const byPassword = account.passwordHash !== null || !byPasskey;
  return {
    page: document(here, {
      title: say('secondFactor'),
      body: html`<p>${say(acr ? 'stepUpBothWhy' : 'stepUpWhy')}</p>${
        byPassword &&
        form(here, {
          action: '/mfa',
          body: html`${asked}${passwordField(here, { focus: true })}
<button type="submit">${say('continue')}</button>`,
        })
      }${
        byPasskey &&
        form(here, {
          action: '/mfa',
          body: html`${asked}<input type="hidden" name="start" value="passkey"><button class="${byPassword && 'quiet wide'}" type="submit">${say('usePasskey')}</button>`,
        })
      }${!isAwaited(here) && html`<p><a href="${here.root}/${here.to}">${say('goBack')}</a></p>`}`,
    }),
  };
}

export async function stepUpForm(
  here: Visit,
  fields: ReadonlyMap<string, string>,
): Promise<Outcome> {
  if (here.ctx.actor.kind !== 'user') return { location: pathTo(here, 'login') };
  const acr = wanted(fields);
  const { token, asks } = await startStepUp(here.ctx, acr);
  const begun = rememberFlow(here, token ?? '');
  if (!fields.has('start') || !asks.passkey) return loginForm(begun, fields);
  return { page: passkeyPage(begun, { options: asks.passkey, instead: pathOf(here, acr) }) };
}

function pathOf({ root, to }: Visit, acr: 'mfa' | undefined): string {
  return `${root}/mfa?${new URLSearchParams({ to, ...(acr ? { acr } : {}) })}`;
}

function wanted(said: { get(name: string): string | null | undefined }): 'mfa' | undefined {
  return said.get('acr') === 'mfa' ? 'mfa' : undefined;
}
