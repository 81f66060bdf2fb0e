/** How the people of a tenant sign in: what may be set, within which bounds, and what holds without. */
import { z } from 'zod';
import { DEFAULT_HASH_COST, hashCost } from '#features/passwords/passwords.model.ts';
import { declareScope } from '#kernel/scopes.ts';

declareScope('sign-in-policy:read', 'Read how people sign in');
declareScope('sign-in-policy:write', 'Decide how people sign in');

export interface SignInPolicyRow {
  readonly tenantId: string;
  readonly registration: 'OFF' | 'OPEN' | 'INVITATION';
  readonly mfa: 'OFF' | 'OPTIONAL' | 'REQUIRED' | 'REQUIRED_FOR_ADMINS';
  readonly passwordMinLength: number | null;
  readonly argon2Memory: number;
  readonly argon2Passes: number;
  readonly argon2Lanes: number;
  readonly sessionIdleSeconds: number;
  readonly sessionSeconds: number;
  readonly maxSessions: number;
  readonly logoUri: string | null;
  readonly accentColor: string | null;
  readonly version: number;
}

/** What a tenant without a row of its own has; the columns' defaults say the same. */
export const DEFAULT_POLICY: Omit<SignInPolicyRow, 'tenantId'> = {
  registration: 'OFF',
  mfa: 'OPTIONAL',
  passwordMinLength: null,
  argon2Memory: DEFAULT_HASH_COST.memoryKiB,
  argon2Passes: DEFAULT_HASH_COST.iterations,
  argon2Lanes: DEFAULT_HASH_COST.parallelism,
  sessionIdleSeconds: 43_200,
  sessionSeconds: 604_800,
  maxSessions: 20,
  logoUri: null,
  accentColor: null,
  version: 1,
};

export const registration = z.enum(['OFF', 'OPEN', 'INVITATION']).meta({
  id: 'Registration',
  description:
    'Who may make an account: nobody, everybody, or whoever was invited, who may also ask for a lost invitation.',
});

export const mfaRequirement = z.enum(['OFF', 'OPTIONAL', 'REQUIRED', 'REQUIRED_FOR_ADMINS']).meta({
  id: 'MfaRequirement',
  description:
    'Whether a second factor is asked for. OFF: never, and nothing demands one. OPTIONAL: of whoever has one. REQUIRED_FOR_ADMINS: of whoever holds a scope that writes.',
});

/** NIST SP 800-63B-4 section 3.1.1.2: 15 where the password stands alone, 8 beside a second factor. */
const LENGTHS = { alone: 15, besideFactor: 8 };

/** The least code points of a new password. A tenant may ask for more, never for less. */
export function leastLength({ passwordMinLength, mfa }: SignInPolicyRow): number {
  const standard = mfa === 'REQUIRED' ? LENGTHS.besideFactor : LENGTHS.alone;
  return Math.max(passwordMinLength ?? 0, standard);
}

const seconds = (least: number) => z.int().min(least).max(7_776_000);

/** What may be set; left out, it stays. */
export const signInPolicy = {
  registration: registration.optional().describe('Who may make an account.'),
  mfa: mfaRequirement.optional().describe('Whether a second factor is asked for.'),
  passwordMinLength: z
    .int()
    .min(8)
    .max(64)
    .nullish()
    .describe(
      'Least code points of a new password, 8 to 64; never less than 15, or 8 where a second factor is required of everybody.',
    ),
  argon2Memory: hashCost.shape.memoryKiB
    .optional()
    .describe('Memory of Argon2id in KiB, 19456 to 131072.'),
  argon2Passes: hashCost.shape.iterations.optional().describe('Passes of Argon2id, 2 to 4.'),
  argon2Lanes: hashCost.shape.parallelism.optional().describe('Lanes of Argon2id, 1 to 4.'),
  sessionIdleSeconds: seconds(60)
    .optional()
    .describe('Seconds without a request after which a session ends, 60 or more.'),
  sessionSeconds: seconds(60)
    .optional()
    .describe('Seconds after which a session ends in any case, at most 90 days.'),
  maxSessions: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Sessions of one user at the same time, 1 to 1000; the oldest give way.'),
  logoUri: z
    .url({ protocol: /^https$/, error: 'must be an https URL' })
    .max(2000)
    .nullish()
    .describe('An https URL of the logo on the pages.'),
  accentColor: z
    .string()
    .regex(/^#[0-9a-f]{6}$/, 'must be a colour such as #0a7d5b')
    .nullish()
    .describe('The colour of buttons and links on the pages, such as #0a7d5b.'),
};
