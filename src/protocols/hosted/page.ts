/**
 * One page as everything that varies with it: the tenant, the language, who is there, and the token
 * without which no form is taken (ASVS 3.5.1).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignInPolicyRow } from '#features/sign-in-policies/sign-in-policies.model.ts';
import { tenantRulesOf } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import type { TenantRow } from '#features/tenants/tenants.model.ts';
import type { Context } from '#kernel/context.ts';
import { cookiesOf } from '#kernel/http/cookies.ts';
import { PROBLEM_ID } from './fields.ts';
import { type Html, html } from './html.ts';
import { type Language, languageAmong, languageOf } from './language.ts';

export interface Visit {
  readonly ctx: Context;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly tenant: TenantRow;
  readonly policy: SignInPolicyRow;
  readonly language: Language;
  /** The path of the tenant's pages, such as /t/acme; empty at its own host. */
  readonly root: string;
  /** The sign-in that goes on here, where it began in this very request. */
  readonly flow?: string;
  /** The page of ours that comes after a sign-in or a step-up, such as `account`. */
  readonly to: string;
  /** What the forms of this browser must carry. */
  readonly formToken: string;
}

/** Where whoever has signed in goes unless told. */
export const HOME = 'account';

export async function visit(
  ctx: Context,
  request: IncomingMessage,
  response: ServerResponse,
  formToken: string,
): Promise<Visit> {
  const { tenant, policy } = await tenantRulesOf(ctx);
  const asked = cookiesOf(request.headers.cookie, languageCookie(tenant)).get(
    languageCookie(tenant),
  );
  return {
    ctx,
    request,
    response,
    tenant,
    policy,
    language: languageAmong(asked) ?? languageOf(request.headers['accept-language']),
    root: ctx.site === tenant.id ? '' : `/t/${tenant.slug}`,
    to: HOME,
    formToken,
  };
}

/**
 * The visit in the language that an application asks for, from here on; without such a wish, and for
 * what we do not speak, in the browser's.
 */
export function inLanguage(here: Visit, locales: unknown): Visit {
  const { ctx, request, tenant } = here;
  const language = languageAmong(locales);
  const name = languageCookie(tenant);
  const before = cookiesOf(request.headers.cookie, name).get(name);
  const value = language === null ? '; Max-Age=0' : `${language.tag}; Max-Age=3600`;
  if (language?.tag !== before)
    ctx.setCookie(`${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax`);
  return { ...here, language: language ?? languageOf(request.headers['accept-language']) };
}

function languageCookie({ slug }: Pick<TenantRow, 'slug'>): string {
  return `__Host-lang-${slug}`;
}

/** A whole document around the parts of a page. */
export function document(
  { tenant, policy, language, root }: Pick<Visit, 'tenant' | 'policy' | 'language' | 'root'>,
  { title, body }: { title: string; body: Html },
): string {
  const logo = policy.logoUri
    ? html`<img class="logo" src="${policy.logoUri}" alt="">`
    : html`<span class="mark" aria-hidden="true">${[...tenant.name][0]?.toUpperCase()}</span>`;
  return html`<!doctype html>
<html lang="${language.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} – ${tenant.name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}/style.css">
</head>
<body>
<main>
<header>${logo}<p class="tenant">${tenant.name}</p></header>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.text;
}

/** The path of a page that leads on to where this one would have. */
export function pathTo({ root, to }: Pick<Visit, 'root' | 'to'>, page: string): string {
  return `${root}/${page}${to === HOME ? '' : `?${new URLSearchParams({ to })}`}`;
}

/** Whether an application waits for what happens here (protocols/oidc). */
export function isAwaited({ to }: Pick<Visit, 'to'>): boolean {
  return to.startsWith('interaction/');
}

/** A form to one of our own pages. */
export function form(
  { root, formToken, to }: Visit,
  { action, body }: { action: string; body: Html },
): Html {
  return html`<form method="post" action="${root}${action}">
<input type="hidden" name="form" value="${formToken}">${
    to !== HOME && html`<input type="hidden" name="to" value="${to}">`
  }
${body}
</form>`;
}

export function queryOf({ request }: Pick<Visit, 'request'>): URLSearchParams {
  return new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
}

/** Announced by screen readers as soon as the page is there. */
export function notice(text: string | null, kind: 'error' | 'done' = 'error'): Html {
  if (text === null) return html``;
  return kind === 'error'
    ? html`<p class="notice error" role="alert" id="${PROBLEM_ID}">${text}</p>`
    : html`<p class="notice done" role="status">${text}</p>`;
}
