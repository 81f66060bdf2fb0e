/** What each step of a sign-in looks like. */
import type { Asks, Enrolment, MfaMethod, StepName } from '#features/sign-in/sign-in.model.ts';
import { codeField, emailField, newPasswordField, passwordField } from './fields.ts';
import { type Html, html } from './html.ts';
import { document, form, HOME, notice, pathTo, type Visit } from './page.ts';

interface Shown {
  readonly next: StepName;
  /** Null: what was shown before still holds. */
  readonly asks: Asks | null;
  readonly problem: string | null;
}

export function stepPage(here: Visit, shown: Shown): string {
  const { next, asks, problem } = shown;
  if (next === 'PASSWORD') return passwordPage(here, asks, problem);
  if (next === 'CHANGE_PASSWORD') return changePasswordPage(here, problem);
  if (next === 'MFA' && asks) return mfaPage(here, asks, problem);
  if (next === 'ENROL') return enrolPage(here, asks, problem);
  if (next === 'IDENTIFY' && asks?.passkey) return passkeyPage(here, { options: asks.passkey });
  return identifyPage(here, { problem });
}

export function identifyPage(
  here: Visit,
  { email = '', problem = null }: { email?: string | undefined; problem?: string | null },
): string {
  const { say } = here.language;
  const invalid = problem !== null;
  return document(here, {
    title: say('signIn'),
    body: html`${notice(problem)}${form(here, {
      action: '/login',
      body: html`${emailField(here, { value: email, invalid, focus: email === '' })}
${passwordField(here, { invalid, focus: email !== '' })}
<button type="submit">${say('signIn')}</button>`,
    })}${form(here, {
      action: '/login',
      body: html`<input type="hidden" name="start" value="passkey"><button class="quiet wide" type="submit">${say('usePasskey')}</button>`,
    })}${otherWays(here)}`,
  });
}

function otherWays(here: Visit): Html {
  const { policy } = here;
  const { say } = here.language;
  const join = { OFF: null, OPEN: 'register', INVITATION: 'invitationLost' } as const;
  const label = join[policy.registration];
  return html`<p><a href="${pathTo(here, 'forgot')}">${say('forgot')}</a></p>${
    label && html`<p><a href="${pathTo(here, 'register')}">${say(label)}</a></p>`
  }`;
}

function changePasswordPage(here: Visit, problem: string | null): string {
  const { say } = here.language;
  return document(here, {
    title: say('changePassword'),
    body: html`${notice(problem)}<p>${say('changePasswordWhy')}</p>${form(here, {
      action: '/login',
      body: html`${newPasswordField(here, { invalid: problem !== null, focus: true })}
<button type="submit">${say('continue')}</button>`,
    })}`,
  });
}

function mfaPage(here: Visit, { methods, sentTo, passkey }: Asks, problem: string | null): string {
  const { say } = here.language;
  const typed = methods.some((method) => method !== 'PASSKEY');
  const sendable = methods.filter((method) => method === 'EMAIL' || method === 'SMS');
  const where =
    sentTo === null ? '' : html`<p role="status">${say('codeSent', { where: sentTo })}</p>`;
  return document(here, {
    title: say('secondFactor'),
    body: html`${notice(problem)}${where}${passkey ? passkeyForm(here, passkey) : ''}${
      typed ? codeForm(here, methods, problem !== null) : ''
    }${sendable.map((method) => sendForm(here, method))}`,
  });
}

function codeForm(here: Visit, methods: readonly MfaMethod[], invalid: boolean): Html {
  const { say } = here.language;
  const printed = methods.includes('BACKUP_CODE')
    ? html`<p class="soft">${say('orBackupCode')}</p>`
    : '';
  return form(here, {
    action: '/login',
    body: html`${methods.includes('TOTP') && html`<p>${say('codeOfApp')}</p>`}${codeField(here, false, { invalid, focus: true })}${printed}
<button type="submit">${say('continue')}</button>`,
  });
}

function sendForm(here: Visit, method: MfaMethod): Html {
  const label = here.language.say(method === 'SMS' ? 'sendSms' : 'sendEmail');
  return form(here, {
    action: '/login',
    body: html`<input type="hidden" name="method" value="${method}"><button class="quiet wide" type="submit">${label}</button>`,
  });
}

function enrolPage(here: Visit, asks: Asks | null, problem: string | null): string {
  const { say } = here.language;
  const shown = asks?.enrolment;
  const picture = shown ? html`<p>${say('enrolWhy')}</p>${totpPicture(here, shown)}` : '';
  return document(here, {
    title: say('enrol'),
    body: html`${notice(problem)}${picture}${form(here, {
      action: '/login',
      body: html`<input type="hidden" name="enrolling" value="yes">${codeField(here, true, { invalid: problem !== null, focus: true })}
<button type="submit">${say('continue')}</button>`,
    })}${
      shown
        ? ''
        : form(here, {
            action: '/login',
            body: html`<button class="quiet wide" type="submit">${say('showAgain')}</button>`,
          })
    }`,
  });
}

export function passkeyPage(
  here: Visit,
  { options, instead = pathTo(here, 'login') }: { options: object; instead?: string },
): string {
  const { say } = here.language;
  return document(here, {
    title: say('usePasskey'),
    body: html`${passkeyForm(here, options)}<p><a href="${instead}">${say('usePassword')}</a></p>`,
  });
}

/** What an authenticator app is set up with. */
export function totpPicture({ language: { say } }: Visit, { qr, secret }: Enrolment): Html {
  const picture = Buffer.from(qr).toString('base64');
  return html`<p>${say('scan')}</p>
<p class="qr"><img src="data:image/svg+xml;base64,${picture}" alt="${say('qrCode')}" width="200" height="200"></p>
<p class="soft">${say('typeSecret')} <code>${secret}</code></p>`;
}

/** Who it is about is known: the password, or a passkey of theirs. */
function passwordPage(here: Visit, asks: Asks | null, problem: string | null): string {
  const { say } = here.language;
  return document(here, {
    title: say('secondFactor'),
    body: html`${notice(problem)}${form(here, {
      action: '/login',
      body: html`${passwordField(here, { invalid: problem !== null, focus: true })}
<button type="submit">${say('continue')}</button>`,
    })}${asks?.passkey && passkeyForm(here, asks.passkey)}`,
  });
}

function passkeyForm(here: Visit, options: object): Html {
  return passkeyField(here, { action: '/login', options, label: here.language.say('usePasskey') });
}

/** Its script asks the browser for the passkey and sends the form; without scripts there is a notice. */
export function passkeyField(
  here: Visit,
  {
    action,
    options,
    label,
    more = html``,
  }: { action: string; options: object; label: string; more?: Html },
): Html {
  const { say } = here.language;
  return html`<p>${say('passkeyHow')}</p><noscript><p class="notice error">${say('needsScript')}</p></noscript>${form(
    here,
    {
      action,
      body: html`${more}<input type="hidden" name="passkey" data-options="${JSON.stringify(options)}">
<p class="notice error" role="alert" hidden>${say('passkeyFailed')}</p>
<button type="submit">${label}</button>`,
    },
  )}<script src="${here.root}/passkey.js"></script>`;
}

/** Backup codes, this once. */
export function codesPage(
  here: Visit,
  codes: readonly string[],
  next: 'account' | 'login' = 'account',
): string {
  const { say } = here.language;
  const on =
    next === 'account'
      ? html`<p><a href="${here.root}/${here.to}">${say(here.to === HOME ? 'yourAccount' : 'continue')}</a></p>`
      : form(here, {
          action: '/login',
          body: html`<button type="submit">${say('continue')}</button>`,
        });
  return document(here, {
    title: say('backupCodes'),
    body: html`${notice(say('factorAdded'), 'done')}<p>${say('backupCodesWhy')}</p>
<ol class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
${on}`,
  });
}
