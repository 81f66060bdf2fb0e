/** One's own account: who one is here, the ways in, and where one is signed in. */
import { deviceOf } from '#features/sessions/devices.model.ts';
import { signOut } from '#features/sessions/sessions.commands.ts';
import type { SessionRow } from '#features/sessions/sessions.model.ts';
import { listSessions, openSignedInFrom } from '#features/sessions/sessions.queries.ts';
import type { UserRow } from '#features/users/users.model.ts';
import { getUser } from '#features/users/users.queries.ts';
import { DomainError } from '#kernel/errors.ts';
import { encodeId } from '#kernel/ids.ts';
import { consentsPart } from './consents-part.ts';
import { factorsPart } from './factors-part.ts';
import type { Outcome } from './hosted-door.ts';
import { type Html, html } from './html.ts';
import { languageName } from './language.ts';
import { document, form, notice, type Visit } from './page.ts';

export interface Told {
  readonly problem?: string;
  readonly done?: string;
}

/** Whoever is signed in here; null for a stranger. */
export async function ownUser({ ctx }: Visit): Promise<UserRow | null> {
  return ctx.actor.kind === 'user' && ctx.actor.id ? getUser(ctx, ctx.actor.id) : null;
}

export async function accountPage(here: Visit, told: Told = {}): Promise<Outcome> {
  const { ctx, root, language } = here;
  const { say } = language;
  const user = await ownUser(here);
  if (!user) return { location: `${root}/login` };
  const sessions = await listSessions(ctx, user.id, { first: 100 });
  const own = ctx.actor.authentication?.sessionId;
  const rows = sessions.rows.toSorted(
    (one, other) => Number(other.id === own) - Number(one.id === own),
  );
  const body = html`${notice(told.problem ?? null)}${notice(told.done ?? null, 'done')}
<p>${say('signedInAs', { email: user.email })}</p>
${profilePart(here, user)}
${await factorsPart(here, user.id)}
${await consentsPart(here, user.id)}
<h2>${say('sessions')}</h2>
<ul>${await Promise.all(rows.map((row) => sessionItem(here, row)))}</ul>
<div class="row">${form(here, {
    action: '/logout',
    body: html`<button type="submit">${say('signOut')}</button>`,
  })}
${form(here, {
  action: '/logout',
  body: html`<input type="hidden" name="everywhere" value="yes"><button class="quiet" type="submit">${say('signOutEverywhere')}</button>`,
})}</div>`;
  return {
    page: document(here, { title: say('yourAccount'), body }),
    status: told.problem ? 422 : 200,
  };
}

function profilePart({ root, language }: Visit, user: UserRow): Html {
  const { say, tag } = language;
  const names = user.displayName ?? [user.givenName, user.familyName].filter(Boolean).join(' ');
  const facts: readonly (readonly [label: string, value: string, edit: string])[] = [
    [say('displayName'), names || say('notSet'), 'account/profile'],
    [
      say('email'),
      user.emailVerified ? user.email : `${user.email} (${say('unverified')})`,
      'account/email',
    ],
    [say('mailLanguage'), languageName(tag, user.locale) ?? say('notSet'), 'account/profile'],
    [say('password'), '••••••••', 'account/password'],
  ];
  return html`<h2>${say('profile')}</h2>
<ul>${facts.map(
    ([label, value, edit]) =>
      html`<li><div><p class="soft">${label}</p><p>${value}</p></div><a href="${root}/${edit}" aria-label="${say('changeOf', { what: label })}">${say('change')}</a></li>`,
  )}</ul>`;
}

async function sessionItem(here: Visit, row: SessionRow): Promise<Html> {
  const { say, tag } = here.language;
  const { userAgent, ipAddress } = await openSignedInFrom(here.ctx, row);
  const current = here.ctx.actor.authentication?.sessionId === row.id;
  const when = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' });
  const place = [ipAddress, say('lastUsed', { when: when.format(row.lastUsedAt) })];
  return html`<li><div><p>${deviceName(here, userAgent)}${current ? html` <strong>(${say('thisSession')})</strong>` : ''}</p>
<p class="soft">${place.filter(Boolean).join(', ')}</p></div>${
    current
      ? ''
      : form(here, {
          action: '/account/sessions',
          body: html`<input type="hidden" name="id" value="${encodeId('session', row.id)}"><button class="quiet" type="submit">${say('endSession')}</button>`,
        })
  }</li>`;
}

function deviceName({ language: { say } }: Visit, userAgent: string | undefined): string {
  const { browser, system } = deviceOf(userAgent);
  if (browser && system) return say('deviceOn', { browser, system });
  return browser ?? system ?? say('unknownBrowser');
}

export async function endSessionForm(
  here: Visit,
  fields: ReadonlyMap<string, string>,
): Promise<Outcome> {
  if (here.ctx.actor.kind !== 'user') return { location: `${here.root}/login` };
  try {
    await signOut(here.ctx, { id: fields.get('id') ?? '' });
  } catch (error) {
    // It has ended meanwhile, or there is none: the list shows what there is.
    if (!(error instanceof DomainError) || error.status >= 500) throw error;
  }
  return { location: `${here.root}/account` };
}
