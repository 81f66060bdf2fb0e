/** What a tenant's keys are, remembered for less than a second: a rotation is everywhere within one. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Services } from '#kernel/context.ts';
import { inOrder, type PublicJwk, type SigningKeyRow } from './keys.model.ts';
import { liveSigningKeys } from './keys.queries.ts';

/** RFC 7517 section 5. The same object for as long as nothing changed. */
export interface KeySet<Jwk extends PublicJwk = PublicJwk> {
  /** Another one whenever the keys or their order change. */
  readonly generation: string;
  /**
   * The first one of an algorithm signs; then come those that did, so that what they signed is good;
   * last those that will. Every one is to be published.
   */
  readonly keys: readonly Jwk[];
}

export interface Stored {
  readonly set: KeySet;
  /** In the order of the set. */
  readonly rows: readonly SigningKeyRow[];
  /** When the order changes by itself, in ms since the epoch. */
  readonly until: number;
}

export interface StoredKeys {
  /** As they were less than a second ago. */
  recent(tenantId: string): Promise<Stored>;
  /** As they are: read anew. */
  read(tenantId: string): Promise<Stored>;
}

/** The rest of the second is for an answer that is in use. */
const REMEMBERED_MS = 700;
/** A tenant whose keys nobody asks for leaves memory. */
const IDLE_MS = 300_000;

interface Reading {
  /** By the clock that decides which key signs, and by this process's timer. */
  readonly at: number;
  readonly timer: number;
  readonly stored: Promise<Stored>;
}

export function storedKeys(services: Services): StoredKeys {
  const { db, clock } = services;
  const remembered = new LRUCache<string, Reading>({ max: 2_000, ttl: IDLE_MS });

  function read(tenantId: string): Promise<Stored> {
    const before = remembered.get(tenantId)?.stored;
    // Others wait for this answer too: it does not end with the request that asked first.
    const stored = db.until(null, () =>
      db.inTenant(tenantId, () => load(services, tenantId, before)),
    );
    const reading = { at: clock.ms(), timer: performance.now(), stored };
    remembered.set(tenantId, reading);
    stored.catch(() => {
      if (remembered.get(tenantId) === reading) remembered.delete(tenantId);
    });
    return stored;
  }

  return {
    read,
    async recent(tenantId) {
      const known = remembered.get(tenantId);
      if (!known) return read(tenantId);
      const stored = await known.stored;
      const now = clock.ms();
      const age = Math.max(Math.abs(now - known.at), performance.now() - known.timer);
      if (age < REMEMBERED_MS && now < stored.until) return stored;
      // Whoever waited beside us may have begun to read already.
      const latest = remembered.get(tenantId);
      return latest && latest !== known ? latest.stored : read(tenantId);
    },
  };
}

async function load(
  { db, clock }: Services,
  tenantId: string,
  before: Promise<Stored> | undefined,
): Promise<Stored> {
  const found = await liveSigningKeys({ db, tenantId });
  const { keys: rows, until } = inOrder(found, clock.ms());
  const generation = createHash('sha256')
    .update(rows.map(({ kid }) => kid).join())
    .digest('base64url');
  const earlier = await before?.catch(() => undefined);
  const set =
    earlier?.set.generation === generation
      ? earlier.set
      : { generation, keys: rows.map(({ publicJwk }) => publicJwk) };
  return { set, rows, until };
}
