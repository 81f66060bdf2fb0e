/** Public keys of clients for private_key_jwt (RFC 7523): what is a good set of them. */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { z } from 'zod';

const MAX_KEYS = 10;
const MAX_BYTES = 16_384;
const MIN_RSA_BITS = 2048;
const ALGS = new Set(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']);
/** RFC 7518, 6: what only the owner of a key may know. `k`: a symmetric one. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

type Problem = string | null;

/** One rule a line; the first that is broken is told. */
const RULES: readonly ((jwk: Readonly<Record<string, unknown>>) => Problem)[] = [
  (jwk) =>
    PRIVATE.some((member) => member in jwk)
      ? 'holds a private or symmetric key: register the public key only, and make a new one, since this one was shown'
      : null,
  (jwk) => (jwk['use'] === undefined || jwk['use'] === 'sig' ? null : 'must be for `use` sig'),
  (jwk) =>
    jwk['alg'] === undefined || ALGS.has(String(jwk['alg']))
      ? null
      : `must be for an \`alg\` of ${[...ALGS].join(', ')}`,
  (jwk) =>
    jwk['kid'] === undefined || (typeof jwk['kid'] === 'string' && jwk['kid'].length <= 255)
      ? null
      : 'must have a `kid` of at most 255 characters',
  (jwk) => {
    const details = publicKey(jwk);
    if (!details) return 'must be a public key of RSA, P-256, P-384, P-521 or Ed25519';
    const bits = details.asymmetricKeyDetails?.modulusLength;
    return bits !== undefined && bits < MIN_RSA_BITS
      ? `must have ${MIN_RSA_BITS} bits or more`
      : null;
  },
];

function publicKey(jwk: Readonly<Record<string, unknown>>) {
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return ['rsa', 'ec', 'ed25519'].includes(key.asymmetricKeyType ?? '') &&
      jwk['crv'] !== 'secp256k1'
      ? key
      : null;
  } catch {
    return null;
  }
}

/** A JWK Set (RFC 7517, 5) of public keys. */
export const clientJwks = z
  .strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(MAX_KEYS) })
  .superRefine(({ keys }, context) => {
    if (JSON.stringify(keys).length > MAX_BYTES)
      context.addIssue({ code: 'custom', message: `must have at most ${MAX_BYTES} bytes` });
    const kids = keys.map((jwk) => jwk['kid']).filter((kid) => kid !== undefined);
    if (new Set(kids).size < kids.length)
      context.addIssue({ code: 'custom', message: 'must not hold two keys of one `kid`' });
    for (const [n, jwk] of keys.entries()) {
      const problem = RULES.map((rule) => rule(jwk)).find((found) => found !== null);
      if (problem) context.addIssue({ code: 'custom', path: ['keys', n], message: problem });
    }
  })
  .meta({ graphql: 'JSONObject' });
