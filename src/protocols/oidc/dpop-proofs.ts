/**
 * Proofs that whoever presents a token at our own API has the key that it is bound to (RFC 9449, 4.3
 * and 7). What is wrong is told with a nonce, so that a client whose clock is wrong can do better.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWTPayload, jwtVerify } from 'jose';
import type { Services } from '#kernel/context.ts';
import { deriveKey } from '#kernel/crypto/derive-key.ts';
import { spend } from './spent.store.ts';

export const PROOF_ALGS = ['ES256', 'EdDSA', 'Ed25519', 'RS256', 'PS256'] as const;

/** How a token was presented. */
export interface Presentation {
  readonly scheme: 'Bearer' | 'DPoP';
  /** The DPoP field; several of them are none. */
  readonly proof: string | undefined;
  readonly method: string;
  /** Where it was sent, as the world knows it, without its query. */
  readonly uri: string;
}

/** The error code of a refused proof (RFC 9449, 7.1 and 8). */
export type ProofProblem = 'invalid_dpop_proof' | 'use_dpop_nonce';

export interface DpopProofs {
  /** A nonce for the next proof. */
  nonce(): string;
  /** Null: the proof is good, and spent. */
  check(
    token: string,
    jkt: string,
    shown: Presentation,
    tenantId: string,
  ): Promise<ProofProblem | null>;
}

/** Seconds. As the engine has it at its own endpoints. */
const RECENT = 300;
const LONGEST = 8_192;
const STEP = 60;
/** Steps that a nonce is good for. */
const STEPS = 4;

export function dpopProofs({ db, clock, config }: Services): DpopProofs {
  const key = deriveKey(config.masterKey, 'signet dpop nonces of the api v1');
  const step = () => Math.floor(clock.ms() / 1000 / STEP);
  const nonceOf = (n: number) => createHmac('sha256', key).update(`${n}`).digest('base64url');
  const isOurs = (nonce: string) =>
    Array.from({ length: STEPS }, (_, n) => isSame(nonce, nonceOf(step() - n))).includes(true);

  return {
    nonce: () => nonceOf(step()),
    async check(token, jkt, shown, tenantId) {
      const said = await read(shown.proof);
      if (!said || said.thumbprint !== jkt) return 'invalid_dpop_proof';
      const { jti, iat, nonce, ath, htm, htu } = said.claims;
      if (typeof jti !== 'string' || typeof iat !== 'number' || jti.length > 255)
        return 'invalid_dpop_proof';
      if (htm !== shown.method || !isAt(htu, shown.uri)) return 'invalid_dpop_proof';
      if (ath !== createHash('sha256').update(token).digest('base64url'))
        return 'invalid_dpop_proof';
      const recent = Math.abs(clock.ms() / 1000 - iat) <= RECENT;
      if (nonce === undefined ? !recent : !isOurs(String(nonce))) return 'use_dpop_nonce';
      const until = new Date(clock.ms() + 2 * RECENT * 1000);
      const first = await db.inTenant(tenantId, () =>
        spend({ db, tenantId }, `proof ${jkt}`, jti, until),
      );
      return first ? null : 'invalid_dpop_proof';
    },
  };
}

async function read(
  proof: string | undefined,
): Promise<{ claims: JWTPayload; thumbprint: string } | null> {
  if (proof === undefined || proof.length > LONGEST) return null;
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: [...PROOF_ALGS],
      typ: 'dpop+jwt',
      // Its times are looked at afterwards, by our clock.
      currentDate: new Date(0),
      clockTolerance: Number.MAX_SAFE_INTEGER,
    });
    return { claims: payload, thumbprint: await calculateJwkThumbprint(protectedHeader.jwk ?? {}) };
  } catch {
    return null;
  }
}

/** RFC 9449, 4.3, point 9: by RFC 3986, 6, without query and fragment. */
function isAt(htu: unknown, uri: string): boolean {
  const url = typeof htu === 'string' ? URL.parse(htu) : null;
  if (!url) return false;
  url.search = '';
  url.hash = '';
  return url.href === URL.parse(uri)?.href;
}

function isSame(text: string, ours: string): boolean {
  const [a, b] = [Buffer.from(text), Buffer.from(ours)];
  return a.length === b.length && timingSafeEqual(a, b);
}
