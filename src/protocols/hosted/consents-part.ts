/** The applications that the person let in, on the account page. */
import type { ConsentRow } from '#features/consents/consents.model.ts';
import { listConsents } from '#features/consents/consents.queries.ts';
import { encodeId } from '#kernel/ids.ts';
import { type Html, html } from './html.ts';
import { form, type Visit } from './page.ts';

/** Nothing for whoever has let none in. */
export async function consentsPart(here: Visit, userId: string): Promise<Html> {
  const { say } = here.language;
  const { rows } = await listConsents(here.ctx, userId, { first: 100 });
  if (rows.length === 0) return html``;
  return html`<h2>${say('applications')}</h2>
<p class="soft">${say('applicationsWhy')}</p>
<ul>${rows.map((row) => consentItem(here, row))}</ul>`;
}

function consentItem(here: Visit, { id, client, updatedAt }: ConsentRow): Html {
  const { say, tag } = here.language;
  const when = new Intl.DateTimeFormat(tag, { dateStyle: 'medium' }).format(updatedAt);
  const told = [client.publisher, say('allowedOn', { when })].filter(Boolean).join(', ');
  return html`<li><div><p>${client.name}</p><p class="soft">${told}</p></div>${form(here, {
    action: '/account/consents',
    body: html`<input type="hidden" name="id" value="${encodeId('consent', id)}"><button class="quiet" type="submit" aria-label="${say('takeBackFrom', { client: client.name })}">${say('takeBack')}</button>`,
  })}</li>`;
}
