/**
 * The pages of a tenant, /t/{tenant}/...: plain HTML forms that work without scripts. This door owns
 * how a page is asked for and how a form comes back; what happens then belongs to the commands.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { signInPolicyOf } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import type { Context } from '#kernel/context.ts';
import { DomainError, MethodNotAllowed, NotFound, RetryableError } from '#kernel/errors.ts';
import { readForm } from '#kernel/http/read-form.ts';
import type { Responder } from '#kernel/http/respond.ts';
import { accountPage, endSessionForm } from './account.page.ts';
import { consentsForm } from './consents.page.ts';
import { emailForm, emailPage } from './email.page.ts';
import { factorsForm } from './factors.page.ts';
import { forgotForm, forgotPage } from './forgot.page.ts';
import { assertOwnForm, formTokenOf } from './form-token.ts';
import { Html, html } from './html.ts';
import { invitationPage } from './invitation.page.ts';
import { languageOf } from './language.ts';
import { loginForm, loginPage } from './login.page.ts';
import { logoutForm, logoutPage } from './logout.page.ts';
import { HOME, inLanguage, isAwaited, notice, queryOf, type Visit, visit } from './page.ts';
import { type Awaited, pageHeaders } from './page-policy.ts';
import { PASSKEY_SCRIPT } from './passkey-script.ts';
import { passwordForm, passwordPage } from './password.page.ts';
import { profileForm, profilePage } from './profile.page.ts';
import { registerForm, registerPage } from './register.page.ts';
import { resetPage } from './reset.page.ts';
import { refreshSession } from './session-refresh.ts';
import { stepUpForm, stepUpPage } from './step-up.page.ts';
import { stylesheet } from './stylesheet.ts';
import { SUBMIT_SCRIPT } from './submit-script.ts';
import { verifyForm, verifyPage } from './verify.page.ts';

/** What a page answers: itself, or where to go on (303). */
export type Outcome =
  | { readonly page: string; readonly status?: number }
  | { readonly location: string };

type Show = (visit: Visit) => Promise<Outcome>;
type Take = (visit: Visit, fields: ReadonlyMap<string, string>) => Promise<Outcome>;

interface Entry {
  readonly show?: Show;
  readonly take?: Take;
  /** Shown to whoever is signed in: a page that one may come for. */
  readonly own?: true;
  /** What may stand in its query then. */
  readonly query?: RegExp;
}

const PAGES: Readonly<Record<string, Entry>> = {
  '': { show: async ({ root }) => ({ location: `${root}/login` }) },
  login: { show: loginPage, take: loginForm },
  logout: { show: logoutPage, take: logoutForm },
  account: { show: accountPage, own: true },
  'account/profile': { show: profilePage, take: profileForm, own: true },
  'account/email': { show: emailPage, take: emailForm, own: true },
  'account/password': { show: passwordPage, take: passwordForm, own: true },
  'account/sessions': { take: endSessionForm },
  'account/factors': { take: factorsForm },
  'account/consents': { take: consentsForm },
  mfa: { show: stepUpPage, take: stepUpForm },
  forgot: { show: forgotPage, take: forgotForm },
  reset: resetPage,
  verify: { show: verifyPage, take: verifyForm, own: true, query: /^token=[\w-]{43}$/ },
  register: { show: registerPage, take: registerForm },
  invitation: invitationPage,
};

/** `/t/acme/login` is about `acme`. */
export function tenantOfPath(path: string): string {
  return path.split('/')[2] ?? '';
}

/** How the application waits for this person; null when none does any more. */
type AwaitedBy = (here: Visit) => Promise<Awaited | null>;

export function hostedDoor(respond: Responder, awaitedBy: AwaitedBy) {
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    ctx: Context,
  ): Promise<undefined> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const [, , slug = '', ...rest] = path.split('/');
    const name = rest.join('/');
    // Before any cookie is set: these may be kept by whoever stands between.
    const asset = await assetOf(ctx, name);
    if (asset) {
      const headers = { 'content-type': asset.type, 'cache-control': 'max-age=300' };
      respond.text(response, 200, asset.text, headers);
      return;
    }
    const visited = await visit(ctx, request, response, formTokenOf(ctx, request, slug));
    const locales = queryOf(visited).get('ui_locales');
    const here = locales === null ? visited : inLanguage(visited, locales);
    if (name === 'session/refresh' && request.method === 'POST') {
      await refreshSession(here, respond);
      return;
    }
    const page = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
    if (!page) throw new NotFound('Page');
    const { outcome, to } = await answer(
      { ...here, to: pageToCome(queryOf(here).get('to')) },
      page,
      request,
    );
    if ('location' in outcome)
      respond.empty(response, 303, { location: outcome.location, 'content-length': '0' });
    else {
      const policy = await policyOf({ ...here, to }, awaitedBy);
      respond.html(response, outcome.status ?? 200, outcome.page, policy);
    }
  };
}

const SCRIPTS: Readonly<Record<string, string>> = {
  'passkey.js': PASSKEY_SCRIPT,
  'submit.js': SUBMIT_SCRIPT,
};

async function assetOf(ctx: Context, name: string): Promise<{ type: string; text: string } | null> {
  const script = SCRIPTS[name];
  if (script) return { type: 'text/javascript; charset=utf-8', text: script };
  if (name !== 'style.css') return null;
  return { type: 'text/css; charset=utf-8', text: stylesheet(await signInPolicyOf(ctx)) };
}

async function answer(
  here: Visit,
  { show, take }: Entry,
  request: IncomingMessage,
): Promise<{ outcome: Outcome; to: string }> {
  if (request.method === 'POST' && take) {
    const fields = await readForm(request);
    assertOwnForm(request, fields, { token: here.formToken, origin: originOf(here) });
    const to = pageToCome(fields.get('to') ?? here.to);
    return { outcome: await take({ ...here, to }, fields), to };
  }
  if ((request.method === 'GET' || request.method === 'HEAD') && show)
    return { outcome: await show(here), to: here.to };
  throw new MethodNotAllowed();
}

/** Where a client waits for this person (protocols/oidc). */
const INTERACTION = /^interaction\/[\w-]{16,64}$/;

/** One of our own pages by its name, and nothing else: no address leads away from here (T15). */
function pageToCome(asked: string | null | undefined): string {
  if (asked && INTERACTION.test(asked)) return asked;
  const [, name = '', query] = /^([^?]*)(?:\?(.*))?$/.exec(asked ?? '') ?? [];
  const page = name && Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
  const fits = query === undefined || page?.query?.test(query);
  return asked && page?.own && fits ? asked : HOME;
}

/** Where this page was shown: told by what is stored, never by the request. */
export function originOf({ ctx, tenant }: Visit): string {
  return ctx.site !== null && tenant.issuer ? new URL(tenant.issuer).origin : ctx.config.publicUrl;
}

/** A logo may come from elsewhere, and a form may end at the application that waits; nothing else. */
async function policyOf(here: Visit, awaitedBy: AwaitedBy): Promise<Record<string, string>> {
  const { logoUri } = here.policy;
  const awaited = isAwaited(here) ? await awaitedBy(here) : null;
  return pageHeaders(logoUri ? [new URL(logoUri).origin] : [], awaited);
}

/** There may be no tenant whose stylesheet could be asked for. */
const PLAIN_STYLE = new Html(stylesheet({ accentColor: null }));
const PLAIN_POLICY = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(PLAIN_STYLE.text).digest('base64')}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
};

/** A failure as a page, for the server: the tenant may not even exist. */
export function hostedProblem(respond: Responder) {
  return (
    response: ServerResponse,
    error: unknown,
    requestId: string,
    request?: IncomingMessage,
  ): void => {
    // Asked by a script.
    if (request?.url?.endsWith('/session/refresh')) {
      respond.problem(response, error, requestId);
      return;
    }
    const known = error instanceof DomainError ? error : null;
    const language = languageOf(request?.headers['accept-language']);
    const code = known?.code ?? 'OTHER';
    const text = Object.hasOwn(language.texts, code)
      ? language.say(code as 'OTHER')
      : language.say('OTHER');
    const page = html`<!doctype html>
<html lang="${language.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${language.say('error')}</title>
<link rel="icon" href="data:,">
<style>${PLAIN_STYLE}</style>
</head>
<body><main><h1>${language.say('error')}</h1>${notice(text)}<p class="soft">${code} ${requestId}</p></main></body>
</html>
`.text;
    if (known instanceof RetryableError) response.setHeader('retry-after', known.retryAfter);
    respond.html(response, known?.status ?? 500, page, PLAIN_POLICY);
  };
}
