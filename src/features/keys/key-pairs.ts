/**
 * Making keys. A pair of RSA takes a tenth of a second of a core, and at times half a second: it is
 * made on the thread pool, in the queue before the cores, and for whoever cannot wait a few are kept
 * in memory, which belong to nobody until they are stored.
 */
import { createHash, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { processQueue } from '#kernel/crypto/hashing-queue.ts';
import type { Place, Vault } from '#kernel/crypto/vault.ts';
import { canonicalJson } from '#kernel/events/event.ts';
import { newId } from '#kernel/ids.ts';
import type { PrivateJwk, PublicJwk, SigningAlg } from './keys.model.ts';

const generate = promisify(generateKeyPair);

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export type PairSource = (alg: SigningAlg) => Promise<Pair>;

/** A key that is not stored yet. */
export interface NewKey {
  readonly id: string;
  readonly alg: SigningAlg;
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly sealed: Buffer;
}

/** Throws `Unavailable` when too much waits for the cores. */
export async function newKey(
  { vault }: { readonly vault: Vault },
  tenantId: string,
  alg: SigningAlg,
  pairs: PairSource = makePair,
): Promise<NewKey> {
  // Before anything is waited for: keys that are made together have ids in the order of the calls.
  const id = newId();
  const { publicKey, privateKey } = await pairs(alg);
  const shown = publicKey.export({ format: 'jwk' }) as Readonly<Record<string, string>>;
  const kid = thumbprint(shown);
  const publicJwk = { ...shown, kid, alg, use: 'sig' } as PublicJwk;
  const secret = { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } as PrivateJwk;
  const sealed = await vault.seal(tenantId, placeOf(id), JSON.stringify(secret));
  return { id, alg, kid, publicJwk, sealed };
}

export async function openKey(
  vault: Vault,
  tenantId: string,
  { id, sealed }: Pick<NewKey, 'id' | 'sealed'>,
): Promise<PrivateJwk> {
  const text = await vault.open(tenantId, placeOf(id), sealed);
  return JSON.parse(text.toString()) as PrivateJwk;
}

function placeOf(id: string): Place {
  return { table: 'signing_keys', column: 'private_key', row: id };
}

const SPARE = 3;
const spare: Pair[] = [];
let making = false;

/** Keeps some pairs of RSA that are ready, in this process; none before somebody has asked for it. */
export async function makePairsAhead(): Promise<void> {
  if (making) return;
  making = true;
  try {
    while (spare.length < SPARE) spare.push(await makePair('RS256'));
  } catch {
    // Too busy for what nobody waits for; the next one that is taken tries again.
  } finally {
    making = false;
  }
}

/** One of those that are ready, where there is one. */
export async function sparePair(alg: SigningAlg): Promise<Pair> {
  if (alg !== 'RS256') return makePair(alg);
  const pair = spare.pop() ?? (await makePair(alg));
  void makePairsAhead();
  return pair;
}

function makePair(alg: SigningAlg): Promise<Pair> {
  switch (alg) {
    case 'RS256':
      return processQueue.run(() => generate('rsa', { modulusLength: 2048 }));
    case 'ES256':
      return generate('ec', { namedCurve: 'P-256' });
    case 'EdDSA':
      return generate('ed25519');
  }
}

/** RFC 7638 section 3.2 and RFC 8037 section 2: what the digest is made over, by type of key. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
};

function thumbprint(jwk: Readonly<Record<string, string>>): string {
  const members = (REQUIRED[jwk['kty'] ?? ''] ?? []).map((name) => [name, jwk[name] ?? '']);
  return createHash('sha256')
    .update(canonicalJson(Object.fromEntries(members)))
    .digest('base64url');
}
