/**
 * Confirming an address. A button does it: mail scanners open links, but press nothing. Where an
 * account moves by it, only whoever is signed in to that account sees the button.
 */
import type { LinkHolder } from '#features/one-time-links/one-time-links.model.ts';
import { peekLink } from '#features/one-time-links/one-time-links.queries.ts';
import { isOwnLink, verifyEmail } from '#features/self-service/self-service.commands.ts';
import { ownUser } from './account.page.ts';
import { type Fields, linkIsOver, noticePage, taken, tokenOf } from './answered.ts';
import type { Outcome } from './hosted-door.ts';
import { html } from './html.ts';
import { document, form, type Visit } from './page.ts';

export async function verifyPage(here: Visit): Promise<Outcome> {
  const token = tokenOf(here);
  const moving = await peekLink(here.ctx, 'CHANGE_EMAIL', token);
  if (moving && !isOwnLink(here.ctx, moving)) return signInFirst(here, token);
  const holder = moving ?? (await peekLink(here.ctx, 'VERIFY_EMAIL', token));
  if (!holder) return linkIsOver(here, 'verify');
  const account = moving ? (await ownUser(here))?.email : undefined;
  return { page: asked(here, { token, holder, account }) };
}

interface Asked {
  readonly token: string;
  readonly holder: LinkHolder;
  /** The address that the account has until then. */
  readonly account: string | undefined;
}

function asked(here: Visit, { token, holder, account }: Asked): string {
  const { say } = here.language;
  const why = [
    say('verifyWhy', { email: holder.emailKey }),
    account && say('verifyMoves', { account }),
  ];
  const body = html`<p>${why.filter(Boolean).join(' ')}</p>${form(here, {
    action: '/verify',
    body: html`<input type="hidden" name="token" value="${token}">
<button type="submit">${say('verify')}</button>`,
  })}`;
  return document(here, { title: say('verify'), body });
}

/** And back; whoever is signed in to another account is told so. */
function signInFirst(here: Visit, token: string): Outcome {
  if (here.ctx.actor.kind !== 'user')
    return {
      location: `${here.root}/login?${new URLSearchParams({ to: `verify?token=${token}` })}`,
    };
  return noticePage(here, {
    title: 'verify',
    text: 'LINK_WANTS_SIGN_IN',
    to: ['/logout', 'signOut'],
    status: 403,
  });
}

export function verifyForm(here: Visit, fields: Fields): Promise<Outcome> {
  const token = fields.get('token') ?? '';
  return taken(
    here,
    async () => {
      await verifyEmail(here.ctx, { token });
      return noticePage(here, { title: 'verify', text: 'verifyDone', to: ['/login', 'signIn'] });
    },
    (_problem, { code, status }) => {
      if (code === 'LINK_WANTS_SIGN_IN') return signInFirst(here, token);
      return code === 'EMAIL_TAKEN'
        ? noticePage(here, { title: 'verify', text: code, to: ['/login', 'signIn'], status })
        : linkIsOver(here, 'verify');
    },
  );
}
