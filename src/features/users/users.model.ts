/** Users: shapes, limits and the pure rules about names and e-mail addresses. */
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { id } from '#kernel/ids.ts';
import { declareScope } from '#kernel/scopes.ts';
import { line, nameKey } from '#kernel/text.ts';

declareScope('users:read', 'Read users');
declareScope('users:write', 'Create, change, suspend and delete users');
declareScope(
  'users:impersonate',
  'Act for other users for a few minutes, never with more rights than one’s own',
);

/** What reads answer: the columns that may be shown, under their GraphQL names. */
export interface UserRow {
  readonly tenantId: string;
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly status: 'ACTIVE' | 'SUSPENDED';
  readonly locale: string | null;
  readonly attributes: unknown;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const userStatus = z
  .enum(['ACTIVE', 'SUSPENDED'])
  .meta({ id: 'UserStatus', description: 'Whether the user may act: ACTIVE or SUSPENDED.' });

const name = line(200);

const MAX_ATTRIBUTES = 16_384;

/** RFC 5321 limits an address to 254 octets; local parts are kept as written. */
export const email = z
  .string()
  .trim()
  .max(254, 'must have at most 254 characters')
  .refine((value) => emailKey(value) !== null, 'must be an e-mail address, such as ada@example.com')
  .describe('E-mail address; unique in the tenant whatever its letter case.');

export const userProfile = {
  displayName: name.describe('The name to show.'),
  givenName: name.describe('Given name.'),
  familyName: name.describe('Family name.'),
  locale: z
    .string()
    .max(35)
    .refine(isLocale, 'must be a BCP 47 language tag, such as en-GB')
    .describe('Preferred language, a BCP 47 tag such as `en-GB`.'),
  attributes: z
    .record(z.string(), z.json())
    .refine(
      (value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_ATTRIBUTES,
      'must have at most 16384 bytes as JSON',
    )
    .refine(
      (value) => !UNSTORABLE.test(JSON.stringify(value)),
      'must not contain the character NUL or half of a surrogate pair',
    )
    .describe("The tenant's own data about the user: a JSON object of at most 16 kB."),
};

/** What jsonb refuses, as JSON spells it: an escape after an even number of backslashes. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

export const userId = id('user').describe('The user.');

/**
 * The canonical form that uniqueness is decided on: NFKC, lower case, the domain in ASCII. Null when
 * the text is not one plain address (no quoted local parts, comments, lists or control characters).
 */
export function emailKey(text: string): string | null {
  const [local, domain, ...rest] = text.normalize('NFKC').split('@');
  if (!text.includes('@') || !local || !domain || rest.length > 0) return null;
  // domainToASCII drops line breaks and paths, decodes %61 and reads 0x7f.1 as an IPv4 address.
  if (!DOMAIN_TEXT.test(domain)) return null;
  const ascii = domainToASCII(domain.toLowerCase()).toLowerCase();
  if (!LOCAL.test(local) || local.length > 64 || !DOMAIN.test(ascii)) return null;
  const key = `${local.toLowerCase()}@${ascii}`;
  return key.length <= 254 ? key : null;
}

const LOCAL = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN_TEXT = /^[\p{L}\p{M}\p{N}.-]+$/u;
/** The last label is no number: that would be an address (RFC 1123 section 2.1). */
const DOMAIN =
  /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The words by which a user is found: of the names, and of the e-mail address and its parts. */
export function searchTokens(user: {
  email: string;
  displayName?: string | null | undefined;
  givenName?: string | null | undefined;
  familyName?: string | null | undefined;
}): string[] {
  const names = [user.displayName, user.givenName, user.familyName].flatMap((n) =>
    n ? words(n) : [],
  );
  const address = emailKey(user.email) ?? '';
  const [local = '', domain = ''] = address.split('@');
  return [...new Set([...names, ...words(local), ...words(domain), address])].filter(Boolean);
}

/** The words of a text as they are indexed; at most 64 characters each. */
export function words(text: string): string[] {
  return nameKey(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map((word) => word.slice(0, 64));
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
