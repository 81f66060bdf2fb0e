/** Where a person types the code that a device shows, and says that the device is theirs (RFC 8628, 3.3). */
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { field } from '#protocols/hosted/fields.ts';
import { type Html, html } from '#protocols/hosted/html.ts';
import { document, notice, type Visit } from '#protocols/hosted/page.ts';
import { TooManyCodes } from './device-codes.ts';
import { answer, visited } from './pages.ts';
import { say, type TextKey } from './texts.ts';

type Failure = Error & { userCode?: string };

/** What the engine says by the name of its error; anything else is told by `failedWhy`. */
const PROBLEMS: Readonly<Record<string, TextKey>> = {
  NotFoundError: 'codeUnknown',
  ExpiredError: 'codeUnknown',
  AlreadyUsedError: 'codeUnknown',
  AbortedError: 'codeRefused',
  NoCodeError: 'codeMissing',
  TooManyCodes: 'codeTooMany',
};

export async function userCodePage(
  koa: KoaContextWithOIDC,
  _form: string,
  _out?: object,
  failure?: Failure,
): Promise<void> {
  const here = await visited(koa);
  const { language } = here;
  if (failure instanceof TooManyCodes) koa.set('retry-after', String(failure.retryAfter));
  const problem = failure && say(language, PROBLEMS[failure.name] ?? 'failedWhy');
  const shown = failure?.name === 'AbortedError' ? undefined : (failure?.userCode ?? codeIn(koa));
  const input = field({
    name: 'user_code',
    label: say(language, 'userCode'),
    autocomplete: 'off',
    value: shown,
    hint: say(language, 'userCodeHint'),
    invalid: problem !== undefined,
    focus: true,
    most: 20,
  });
  const body = html`${notice(problem ?? null)}${deviceForm(
    here,
    koa,
    html`${input}
<button type="submit">${say(language, 'goOn')}</button>`,
  )}`;
  answer(koa, document(here, { title: say(language, 'device'), body }));
}

export async function confirmDevicePage(
  koa: KoaContextWithOIDC,
  _form: string,
  client: Client,
  _deviceInfo: object,
  userCode: string,
): Promise<void> {
  const here = await visited(koa);
  const { language } = here;
  const name = client.clientName ?? client.clientId;
  const body = html`<p>${say(language, 'deviceWhy', { client: name })}</p>
<p><code>${userCode}</code></p>
<p class="soft">${say(language, 'deviceWarning')}</p>${deviceForm(
    here,
    koa,
    html`<input type="hidden" name="user_code" value="${userCode}">
<button type="submit" name="confirm" value="yes">${say(language, 'deviceYes')}</button>
<button class="quiet wide" type="submit" name="abort" value="yes">${say(language, 'deviceNo')}</button>`,
  )}`;
  answer(koa, document(here, { title: say(language, 'deviceConfirm', { client: name }), body }));
}

export async function deviceDonePage(koa: KoaContextWithOIDC): Promise<void> {
  const here = await visited(koa);
  const body = notice(say(here.language, 'deviceDone'), 'done');
  answer(koa, document(here, { title: say(here.language, 'device'), body }));
}

/** The engine holds what is sent against its own session. */
function deviceForm({ root }: Visit, { oidc }: KoaContextWithOIDC, body: Html): Html {
  const { state } = oidc.session as unknown as { state?: { secret?: string } };
  return html`<form method="post" action="${root}/device">
<input type="hidden" name="xsrf" value="${state?.secret ?? ''}">
${body}
</form>`;
}

/** Of `verification_uri_complete`: it is shown, and sent by the person (RFC 8628, 3.3.1). */
function codeIn({ req }: KoaContextWithOIDC): string | undefined {
  const query = (req as { originalUrl?: string }).originalUrl?.split('?')[1];
  const code = new URLSearchParams(query ?? '').get('user_code');
  return code !== null && /^[\w-]{1,20}$/.test(code) ? code : undefined;
}
