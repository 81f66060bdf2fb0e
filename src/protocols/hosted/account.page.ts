/** One's own account: where one is signed in, and the password. */
import { changePassword } from '#features/passwords/passwords.commands.ts';
import { signOut } from '#features/sessions/sessions.commands.ts';
import type { SessionRow } from '#features/sessions/sessions.model.ts';
import { listSessions, openSignedInFrom } from '#features/sessions/sessions.queries.ts';
import { getUser } from '#features/users/users.queries.ts';
import { DomainError } from '#kernel/errors.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import { factorsPart } from './factors-part.ts';
import { field, newPasswordField } from './fields.ts';
import type { Outcome } from './hosted-door.ts';
import { type Html, html } from './html.ts';
import { said } from './login.page.ts';
import { document, form, notice, type Visit } from './page.ts';

interface Told {
  readonly problem?: string;
  readonly done?: string;
}

export async function accountPage(here: Visit, told: Told = {}): Promise<Outcome> {
  const { ctx, root, language } = here;
  const { say } = language;
  const user = ctx.actor.kind === 'user' && ctx.actor.id ? await getUser(ctx, ctx.actor.id) : null;
  if (!user) return { location: `${root}/login` };
  const sessions = await listSessions(ctx, user.id, { first: 100 });
  const body = html`${notice(told.problem ?? null)}${notice(told.done ?? null, 'done')}
<p>${say('signedInAs', { email: user.email })}</p>
<h2>${say('changePassword')}</h2>
${form(here, { action: '/account/password', body: passwordFields(here) })}
${await factorsPart(here, user.id)}
<h2>${say('sessions')}</h2>
<ul>${await Promise.all(sessions.rows.map((row) => sessionItem(here, row)))}</ul>
${form(here, {
  action: '/logout',
  body: html`<input type="hidden" name="everywhere" value="yes"><button class="quiet" type="submit">${say('signOutEverywhere')}</button>`,
})}
${form(here, { action: '/logout', body: html`<button type="submit">${say('signOut')}</button>` })}`;
  return {
    page: document(here, { title: say('yourAccount'), body }),
    status: told.problem ? 422 : 200,
  };
}

function passwordFields(here: Visit): Html {
  const { say } = here.language;
  return html`${field({
    name: 'currentPassword',
    label: say('currentPassword'),
    type: 'password',
    autocomplete: 'current-password',
  })}
${newPasswordField(here, {})}
<button type="submit">${say('save')}</button>`;
}

async function sessionItem(here: Visit, row: SessionRow): Promise<Html> {
  const { say, tag } = here.language;
  const { userAgent, ipAddress } = await openSignedInFrom(here.ctx, row);
  const current = here.ctx.actor.authentication?.sessionId === row.id;
  const when = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' });
  const place = [ipAddress, say('lastUsed', { when: when.format(row.lastUsedAt) })];
  return html`<li><div><p>${userAgent ?? say('unknownBrowser')}${current ? html` <strong>(${say('thisSession')})</strong>` : ''}</p>
<p class="soft">${place.filter(Boolean).join(', ')}</p></div>${
    current
      ? ''
      : form(here, {
          action: '/account/sessions',
          body: html`<input type="hidden" name="id" value="${encodeId('session', row.id)}"><button class="quiet" type="submit">${say('endSession')}</button>`,
        })
  }</li>`;
}

export async function passwordForm(
  here: Visit,
  fields: ReadonlyMap<string, string>,
): Promise<Outcome> {
  try {
    await changePassword(here.ctx, {
      currentPassword: fields.get('currentPassword') ?? '',
      newPassword: fields.get('newPassword') ?? '',
    });
    return await accountPage(here, { done: here.language.say('saved') });
  } catch (error) {
    if (!(error instanceof DomainError) || error.status >= 500) throw error;
    return accountPage(here, { problem: said(here, error) });
  }
}

export async function endSessionForm(
  here: Visit,
  fields: ReadonlyMap<string, string>,
): Promise<Outcome> {
  const id = decodeId('session', fields.get('id') ?? '');
  if (id !== null) await signOut(here.ctx, { id: encodeId('session', id) });
  return { location: `${here.root}/account` };
}
