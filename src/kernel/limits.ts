/**
 * Owns how often. `local` buckets count in this process: general request rates, where a count per
 * instance is good enough and a statement a request is not. `shared` buckets count in the database:
 * guesses at secrets, which must not multiply with the instances. Before them stands a shield: who is
 * over a shared limit is refused from memory, for less than a second, so that what another instance
 * forgave is soon forgiven here.
 */
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Database } from '#kernel/db/database.ts';
import { RateLimited } from '#kernel/errors.ts';

export interface Bucket {
  /** Unique: it is part of the stored key. */
  readonly name: string;
  readonly counted: 'local' | 'shared';
  /** How many in `seconds`; 0 means no limit. */
  readonly points: number;
  readonly seconds: number;
}

export interface Allowance {
  /** Points left in this window; Infinity without a limit. */
  readonly remaining: number;
  /** Whole seconds until the window ends. */
  readonly resetSeconds: number;
}

export interface RateLimits {
  /**
   * Takes points or throws `RateLimited`. Shared buckets throw what the database throws: a limit
   * that cannot be counted refuses. Call it outside a transaction, whose rollback would uncount.
   */
  consume(bucket: Bucket, key: string, points?: number): Promise<Allowance>;
  /**
   * One point of each, one after the other; what a later one refuses is given back to the earlier, so
   * that nobody's count grows by what was never done. What is left of each, in their order.
   */
  consumeAll(counts: readonly Count[]): Promise<Allowance[]>;
  /** Takes back one point that was consumed for nothing, such as a right guess. */
  giveBack(bucket: Bucket, key: string): Promise<void>;
  /** Forgets a key, such as the failures of an account that has signed in. */
  reset(bucket: Bucket, key: string): Promise<void>;
  /** Of a shared bucket: until when each of these keys has no points left; the others are left out. */
  spentUntil(bucket: Bucket, keys: readonly string[]): Promise<Map<string, Date>>;
  /** Deletes the rows of windows that are over; a job calls it. */
  sweep(): Promise<void>;
}

export type Count = readonly [bucket: Bucket, key: string];

type LimitStore = Pick<Database, 'query'>;

export function rateLimits(db: LimitStore): RateLimits {
  const limiters = new Map<string, RateLimiterMemory | RateLimiterPostgres>();
  /** When the window ends of those who are over a shared limit. */
  const shield = new LRUCache<string, number>({ max: 20_000, ttl: SHIELD_MS });

  function limiterOf(bucket: Bucket): RateLimiterMemory | RateLimiterPostgres {
    const id = `${bucket.name}/${bucket.points}/${bucket.seconds}`;
    let limiter = limiters.get(id);
    if (!limiter) {
      limiter = bucket.counted === 'local' ? local(bucket) : shared(bucket, db);
      limiters.set(id, limiter);
    }
    return limiter;
  }

  async function consume(bucket: Bucket, key: string, points = 1): Promise<Allowance> {
    if (bucket.points === 0) return { remaining: Number.POSITIVE_INFINITY, resetSeconds: 0 };
    const stored = storedKey(bucket, key);
    const over = shield.get(stored);
    if (over !== undefined) throw new RateLimited({ retryAfter: seconds(over - Date.now()) });
    try {
      const result = await limiterOf(bucket).consume(key, points);
      return {
        remaining: result.remainingPoints,
        resetSeconds: seconds(result.msBeforeNext),
      };
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const { msBeforeNext } = error;
      if (bucket.counted === 'shared') shield.set(stored, Date.now() + msBeforeNext);
      throw new RateLimited({ retryAfter: seconds(msBeforeNext) });
    }
  }

  async function giveBack(bucket: Bucket, key: string): Promise<void> {
    if (bucket.points > 0) await limiterOf(bucket).reward(key);
  }

  return {
    consume,
    consumeAll: (counts) => consumeAll({ consume, giveBack }, counts),
    giveBack,
    async reset(bucket, key) {
      if (bucket.points === 0) return;
      await limiterOf(bucket).delete(key);
      shield.delete(storedKey(bucket, key));
    },
    spentUntil: (bucket, keys) => spentUntil(db, bucket, keys),
    async sweep() {
      await db.query('DELETE FROM rate_limits WHERE expire < $1', [Date.now()]);
    },
  };
}

/** What was taken back must be so on every instance within a second. */
const SHIELD_MS = 700;

async function consumeAll(
  { consume, giveBack }: Pick<RateLimits, 'consume' | 'giveBack'>,
  counts: readonly Count[],
): Promise<Allowance[]> {
  const consumed: Count[] = [];
  const left: Allowance[] = [];
  try {
    for (const [bucket, key] of counts) {
      left.push(await consume(bucket, key));
      consumed.push([bucket, key]);
    }
    return left;
  } catch (error) {
    if (error instanceof RateLimited)
      for (const [bucket, key] of consumed) await giveBack(bucket, key);
    throw error;
  }
}

async function spentUntil(
  db: LimitStore,
  bucket: Bucket,
  keys: readonly string[],
): Promise<Map<string, Date>> {
  const stored = new Map(keys.map((key) => [storedKey(bucket, key), key]));
  const values = [[...stored.keys()], bucket.points, Date.now()];
  const rows = await db.query<{ key: string; expire: string }>(SPENT, values);
  return new Map(rows.map(({ key, expire }) => [stored.get(key) ?? '', new Date(Number(expire))]));
}

const SPENT = `
SELECT key, expire::text AS expire FROM rate_limits
WHERE key = ANY ($1::text[]) AND points >= $2 AND expire > $3`;

/** As the library stores it. */
function storedKey({ name }: Bucket, key: string): string {
  return `${name}:${key}`;
}

/** What stands for a caller's address: IPv4 as it is, IPv6 as its /64, which is one customer's. */
export function addressKey(address: string | null): string {
  if (address === null) return 'unknown';
  if (!address.includes(':')) return address;
  if (!ipaddr.IPv6.isValid(address)) return 'unknown';
  const parsed = ipaddr.IPv6.parse(address);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  const [a = 0, b = 0, c = 0, d = 0] = parsed.parts;
  return `${a.toString(16)}:${b.toString(16)}:${c.toString(16)}:${d.toString(16)}::/64`;
}

function local({ name, points, seconds }: Bucket): RateLimiterMemory {
  return new RateLimiterMemory({ keyPrefix: name, points, duration: seconds });
}

function shared({ name, points, seconds }: Bucket, db: LimitStore): RateLimiterPostgres {
  return new RateLimiterPostgres({
    storeClient: storeClient(db),
    storeType: 'client',
    keyPrefix: name,
    tableName: 'rate_limits',
    tableCreated: true,
    // Its sweeper is a timer a bucket and instance; ours is one job.
    clearExpiredByTimeout: false,
    points,
    duration: seconds,
  });
}

/** The part of pg's client that the limiter uses; our database names its statements itself. */
function storeClient(db: LimitStore) {
  return {
    async query({ text, values }: { text: string; values?: unknown[] }) {
      const rows = await db.query(text, values);
      return { rows, rowCount: rows.length };
    },
  };
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
