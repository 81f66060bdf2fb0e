/** Signing out: asked for once more, so that no other page can do it by a link. */
import { signOut } from '#features/sessions/sessions.commands.ts';
import { expiredCookie } from '#features/sessions/sessions.model.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { forgetFlow } from './login.page.ts';
import { document, form, notice, type Visit } from './page.ts';

export async function logoutPage(here: Visit): Promise<Outcome> {
  const { say } = here.language;
  const body =
    here.ctx.actor.kind === 'user'
      ? html`${form(here, {
          action: '/logout',
          body: html`<button type="submit">${say('signOut')}</button>`,
        })}<p><a href="${here.root}/account">${say('goBack')}</a></p>`
      : html`${notice(say('signedOut'), 'done')}<p><a href="${here.root}/login">${say('signIn')}</a></p>`;
  return { page: document(here, { title: say('signOut'), body }) };
}

export async function logoutForm(
  here: Visit,
  fields: ReadonlyMap<string, string>,
): Promise<Outcome> {
  if (here.ctx.actor.kind === 'user')
    await signOut(here.ctx, fields.has('everywhere') ? { everywhere: true } : {});
  here.ctx.setCookie(expiredCookie(here.tenant.slug));
  forgetFlow(here);
  return { location: `${here.root}/logout` };
}
