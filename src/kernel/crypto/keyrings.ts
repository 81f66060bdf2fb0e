/**
 * Owns `data_keys`: each tenant's data keys, wrapped in the table and plain in memory.
 *
 * Nothing that a transaction of ours may still roll back is remembered: a key kept in memory whose
 * row never came to be would seal data that nobody can open after a restart.
 */
import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import type { KeyProvider } from '#kernel/crypto/key-provider.ts';
import { type KeyStore, SETTLED } from '#kernel/crypto/subject-salts.ts';

/** A data key and the uuid that sealed bytes name it by. */
export interface DataKey {
  readonly id: string;
  readonly key: KeyObject;
}

export interface Keyrings {
  /** Seals: the tenant's newest key, made when it has none. Not a promise when it is in memory. */
  current(tenantId: string): DataKey | Promise<DataKey>;
  /** Opens. Throws `SealBroken` when the tenant has no such key. */
  find(tenantId: string, id: string): Promise<KeyObject>;
  rotate(tenantId: string): Promise<void>;
  rewrap(tenantId: string): Promise<number>;
  forget(tenantId: string): void;
}

interface Keyring {
  /** What seals: the newest. */
  readonly current: DataKey;
  readonly keys: ReadonlyMap<string, KeyObject>;
}

interface DataKeyRow {
  id: string;
  provider_kid: string;
  wrapped: Buffer;
  settled: boolean;
}

const TTL_MS = 5 * 60_000;

const SELECT_KEYS = `
  SELECT id, provider_kid, wrapped, ${SETTLED} AS settled
    FROM data_keys WHERE tenant_id = $1 ORDER BY created_at DESC, id`;
const INSERT_KEY = `
  INSERT INTO data_keys (tenant_id, id, provider_kid, wrapped, created_at)
  VALUES ($1, $2, $3, $4, clock_timestamp()) ON CONFLICT DO NOTHING`;
const REWRAP_KEY = `
  UPDATE data_keys SET provider_kid = $3, wrapped = $4
   WHERE tenant_id = $1 AND id = $2 AND provider_kid = $5`;

/** At most `tenants` keyrings are remembered. */
export function keyrings(db: KeyStore, provider: KeyProvider, tenants: number): Keyrings {
  const rings = new LRUCache<string, Keyring>({ max: tenants, ttl: TTL_MS });
  const run = <Row>(tenantId: string, text: string, ...values: unknown[]) =>
    db.inTenant(tenantId, () => db.query<Row>(text, [tenantId, ...values]));
  const rows = (tenantId: string) => run<DataKeyRow>(tenantId, SELECT_KEYS);

  async function load(tenantId: string): Promise<Keyring> {
    let found = await rows(tenantId);
    if (found.length === 0) {
      await add(tenantId, 0);
      found = await rows(tenantId);
    }
    const keys = new Map<string, KeyObject>();
    for (const row of found) {
      keys.set(row.id, createSecretKey(await unwrap(provider, tenantId, row)));
    }
    const id = found[0]?.id ?? '';
    const key = keys.get(id);
    if (!key) throw new SealBroken(new Error(`tenant ${tenantId} has no data key`));
    const ring = { current: { id, key }, keys };
    if (found.every((row) => row.settled)) rings.set(tenantId, ring);
    return ring;
  }

  async function add(tenantId: string, generation: number): Promise<void> {
    const id = keyId(tenantId, generation);
    const { kid, blob } = await provider.wrap(randomBytes(32), owner(tenantId, id));
    await run(tenantId, INSERT_KEY, id, kid, blob);
  }

  return {
    current: (tenantId) =>
      rings.get(tenantId)?.current ?? load(tenantId).then((ring) => ring.current),
    async find(tenantId, id) {
      // Another instance may have made the key since we looked.
      const key = rings.get(tenantId)?.keys.get(id) ?? (await load(tenantId)).keys.get(id);
      if (!key) throw new SealBroken();
      return key;
    },
    async rotate(tenantId) {
      await add(tenantId, (await rows(tenantId)).length);
      rings.delete(tenantId);
    },
    async rewrap(tenantId) {
      const current = await provider.kid();
      const old = (await rows(tenantId)).filter((row) => row.provider_kid !== current);
      for (const row of old) {
        const key = await unwrap(provider, tenantId, row);
        const { kid, blob } = await provider.wrap(key, owner(tenantId, row.id));
        await run(tenantId, REWRAP_KEY, row.id, kid, blob, row.provider_kid);
      }
      return old.length;
    },
    forget: (tenantId) => {
      rings.delete(tenantId);
    },
  };
}

export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function unwrap(provider: KeyProvider, tenantId: string, row: DataKeyRow): Promise<Buffer> {
  return provider.unwrap({ kid: row.provider_kid, blob: row.wrapped }, owner(tenantId, row.id));
}

/** Named by its place in the row of keys, so that two instances cannot both make the first one. */
function keyId(tenantId: string, generation: number): string {
  const digest = createHash('sha256').update(`signet data key ${generation} ${tenantId}`).digest();
  // RFC 9562 section 5.8: version 8, the variant, and bits of our own.
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return uuidText(digest.subarray(0, 16));
}

function owner(tenantId: string, id: string): Buffer {
  return Buffer.from(`data key|${tenantId}|${id}`);
}
