/** The second factors on the account page. */
import type { FactorRow } from '#features/mfa/mfa.model.ts';
import { backupCodesLeft, listFactors } from '#features/mfa/mfa.queries.ts';
import { encodeId } from '#kernel/ids.ts';
import { type Html, html } from './html.ts';
import { form, type Visit } from './page.ts';

export async function factorsPart(here: Visit, userId: string): Promise<Html> {
  const { ctx, language, policy } = here;
  const { say } = language;
  if (policy.mfa === 'OFF') return html``;
  const factors = await listFactors(ctx, userId, { first: 100 });
  const left = await backupCodesLeft(ctx, userId);
  const codes = factors.rows.every(({ kind }) => kind === 'EMAIL')
    ? ''
    : html`<p class="soft">${say('codesLeft', { count: String(left) })}</p>${button(here, 'codes', say('newCodes'))}`;
  return html`<h2>${say('factors')}</h2>
<ul>${factors.rows.map((row) => factorItem(here, row))}</ul>
<div class="row">${button(here, 'TOTP', say('addApp'))}${button(here, 'PASSKEY', say('addPasskey'))}</div>${codes}`;
}

function factorItem(here: Visit, { id, kind, name }: FactorRow): Html {
  const remove = form(here, {
    action: '/account/factors',
    body: html`<input type="hidden" name="remove" value="${encodeId('factor', id)}"><button class="quiet" type="submit">${here.language.say('remove')}</button>`,
  });
  return html`<li><div><p>${name}</p><p class="soft">${here.language.say(kind)}</p></div>${remove}</li>`;
}

function button(here: Visit, add: string, label: string): Html {
  return form(here, {
    action: '/account/factors',
    body: html`<input type="hidden" name="add" value="${add}"><button class="quiet" type="submit">${label}</button>`,
  });
}
