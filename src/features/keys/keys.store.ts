/**
 * The hot path of signing keys: what a tenant signs with, and what it publishes. A tenant's first
 * keys are made when they are first asked for; of two instances that make one, the loser throws its
 * own away. Private keys are opened once and kept in memory beside the set that they are of.
 */
import { LRUCache } from 'lru-cache';
import type { Services } from '#kernel/context.ts';
import { systemContext } from '#kernel/system-context.ts';
import { newKey, openKey, type PairSource, sparePair } from './key-pairs.ts';
import { DEFAULT_ALGS, type PrivateJwk, type PublicJwk, type SigningAlg } from './keys.model.ts';
import { changeKeys, insertKey, keyEvents } from './rotation.ts';
import { type KeySet, type Stored, type StoredKeys, storedKeys } from './stored-keys.ts';

export type { KeySet } from './stored-keys.ts';

export interface KeyNeeds {
  /** Algorithms by which the tenant must be able to sign; RS256 and ES256 unless told. */
  readonly needs?: readonly SigningAlg[];
}

/** Not to be asked inside a transaction: what it may still roll back would be remembered. */
export interface SigningKeys {
  /** With their private members: for whoever signs. Throws `Unavailable` and `SealBroken`. */
  find(tenantId: string, needs?: KeyNeeds): Promise<KeySet<PrivateJwk>>;
  /** Without: for the JWKS. In the same order, of the same generation. */
  publicKeys(tenantId: string, needs?: KeyNeeds): Promise<KeySet>;
  /** For verification. Makes no key, and looks again before it says that there is none. */
  publicKey(tenantId: string, kid: string): Promise<PublicJwk | null>;
}

const GUESS_MS = 700;

export function signingKeys(services: Services): SigningKeys {
  const stored = storedKeys(services);
  const make = firstKeys(services, stored);
  const open = openedKeys(services);
  // What is guessed is looked up once, and pushes out no good one.
  const unknown = new LRUCache<string, true>({ max: 10_000, ttl: GUESS_MS });

  async function ready(tenantId: string, { needs = DEFAULT_ALGS }: KeyNeeds = {}): Promise<Stored> {
    const found = await stored.recent(tenantId);
    const missing = needs.filter((alg) => isMissing(found, alg));
    if (missing.length === 0) return found;
    await Promise.all(missing.map((alg) => make(tenantId, alg)));
    return stored.recent(tenantId);
  }

  return {
    async find(tenantId, needs) {
      const found = await ready(tenantId, needs);
      // One of them may have been retired since they were read.
      const keys = (await open(found)) ?? (await open(await stored.read(tenantId)));
      if (!keys) throw new Error(`the signing keys of tenant ${tenantId} do not stand still`);
      return keys;
    },
    publicKeys: async (tenantId, needs) => (await ready(tenantId, needs)).set,
    async publicKey(tenantId, kid) {
      const guess = `${tenantId} ${kid}`;
      if (!KID.test(kid) || unknown.has(guess)) return null;
      const of = ({ set }: Stored) => set.keys.find((key) => key.kid === kid);
      const found = of(await stored.recent(tenantId)) ?? of(await stored.read(tenantId));
      if (!found) unknown.set(guess, true);
      return found ?? null;
    },
  };
}

/** A SHA-256 thumbprint. */
const KID = /^[\w-]{43}$/;

function isMissing({ rows }: Stored, alg: SigningAlg): boolean {
  return !rows.some((key) => key.state === 'CURRENT' && key.alg === alg);
}

/** Makes what a tenant has none of yet; callers at the same time wait for one. */
function firstKeys(services: Services, stored: StoredKeys) {
  const { db, clock, log } = services;
  const making = new Map<string, Promise<unknown>>();

  async function make(
    tenantId: string,
    alg: SigningAlg,
    state: 'CURRENT' | 'NEXT',
    pairs?: PairSource,
  ): Promise<void> {
    const ctx = systemContext(services, tenantId);
    const made = await newKey(services, tenantId, alg, pairs);
    await changeKeys(ctx, async () =>
      keyEvents('signing-key.create', await insertKey(ctx, state, clock.now(), made)),
    );
  }

  async function first(tenantId: string, alg: SigningAlg): Promise<void> {
    // Somebody may have made it since the caller looked.
    if (isMissing(await stored.read(tenantId), alg)) await makeBoth(tenantId, alg);
  }

  async function makeBoth(tenantId: string, alg: SigningAlg): Promise<void> {
    await make(tenantId, alg, 'CURRENT', sparePair);
    await stored.read(tenantId);
    // Nobody waits for it: should it fail, the job makes it within the hour.
    make(tenantId, alg, 'NEXT').catch((error: unknown) =>
      log.warn({ err: error, alg }, 'the next signing key was not made yet'),
    );
  }

  return (tenantId: string, alg: SigningAlg): Promise<unknown> => {
    const key = `${tenantId} ${alg}`;
    const begin = () =>
      db.until(null, () => first(tenantId, alg)).finally(() => making.delete(key));
    const begun = making.get(key) ?? begin();
    making.set(key, begun);
    return begun;
  };
}

/** Null when one of them is not there any more. */
function openedKeys({ db, vault }: Services) {
  const opened = new WeakMap<KeySet, Promise<KeySet<PrivateJwk> | null>>();

  async function open({ set, rows }: Stored): Promise<KeySet<PrivateJwk> | null> {
    const [first] = rows;
    if (!first) return { generation: set.generation, keys: [] };
    const { tenantId } = first;
    const found = await db.inTenant(tenantId, () =>
      db.query<{ id: string; sealed: Buffer }>(SEALED, [tenantId, rows.map(({ id }) => id)]),
    );
    const sealed = new Map(found.map((key) => [key.id, key]));
    const keys = rows.flatMap(({ id }) => sealed.get(id) ?? []);
    if (keys.length < rows.length) return null;
    const plain = await Promise.all(keys.map((key) => openKey(vault, tenantId, key)));
    return { generation: set.generation, keys: plain };
  }

  return (stored: Stored): Promise<KeySet<PrivateJwk> | null> => {
    const known = opened.get(stored.set);
    if (known) return known;
    const opening = db.until(null, () => open(stored));
    opened.set(stored.set, opening);
    const forget = () => opened.delete(stored.set);
    opening.then((keys) => keys ?? forget(), forget);
    return opening;
  };
}

const SEALED = `
SELECT id, private_key AS sealed FROM signing_keys
WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND private_key IS NOT NULL`;
