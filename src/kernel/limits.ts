/**
 * Owns how often. `local` buckets count in this process: general request rates, where a count per
 * instance is good enough and a statement a request is not. `shared` buckets count in the database:
 * guesses at secrets, which must not multiply with the instances.
 */
import ipaddr from 'ipaddr.js';
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
  /** Takes back one point that was consumed for nothing, such as a right guess. */
  giveBack(bucket: Bucket, key: string): Promise<void>;
  /** Forgets a key, such as the failures of an account that has signed in. */
  reset(bucket: Bucket, key: string): Promise<void>;
  /** Deletes the rows of windows that are over; a job calls it. */
  sweep(): Promise<void>;
}

type LimitStore = Pick<Database, 'query'>;

export function rateLimits(db: LimitStore): RateLimits {
  const limiters = new Map<string, RateLimiterMemory | RateLimiterPostgres>();

  function limiterOf(bucket: Bucket): RateLimiterMemory | RateLimiterPostgres {
    const id = `${bucket.name}/${bucket.points}/${bucket.seconds}`;
    let limiter = limiters.get(id);
    if (!limiter) {
      limiter = bucket.counted === 'local' ? local(bucket) : shared(bucket, db);
      limiters.set(id, limiter);
    }
    return limiter;
  }

  return {
    async consume(bucket, key, points = 1) {
      if (bucket.points === 0) return { remaining: Number.POSITIVE_INFINITY, resetSeconds: 0 };
      try {
        const result = await limiterOf(bucket).consume(key, points);
        return { remaining: result.remainingPoints, resetSeconds: seconds(result) };
      } catch (error) {
        if (error instanceof RateLimiterRes) throw new RateLimited({ retryAfter: seconds(error) });
        throw error;
      }
    },
    async giveBack(bucket, key) {
      if (bucket.points > 0) await limiterOf(bucket).reward(key);
    },
    async reset(bucket, key) {
      if (bucket.points > 0) await limiterOf(bucket).delete(key);
    },
    async sweep() {
      await db.query('DELETE FROM rate_limits WHERE expire < $1', [Date.now()]);
    },
  };
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
    // A key that is over its limit costs no further statement on this instance.
    inMemoryBlockOnConsumed: points + 1,
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

function seconds(result: RateLimiterRes): number {
  return Math.max(1, Math.ceil(result.msBeforeNext / 1000));
}
