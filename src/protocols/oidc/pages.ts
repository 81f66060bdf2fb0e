/** The pages that the engine asks for: what went wrong, and whether to sign out. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { formTokenOf } from '#protocols/hosted/form-token.ts';
import { Html, html } from '#protocols/hosted/html.ts';
import { document, notice, type Visit, visit } from '#protocols/hosted/page.ts';
import { current } from './current.ts';
import { say } from './texts.ts';

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

export async function logoutPage(koa: KoaContextWithOIDC, form: string): Promise<void> {
  const here = await visited(koa);
  const { language } = here;
  // Its form has no buttons: they name it.
  const body = html`${new Html(form)}<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>${say(language, 'signOut')}</button>
<button class="quiet wide" type="submit" form="op.logoutForm">${say(language, 'stay')}</button>`;
  answer(koa, document(here, { title: say(language, 'signOutOf'), body }));
}

export async function loggedOutPage(koa: KoaContextWithOIDC): Promise<void> {
  const here = await visited(koa);
  const body = notice(say(here.language, 'signedOut'), 'done');
  answer(koa, document(here, { title: say(here.language, 'signOut'), body }));
}

export function visited({ req, res }: KoaContextWithOIDC): Promise<Visit> {
  const ctx = current();
  const slug = (req as { originalUrl?: string }).originalUrl?.split('/')[2] ?? '';
  return visit(ctx, req, res, formTokenOf(ctx, req, slug));
}

export function answer(koa: KoaContextWithOIDC, page: string): void {
  koa.type = 'text/html; charset=utf-8';
  koa.body = page;
}
