/** Confirming an address. A button does it: mail scanners open links, but press nothing. */
import { peekLink } from '#features/one-time-links/one-time-links.queries.ts';
import { verifyEmail } from '#features/self-service/self-service.commands.ts';
import { type Fields, linkIsOver, noticePage, taken, tokenOf } from './answered.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { document, form, type Visit } from './page.ts';

export async function verifyPage(here: Visit): Promise<Outcome> {
  const token = tokenOf(here);
  const moving = await peekLink(here.ctx, 'CHANGE_EMAIL', token);
  const holder = moving ?? (await peekLink(here.ctx, 'VERIFY_EMAIL', token));
  if (!holder) return linkIsOver(here, 'verify');
  const { say } = here.language;
  const body = html`<p>${say('verifyWhy', { email: holder.emailKey })}${moving && ` ${say('verifyMoves')}`}</p>${form(
    here,
    {
      action: '/verify',
      body: html`<input type="hidden" name="token" value="${token}">
<button type="submit">${say('verify')}</button>`,
    },
  )}`;
  return { page: document(here, { title: say('verify'), body }) };
}

export function verifyForm(here: Visit, fields: Fields): Promise<Outcome> {
  return taken(
    here,
    async () => {
      await verifyEmail(here.ctx, { token: fields.get('token') ?? '' });
      return noticePage(here, { title: 'verify', text: 'verifyDone', to: ['/login', 'signIn'] });
    },
    (_problem, { code, status }) =>
      code === 'EMAIL_TAKEN'
        ? noticePage(here, { title: 'verify', text: code, to: ['/login', 'signIn'], status })
        : linkIsOver(here, 'verify'),
  );
}
