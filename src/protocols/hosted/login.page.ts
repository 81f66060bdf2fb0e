/** Signing in: whatever step comes next, it is asked for and taken here. */
import { cookieOf } from '#features/sessions/sessions.commands.ts';
import { continueSignIn, startSignIn } from '#features/sign-in/sign-in.commands.ts';
import {
  mfaMethod,
  type Progress,
  type StepInput,
  stepShape,
} from '#features/sign-in/sign-in.model.ts';
import { leastLength } from '#features/sign-in-policies/sign-in-policies.model.ts';
import { parse } from '#kernel/commands/run-command.ts';
import { DomainError, InvalidInput, RetryableError } from '#kernel/errors.ts';
import { cookiesOf } from '#kernel/http/cookies.ts';
import type { Outcome } from './hosted-door.ts';
import { queryOf, type Visit } from './page.ts';
import { codesPage, identifyPage, stepPage } from './step-pages.ts';

type Fields = ReadonlyMap<string, string>;

/** RFC 5321, 4.5.3.1.3: no address is longer. */
const LONGEST_HINT = 254;

export async function loginPage(here: Visit): Promise<Outcome> {
  if (here.ctx.actor.kind === 'user') return { location: `${here.root}/${here.to}` };
  const hint = queryOf(here).get('login_hint');
  return { page: identifyPage(here, { email: hint?.slice(0, LONGEST_HINT) }) };
}

export async function loginForm(here: Visit, fields: Fields): Promise<Outcome> {
  // Only a stored sign-in can wait for a passkey.
  if (fields.has('start')) return goOn(here, await startSignIn(here.ctx), null);
  const token = here.flow ?? flowToken(here);
  // A page of an earlier sign-in must not go on with a new address in it.
  const first = fields.has('email');
  const going = first ? null : token;
  try {
    return goOn(
      here,
      await continueSignIn(here.ctx, here, { token: going, input: inputOf(fields) }),
      going,
    );
  } catch (error) {
    if (!(error instanceof DomainError) || error.status >= 500) throw error;
    return refused(here, { error, token: going, fields });
  }
}

/** What is asked next, or the page that one came for. */
function goOn(
  here: Visit,
  { next, asks, backupCodes, token, started }: Progress,
  before: string | null,
): Outcome {
  const { ctx, tenant, root, to } = here;
  if (started) {
    forgetFlow(here);
    ctx.setCookie(cookieOf(ctx, tenant.slug, started));
    return backupCodes ? { page: codesPage(here, backupCodes) } : { location: `${root}/${to}` };
  }
  if (token !== null && token !== before) ctx.setCookie(flowCookieOf(tenant.slug, token));
  // They are shown this once, also where something else is owed.
  if (backupCodes) return { page: codesPage(here, backupCodes, 'login') };
  return { page: stepPage(here, { next, asks, problem: null }) };
}

/** The same step once more, with what was wrong; the first one where the sign-in is over. */
async function refused(
  here: Visit,
  { error, token, fields }: { error: DomainError; token: string | null; fields: Fields },
): Promise<Outcome> {
  const problem = wrongOf(here, error);
  const { status } = error;
  const over = token === null || error.code === 'SIGN_IN_EXPIRED';
  // Whose sign-in it is was not known yet.
  if (over || (error.code === 'INVALID_CREDENTIALS' && fields.has('email')))
    return { page: identifyPage(here, { email: fields.get('email'), problem }), status };
  // What an authenticator app was shown stays good: it is not shown again, nor made anew.
  if (fields.has('enrolling'))
    return { page: stepPage(here, { next: 'ENROL', asks: null, problem }), status };
  try {
    const { next, asks } = await continueSignIn(here.ctx, here, { token, input: {} });
    return { page: stepPage(here, { next, asks, problem }), status };
  } catch (since) {
    // What was too long to be looked at may have been sent to a sign-in that is over.
    if (!(since instanceof DomainError) || since.status >= 500) throw since;
    return { page: identifyPage(here, { problem: said(here, since) }), status: since.status };
  }
}

/** What is too long to be right is as wrong as any other. */
function wrongOf(here: Visit, error: DomainError): string {
  const [field] = error instanceof InvalidInput ? error.fields : [];
  const name = field?.reason === undefined ? (field?.path.split('.')[0] ?? '') : '';
  const key = Object.hasOwn(TOO_LONG, name) ? TOO_LONG[name as keyof typeof TOO_LONG] : null;
  return key ? here.language.say(key) : said(here, error);
}

const TOO_LONG = {
  email: 'INVALID_CREDENTIALS',
  password: 'INVALID_CREDENTIALS',
  newPassword: 'TOO_LONG',
  code: 'INVALID_CODE',
  passkey: 'INVALID_CODE',
} as const;

/** What a form holds, checked as the input of the mutation is. Throws `InvalidInput`. */
function inputOf(fields: Fields): StepInput {
  return parse(stepShape, {
    email: fields.get('email'),
    password: fields.get('password'),
    newPassword: fields.get('newPassword'),
    code: fields.get('code'),
    method: mfaMethod.safeParse(fields.get('method')).data,
    passkey: jsonObject(fields.get('passkey')),
  });
}

/** What a script put there; nothing when it is no object. */
export function jsonObject(text: string | undefined): StepInput['passkey'] {
  try {
    const value: unknown = JSON.parse(text || 'null');
    return typeof value === 'object' && value !== null
      ? (value as StepInput['passkey'])
      : undefined;
  } catch {
    return undefined;
  }
}

/** No sign-in goes on in this browser any more. */
export function forgetFlow({ ctx, tenant }: Visit): void {
  ctx.setCookie(`${flowCookieOf(tenant.slug, '')}; Max-Age=0`);
}

/** The same visit, in which this sign-in goes on. */
export function rememberFlow(here: Visit, token: string): Visit {
  here.ctx.setCookie(flowCookieOf(here.tenant.slug, token));
  return { ...here, flow: token };
}

/** A refusal in the visitor's words; when to come again stands in the answer's header as well. */
export function said({ language, policy, response }: Visit, error: DomainError): string {
  if (error instanceof RetryableError) response.setHeader('retry-after', error.retryAfter);
  if (error instanceof InvalidInput) {
    const least = String(leastLength(policy));
    return error.fields
      .map(({ message, reason = '' }) =>
        Object.hasOwn(language.texts, reason)
          ? language.say(reason as 'COMMON', { least })
          : message,
      )
      .join(' ');
  }
  const code = error.code as 'OTHER';
  return Object.hasOwn(language.texts, code) ? language.say(code) : language.say('OTHER');
}

function flowToken({ request, tenant }: Visit): string | null {
  const name = flowCookie(tenant.slug);
  return cookiesOf(request.headers.cookie, name).get(name) ?? null;
}

function flowCookieOf(slug: string, token: string): string {
  return `${flowCookie(slug)}=${token}; Path=/; Secure; HttpOnly; SameSite=Lax`;
}

function flowCookie(slug: string): string {
  return `__Host-flow-${slug}`;
}
