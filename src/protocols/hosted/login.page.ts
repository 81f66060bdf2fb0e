/** Signing in: whatever step comes next, it is asked for and taken here. */
import { sessionCookie } from '#features/sessions/sessions.model.ts';
import { continueSignIn } from '#features/sign-in/sign-in.commands.ts';
import type { StepName } from '#features/sign-in/sign-in.model.ts';
import { DomainError, InvalidInput } from '#kernel/errors.ts';
import { cookiesOf } from '#kernel/http/cookies.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { document, form, notice, type Visit } from './page.ts';

interface Asked {
  readonly step: StepName;
  readonly email?: string | undefined;
  readonly problem?: string | null;
}

export async function loginPage(here: Visit): Promise<Outcome> {
  if (here.ctx.actor.kind === 'user') return { location: `${here.root}/account` };
  return { page: asked(here, { step: 'IDENTIFY' }) };
}

export async function loginForm(
  here: Visit,
  fields: ReadonlyMap<string, string>,
): Promise<Outcome> {
  const name = flowCookie(here.tenant.slug);
  const token = cookiesOf(here.request.headers.cookie, name).get(name) ?? null;
  const given = (field: string) => fields.get(field);
  try {
    const {
      next,
      token: going,
      started,
    } = await continueSignIn(here.ctx, token, {
      email: given('email'),
      password: given('password'),
      newPassword: given('newPassword'),
    });
    if (started) {
      const { slug } = here.tenant;
      here.ctx.setCookie(`${name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`);
      here.ctx.setCookie(sessionCookie(slug, started.token, started.session.expiresAt));
      return { location: `${here.root}/account` };
    }
    if (going !== null && going !== token)
      here.ctx.setCookie(`${name}=${going}; Path=/; Secure; HttpOnly; SameSite=Lax`);
    return { page: asked(here, { step: next }) };
  } catch (error) {
    if (!(error instanceof DomainError) || error.status >= 500) throw error;
    const step = error instanceof InvalidInput ? 'CHANGE_PASSWORD' : 'IDENTIFY';
    const problem = said(here, error);
    return { page: asked(here, { step, email: given('email'), problem }), status: error.status };
  }
}

/** A refusal in the visitor's words. */
export function said({ language }: Visit, error: DomainError): string {
  if (error instanceof InvalidInput) return error.fields.map(({ message }) => message).join('; ');
  const code = error.code as 'OTHER';
  return Object.hasOwn(language.texts, code) ? language.say(code) : language.say('OTHER');
}

function asked(here: Visit, { step, email = '', problem = null }: Asked): string {
  const { say } = here.language;
  if (step === 'CHANGE_PASSWORD')
    return document(here, {
      title: say('changePassword'),
      body: html`${notice(problem)}<p>${say('changePasswordWhy')}</p>${form(here, {
        action: '/login',
        body: html`<div class="field"><label for="newPassword">${say('newPassword')}</label>
<input id="newPassword" name="newPassword" type="password" autocomplete="new-password" required autofocus></div>
<button type="submit">${say('continue')}</button>`,
      })}`,
    });
  return document(here, {
    title: say('signIn'),
    body: html`${notice(problem)}${form(here, {
      action: '/login',
      body: html`<div class="field"><label for="email">${say('email')}</label>
<input id="email" name="email" type="email" autocomplete="username" value="${email}" required${email ? html`` : html` autofocus`}></div>
<div class="field"><label for="password">${say('password')}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${email ? html` autofocus` : html``}></div>
<button type="submit">${say('signIn')}</button>`,
    })}`,
  });
}

function flowCookie(slug: string): string {
  return `__Host-flow-${slug}`;
}
