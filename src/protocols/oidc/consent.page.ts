/** Asking a person whether a client of somebody else's may act for them (OAuth 2.1, 7.3.1). */
import { grantConsent } from '#features/consents/consents.commands.ts';
import { resourcesOf } from '#features/resources/resources.queries.ts';
import type { Context } from '#kernel/context.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import { allScopes } from '#kernel/scopes.ts';
import type { Outcome } from '#protocols/hosted/hosted-door.ts';
import { type Html, html } from '#protocols/hosted/html.ts';
import { document, form, type Visit } from '#protocols/hosted/page.ts';
import { type Asked, fill } from './grants.ts';
import { askedIn, finish, type Interaction, interactionOf, isAbout, over } from './interactions.ts';
import type { Issuer } from './providers.ts';
import { ownApi } from './resources.ts';
import { say, type TextKey } from './texts.ts';

export async function consentPage(
  here: Visit,
  issuer: Issuer,
  interaction: Interaction,
): Promise<Outcome> {
  const client = await issuer.provider.Client.find(String(interaction.params['client_id']));
  if (!client || !isAbout(interaction, here.ctx)) return over(here);
  const { language } = here;
  const name = client.clientName ?? client.clientId;
  const publisher = client['signet_publisher'] as string | null | undefined;
  const lines = await linesOf(here, issuer, askedIn(interaction));
  const body = html`${client.logoUri && html`<p><img class="client" src="${client.logoUri}" alt=""></p>`}
${publisher && html`<p class="soft">${say(language, 'by', { publisher })}</p>`}<p>${say(language, 'consentWhy', { client: name })}</p>
<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
${links(here, client.policyUri, client.tosUri)}${form(here, {
  action: `/interaction/${interaction.uid}`,
  body: html`<button type="submit" name="consent" value="allow">${say(language, 'allow')}</button>
<button class="quiet wide" type="submit" name="consent" value="deny">${say(language, 'deny')}</button>`,
})}`;
  return { page: document(here, { title: say(language, 'consent', { client: name }), body }) };
}

export async function consentForm(
  here: Visit,
  issuer: Issuer,
  asked: { readonly uid: string; readonly fields: ReadonlyMap<string, string> },
): Promise<Outcome> {
  const interaction = await interactionOf(here, issuer, asked.uid);
  if (interaction?.prompt.name !== 'consent' || !isAbout(interaction, here.ctx)) return over(here);
  if (asked.fields.get('consent') !== 'allow') {
    await here.ctx.refusals.record(here.ctx, 'consent.grant', 'ACCESS_DENIED');
    return finish(here, interaction, REFUSED);
  }
  const grantId = await allow(here.ctx, issuer, interaction);
  return finish(here, interaction, { consent: { grantId } });
}

const REFUSED = { error: 'access_denied', error_description: 'the person did not allow it' };

/** What is remembered, and the grant of this one request, or neither. */
function allow(ctx: Context, { provider }: Issuer, interaction: Interaction): Promise<string> {
  const clientId = String(interaction.params['client_id']);
  const userId = ctx.actor.id ?? '';
  const asked = askedIn(interaction);
  return ctx.db.transaction(
    async () => {
      const grant = new provider.Grant({ accountId: encodeId('user', userId), clientId });
      fill(grant, asked);
      await grantConsent(ctx, {
        userId,
        clientId: decodeId('client', clientId) ?? '',
        scopes: asked.scopes,
        resourceScopes: asked.resources,
      });
      return grant.save();
    },
    { tenantId: ctx.tenantId },
  );
}

const OWN_WORDS: Readonly<Record<string, TextKey>> = {
  openid: 'openid',
  profile: 'profile',
  email: 'emailScope',
  phone: 'phone',
  address: 'address',
  roles: 'roles',
  groups: 'groups',
  offline_access: 'offline_access',
};

async function linesOf(here: Visit, { issuer }: Issuer, asked: Asked): Promise<Html[]> {
  const { ctx, language, tenant } = here;
  const identifiers = Object.keys(asked.resources);
  const known = await resourcesOf(ctx, ctx.tenantId, identifiers);
  const own = asked.scopes.map((scope) => html`${say(language, OWN_WORDS[scope] ?? 'openid')}`);
  const claims =
    asked.claims.length > 0
      ? [html`${say(language, 'claims', { claims: asked.claims.join(', ') })}`]
      : [];
  const inApis = Object.entries(asked.resources).map(([identifier, names]) => {
    const resource = known.find((one) => one.identifier === identifier);
    const words = identifier === ownApi(issuer) ? allScopes() : (resource?.scopes ?? []);
    const api = identifier === ownApi(issuer) ? tenant.name : (resource?.name ?? identifier);
    const described = names.map(
      (name) => words.find((one) => one.name === name)?.description ?? name,
    );
    return html`${say(language, 'inApi', { api })}<ul>${described.map((text) => html`<li>${text}</li>`)}</ul>`;
  });
  return [...own, ...claims, ...inApis];
}

function links({ language }: Visit, policy: string | undefined, terms: string | undefined): Html {
  const link = (key: TextKey, uri: string | undefined) =>
    uri &&
    html`<a href="${uri}" rel="noopener noreferrer" target="_blank">${say(language, key)}</a> `;
  return html`${(policy ?? terms) && html`<p class="soft">${link('policy', policy)}${link('terms', terms)}</p>`}`;
}
