/**
 * Which forms are ours: one that carries the digest of a cookie that only our own page could have
 * set. `__Host-` keeps other hosts from setting it, HttpOnly keeps scripts from reading it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Context } from '#kernel/context.ts';
import { DomainError, Forbidden } from '#kernel/errors.ts';
import { cookiesOf } from '#kernel/http/cookies.ts';

/** The page was open for longer than the browser kept its cookie, or the form is not ours. */
export class FormExpired extends DomainError {
  static override readonly code = 'FORM_EXPIRED';
  static override readonly status = 403;
  constructor() {
    super('The form was not sent by the page that we gave this browser');
  }
}

/** The token for the forms of this browser; gives it its cookie when it has none. */
export function formTokenOf(ctx: Context, request: IncomingMessage, slug: string): string {
  const name = cookieName(slug);
  const known = cookiesOf(request.headers.cookie, name).get(name);
  if (known && /^[\w-]{43}$/.test(known)) return digest(known);
  const fresh = randomBytes(32).toString('base64url');
  ctx.setCookie(`${name}=${fresh}; Path=/; Secure; HttpOnly; SameSite=Lax`);
  return digest(fresh);
}

/** Throws `FormExpired`, or `Forbidden` when another origin sent it. */
export function assertOwnForm(
  request: IncomingMessage,
  fields: ReadonlyMap<string, string>,
  { token, origin: ours }: { token: string; origin: string },
): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  // Under `no-referrer` browsers say `null` of our own pages too; then the other field tells.
  const veiled = origin === 'null' && site === 'same-origin';
  const foreign = origin !== undefined && !veiled && origin !== ours;
  if (foreign || (site !== undefined && site !== 'same-origin'))
    throw new Forbidden('Forms of other origins are not taken');
  const sent = Buffer.from(fields.get('form') ?? '');
  const wanted = Buffer.from(token);
  if (sent.length !== wanted.length || !timingSafeEqual(sent, wanted)) throw new FormExpired();
}

function cookieName(slug: string): string {
  return `__Host-form-${slug}`;
}

function digest(secret: string): string {
  return createHash('sha256').update(`signet form ${secret}`).digest('base64url');
}
