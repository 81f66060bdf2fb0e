/**
 * Owns how often. `local` buckets count in this process: general request rates, where a count per
 * instance is good enough and a statement a request is not. `shared` buckets count in the database:
 * guesses at secrets, which must not multiply with the instances. Before them stands a shield: who is
 * over a shared limit is refused from memory, for less than a second, so that what another instance
 * forgave is soon forgiven here.
 */
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Database } from '#kernel/db/database.ts';
import { RateLimited } from '#kernel/errors.ts';
import {
  addPoints,
  type Counted,
  type Counter,
  forget,
  settle,
  spent,
  sweep,
  takeBack,
} from './shared-counts.ts';

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
   * that nobody's count grows by what was never done. What is left of each, in their order. Shared
   * buckets are one statement.
   */
  consumeAll(counts: readonly Count[]): Promise<Allowance[]>;
  /** Takes back one point of each that was consumed for nothing, such as by a right guess. */
  giveBack(...counts: readonly Count[]): Promise<void>;
  /**
   * A right answer: of what was consumed together it forgets one, such as the failures of an account, and
   * gives one point of each of the others back. All are shared, and in the order in which they were
   * consumed. One statement, whose promise it answers, so that it can be the last one of a transaction.
   */
  settle(counts: readonly Count[], forgotten: Count): Promise<unknown>;
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
  const local = localCounts();
  const shared = sharedCounts(db);

  async function consumeAll(counts: readonly Count[]): Promise<Allowance[]> {
    const limited = counts.filter(([bucket]) => bucket.points > 0);
    const taken = limited.every(isShared) ? shared.take(limited, 1) : oneByOne(limited);
    const left = (await taken).values();
    return counts.map(([bucket]) => (bucket.points > 0 && left.next().value) || UNLIMITED);
  }

  async function oneByOne(counts: readonly Count[]): Promise<Allowance[]> {
    const left: Allowance[] = [];
    try {
      for (const [bucket, key] of counts) left.push(await consume(bucket, key));
      return left;
    } catch (error) {
      if (error instanceof RateLimited) await giveBack(...counts.slice(0, left.length));
      throw error;
    }
  }

  async function consume(bucket: Bucket, key: string, points = 1): Promise<Allowance> {
    if (bucket.points === 0) return UNLIMITED;
    if (!isShared([bucket, key])) return local.consume(bucket, key, points);
    const [left] = await shared.take([[bucket, key]], points);
    return left ?? UNLIMITED;
  }

  async function giveBack(...counts: readonly Count[]): Promise<void> {
    const limited = counts.filter(([bucket]) => bucket.points > 0);
    await takeBack(db, limited.filter(isShared).map(storedKey));
    for (const count of limited) if (!isShared(count)) await local.giveBack(...count);
  }

  return {
    consume,
    consumeAll,
    giveBack,
    settle: (counts, forgotten) => shared.settle(counts, forgotten),
    async reset(bucket, key) {
      if (bucket.points === 0) return;
      if (isShared([bucket, key])) await shared.forget([bucket, key]);
      else await local.forget(bucket, key);
    },
    async spentUntil(bucket, keys) {
      const stored = new Map(keys.map((key) => [storedKey([bucket, key]), key]));
      const until = await spent(db, [...stored.keys()], bucket.points);
      return new Map([...until].map(([key, date]) => [stored.get(key) ?? '', date]));
    },
    sweep: () => sweep(db),
  };
}

const UNLIMITED: Allowance = { remaining: Number.POSITIVE_INFINITY, resetSeconds: 0 };

/** What was taken back must be so on every instance within a second. */
const SHIELD_MS = 700;

function isShared([bucket]: Count): boolean {
  return bucket.counted === 'shared';
}

/** In the database, and the shield before it. */
function sharedCounts(db: LimitStore) {
  /** When the window ends of those who are over a shared limit. */
  const shield = new LRUCache<string, number>({ max: 20_000, ttl: SHIELD_MS });

  return {
    async take(counts: readonly Count[], points: number): Promise<Allowance[]> {
      if (counts.length === 0) return [];
      const keys = counts.map(storedKey);
      for (const key of keys) {
        const over = shield.get(key);
        if (over !== undefined) throw tooMany(over - Date.now());
      }
      const counted = await addPoints(db, counters(counts), points);
      const [last] = counted.slice(-1) as [Counted];
      const place = counted.length - 1;
      const leaves = (n: number, { points: spentOnes }: Counted) =>
        (counts[n]?.[0].points ?? 0) - spentOnes;
      if (leaves(place, last) < 0) {
        await takeBack(db, keys.slice(0, place));
        shield.set(keys[place] ?? '', last.expire);
        throw tooMany(last.expire - Date.now());
      }
      return counted.map((one, n) => ({
        remaining: leaves(n, one),
        resetSeconds: seconds(one.expire - Date.now()),
      }));
    },
    settle(counts: readonly Count[], forgotten: Count): Promise<unknown> {
      const gone = storedKey(forgotten);
      shield.delete(gone);
      const keys = counts.filter(([{ points }]) => points > 0).map(storedKey);
      return settle(db, keys, gone);
    },
    async forget(count: Count): Promise<void> {
      await forget(db, storedKey(count));
      shield.delete(storedKey(count));
    },
  };
}

function counters(counts: readonly Count[]): Counter[] {
  return counts.map(([bucket, key]) => ({
    key: storedKey([bucket, key]),
    limit: bucket.points,
    seconds: bucket.seconds,
  }));
}

/** In this process. */
function localCounts() {
  const limiters = new Map<string, RateLimiterMemory>();
  const limiterOf = ({ name, points, seconds: duration }: Bucket): RateLimiterMemory => {
    const id = `${name}/${points}/${duration}`;
    const known = limiters.get(id) ?? new RateLimiterMemory({ keyPrefix: name, points, duration });
    limiters.set(id, known);
    return known;
  };

  return {
    async consume(bucket: Bucket, key: string, points: number): Promise<Allowance> {
      try {
        const { remainingPoints, msBeforeNext } = await limiterOf(bucket).consume(key, points);
        return { remaining: remainingPoints, resetSeconds: seconds(msBeforeNext) };
      } catch (error) {
        throw error instanceof RateLimiterRes ? tooMany(error.msBeforeNext) : error;
      }
    },
    giveBack: (bucket: Bucket, key: string) => limiterOf(bucket).reward(key),
    forget: (bucket: Bucket, key: string) => limiterOf(bucket).delete(key),
  };
}

function tooMany(ms: number): RateLimited {
  return new RateLimited({ retryAfter: seconds(ms) });
}

function storedKey([{ name }, key]: Count): string {
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

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
