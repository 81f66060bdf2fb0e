/** The pages that the engine asks for: what went wrong, whether to sign out, and forms that go on by themselves. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { formTokenOf } from '#protocols/hosted/form-token.ts';
import { Html, html } from '#protocols/hosted/html.ts';
import { document, inLanguage, notice, type Visit, visit } from '#protocols/hosted/page.ts';
import { current } from './current.ts';
import { say } from './texts.ts';

/** As of our own pages, but that an answer may be a form that goes to the client (form_post). */
export const ENGINE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; base-uri 'none'; frame-ancestors 'none'";

export async function errorPage(
  koa: KoaContextWithOIDC,
  {
    error,
    error_description: description,
  }: { error: string; error_description?: string | undefined },
): Promise<void> {
  const here = await visited(koa);
  const { language } = here;
  const body = html`${notice(say(language, 'failedWhy'))}<p class="soft">${error}${description && `: ${description}`}</p><p class="soft">${here.ctx.requestId}</p>`;
  answer(koa, document(here, { title: say(language, 'failed'), body }));
}

/**
 * Asks, unless the client shows by an ID token of whoever is signed in that they came from it (OpenID
 * Connect RP-Initiated Logout 2): a page of nobody's can then not sign them out either.
 */
export async function logoutPage(koa: KoaContextWithOIDC, form: string): Promise<void> {
  const here = await visited(koa);
  const { language } = here;
  const { session, entities } = koa.oidc;
  const hint = entities['IdTokenHint'] as { payload?: { sub?: unknown } } | undefined;
  if (session?.accountId && hint?.payload?.sub === session.accountId) {
    const fields = /^<form[^>]*>(.*)<\/form>$/s.exec(form)?.[1] ?? '';
    const agreed = html`${new Html(fields)}<input type="hidden" name="logout" value="yes">`;
    answer(koa, goOn(here, { action: koa.oidc.urlFor('end_session_confirm'), fields: agreed }));
    return;
  }
  // Its form has no buttons: they name it.
  const body = html`${new Html(form)}<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>${say(language, 'signOut')}</button>
<button class="quiet wide" type="submit" form="op.logoutForm">${say(language, 'stay')}</button>`;
  answer(koa, document(here, { title: say(language, 'signOutOf'), body }));
}

export async function loggedOutPage(koa: KoaContextWithOIDC): Promise<void> {
  const here = await visited(koa);
  const { language, root } = here;
  // They may have been asked and have stayed.
  const stayed = here.ctx.actor.kind === 'user';
  const body = stayed
    ? html`<p><a href="${root}/account">${language.say('yourAccount')}</a></p>`
    : notice(say(language, 'signedOut'), 'done');
  answer(koa, document(here, { title: say(language, stayed ? 'stayed' : 'signOut'), body }));
}

/**
 * The engine's own page around a form that is sent at once (OAuth 2.0 Form Post Response Mode), as one
 * of ours: its inputs, written and escaped by the engine, stay as they are.
 */
export async function dressForms(
  koa: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next();
  const { body } = koa;
  if (typeof body !== 'string' || !body.includes('<title>Submitting Callback</title>')) return;
  const [, action, inputs] = ENGINE_FORM.exec(body) ?? [];
  if (action === undefined || inputs === undefined)
    throw new Error('oidc-provider writes its forms another way by now');
  const here = await visited(koa);
  answer(koa, goOn(here, { action: new Html(action), fields: new Html(inputs) }));
}

const ENGINE_FORM =
  /<form method="post" action="([^"]*)">\s*((?:<input type="hidden" name="[^"]*" value="[^"]*"\/>\s*)*)/;

/** Sent by a script, and by the button where there are none. */
function goOn(here: Visit, { action, fields }: { action: string | Html; fields: Html }): string {
  const { language, root } = here;
  const body = html`<form method="post" action="${action}" data-submit>
${fields}
<button type="submit" autofocus>${say(language, 'goOn')}</button>
</form><script src="${root}/submit.js"></script>`;
  return document(here, { title: say(language, 'goingOn'), body });
}

export async function visited({ req, res, oidc }: KoaContextWithOIDC): Promise<Visit> {
  const ctx = current();
  const slug = (req as { originalUrl?: string }).originalUrl?.split('/')[2] ?? '';
  const here = await visit(ctx, req, res, formTokenOf(ctx, req, slug));
  const locales = oidc.params?.['ui_locales'];
  return locales === undefined ? here : inLanguage(here, locales);
}

/** Its own policy again: the engine may have added to it for its scripts. */
export function answer(koa: KoaContextWithOIDC, page: string): void {
  koa.set('content-security-policy', ENGINE_POLICY);
  koa.type = 'text/html; charset=utf-8';
  koa.body = page;
}
