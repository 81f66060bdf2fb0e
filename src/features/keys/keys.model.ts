/** The keys by which a tenant signs its tokens: their shapes, their states, and which of them signs. */
import { z } from 'zod';
import { declareScope } from '#kernel/scopes.ts';

declareScope('keys:read', 'Read signing keys, never their private parts');
declareScope('keys:write', 'Rotate signing keys and decide when they are replaced');

export const signingAlg = z.enum(['RS256', 'ES256', 'EdDSA']).meta({
  id: 'SigningAlg',
  description:
    'How a token is signed (RFC 7518, RFC 8037): RSA of 2048 bits, the curve P-256, or Ed25519.',
});
export type SigningAlg = z.output<typeof signingAlg>;

export const signingKeyState = z.enum(['NEXT', 'CURRENT', 'RETIRING', 'RETIRED']).meta({
  id: 'SigningKeyState',
  description:
    'NEXT: published, signs later. CURRENT: signs. RETIRING: signs no more, and what it signed is still good. RETIRED: refused, and its private part is erased.',
});
export type SigningKeyState = z.output<typeof signingKeyState>;

/** What every tenant signs with: RS256 its ID tokens, ES256 our access tokens. */
export const DEFAULT_ALGS: readonly SigningAlg[] = ['RS256', 'ES256'];

/** RFC 7517; the members of the key itself (`n`, `e`, `crv`, `x`, `y`) are base64url texts. */
export interface PublicJwk {
  readonly kty: string;
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly use: 'sig';
  readonly [member: string]: string;
}

/** The same with `d` and, of RSA, `p q dp dq qi`. Never stored plain, never shown. */
export interface PrivateJwk extends PublicJwk {
  readonly d: string;
}

export interface SigningKeyRow {
  readonly tenantId: string;
  readonly id: string;
  readonly alg: SigningAlg;
  readonly kid: string;
  readonly state: SigningKeyState;
  readonly publicJwk: PublicJwk;
  readonly createdAt: Date;
  readonly promotedAt: Date | null;
  readonly retiringAt: Date | null;
  readonly retiresAt: Date | null;
  readonly retiredAt: Date | null;
}

export interface SigningKeyPolicyRow {
  readonly tenantId: string;
  readonly rotationDays: number;
  readonly overlapSeconds: number;
  readonly version: number;
}

/** Seconds. No token that one of these keys signs may live longer: its key would be gone before it. */
export const MAX_TOKEN_SECONDS = 86_400;

/** An hour more, for clocks that differ and for instances that learn of a rotation a little later. */
const LEAST_OVERLAP = MAX_TOKEN_SECONDS + 3_600;

/** What a tenant without a row of its own has; the columns' defaults say the same. */
export const DEFAULT_KEY_POLICY: Omit<SigningKeyPolicyRow, 'tenantId'> = {
  rotationDays: 90,
  overlapSeconds: LEAST_OVERLAP,
  version: 1,
};

/** What may be set; left out, it stays. */
export const signingKeyPolicy = {
  rotationDays: z
    .int()
    .min(1)
    .max(730)
    .optional()
    .describe('Days after which a key is replaced by the next one, 1 to 730.'),
  overlapSeconds: z
    .int()
    .min(LEAST_OVERLAP)
    .max(2_592_000)
    .optional()
    .describe(
      `Seconds that what a replaced key signed is still good, ${LEAST_OVERLAP} (longer than any token lives) to 2592000.`,
    ),
};

/** Keys of one algorithm that are RETIRING at the same time: each is in every answer of the JWKS. */
export const MAX_RETIRING = 50;

/**
 * How long a key is published before it signs, in milliseconds: longer than an instance remembers
 * which keys there are, so that none is asked about a token by a key that it does not know.
 */
export const PUBLISHED_MS = 1_000;

type Ordered = Pick<
  SigningKeyRow,
  'id' | 'alg' | 'state' | 'createdAt' | 'promotedAt' | 'retiresAt'
>;

/**
 * The keys that are good now, in the order in which they are published: whoever signs takes the
 * first one of its algorithm. `until`: when that will be another order, in ms since the epoch.
 */
export function inOrder<Key extends Ordered>(
  rows: readonly Key[],
  now: number,
): { readonly keys: readonly Key[]; readonly until: number } {
  const good = rows.filter((key) => isGood(key, now));
  const latest = good.filter(({ state }) => state !== 'NEXT').toSorted(latestFirst);
  const signers = new Set(
    [...Map.groupBy(latest, ({ alg }) => alg).values()].map(
      // One that nobody can know yet waits while there is an earlier one.
      (keys) => keys.find((key) => publishedAt(key) <= now) ?? (keys.at(-1) as Key),
    ),
  );
  const next = good.filter(({ state }) => state === 'NEXT').toSorted(latestFirst);
  const changes = latest
    .flatMap((key) => [publishedAt(key), ...(key.retiresAt ? [key.retiresAt.getTime()] : [])])
    .filter((moment) => moment > now);
  return {
    keys: [...signers, ...latest.filter((key) => !signers.has(key)), ...next],
    until: Math.min(...changes),
  };
}

/** By the clock, whether or not the job has come by. */
function isGood({ state, retiresAt }: Ordered, now: number): boolean {
  if (state === 'RETIRED') return false;
  return state !== 'RETIRING' || Number(retiresAt) > now;
}

function publishedAt({ createdAt }: Ordered): number {
  return createdAt.getTime() + PUBLISHED_MS;
}

/** In one millisecond there may be several: ids tell which was made later. */
function latestFirst(a: Ordered, b: Ordered): number {
  const current = Number(b.state === 'CURRENT') - Number(a.state === 'CURRENT');
  return current || Number(b.promotedAt) - Number(a.promotedAt) || (a.id < b.id ? 1 : -1);
}
