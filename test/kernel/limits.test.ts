import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RateLimited } from '#kernel/errors.ts';
import { addressKey, type Bucket, rateLimits } from '#kernel/limits.ts';

let engine: PGlite;
let statements = 0;
const store = {
  async query<Row>(text: string, values: unknown[] = []) {
    statements += 1;
    return (await engine.query<Row>(text, values)).rows;
  },
};

beforeAll(async () => {
  engine = await PGlite.create();
  await engine.exec('CREATE TABLE rate_limits (key text PRIMARY KEY, points int, expire bigint)');
});
afterAll(() => engine.close());

const kinds = ['local', 'shared'] as const;
const bucket = (counted: Bucket['counted'], name: string): Bucket => ({
  name: `${name} ${counted}`,
  counted,
  points: 3,
  seconds: 60,
});

test.each(kinds)('a %s bucket gives its points, then says when to come back', async (counted) => {
  const limits = rateLimits(store);
  const three = bucket(counted, 'give');
  const left: number[] = [];
  for (let n = 0; n < 3; n += 1) left.push((await limits.consume(three, 'ada')).remaining);
  expect(left).toEqual([2, 1, 0]);
  const refused = await limits.consume(three, 'ada').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RateLimited);
  expect((refused as RateLimited).retryAfter).toBeGreaterThan(0);
  expect((refused as RateLimited).retryAfter).toBeLessThanOrEqual(60);
  expect((await limits.consume(three, 'bob')).remaining).toBe(2);
});

test.each(kinds)('a %s bucket counts points together, and forgets when told', async (counted) => {
  const limits = rateLimits(store);
  const three = bucket(counted, 'together');
  await expect(limits.consume(three, 'ada', 4)).rejects.toThrow(RateLimited);
  await limits.reset(three, 'ada');
  expect((await limits.consume(three, 'ada', 2)).remaining).toBe(1);
});

test('a shared bucket is one for all instances, also when they ask at once', async () => {
  const three = bucket('shared', 'race');
  const instances = [rateLimits(store), rateLimits(store)];
  const answers = await Promise.allSettled(
    Array.from({ length: 50 }, (_, n) => instances[n % 2]?.consume(three, 'guess')),
  );
  expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(3);
});

test('who is over a shared limit costs the database nothing more', async () => {
  const limits = rateLimits(store);
  const three = bucket('shared', 'flood');
  await expect(limits.consume(three, 'ada', 4)).rejects.toThrow(RateLimited);
  statements = 0;
  for (let n = 0; n < 20; n += 1) {
    await expect(limits.consume(three, 'ada')).rejects.toThrow(RateLimited);
  }
  expect(statements).toBe(0);
});

test('a shared limit that cannot be counted refuses', async () => {
  const broken = rateLimits({ query: () => Promise.reject(new Error('database gone')) });
  await expect(broken.consume(bucket('shared', 'broken'), 'ada')).rejects.toThrow('database gone');
});

test('a bucket of no points has no limit', async () => {
  const free = { ...bucket('local', 'free'), points: 0 };
  expect((await rateLimits(store).consume(free, 'ada')).remaining).toBe(Number.POSITIVE_INFINITY);
});

test('windows that are over are swept', async () => {
  await store.query("INSERT INTO rate_limits VALUES ('old:ada', 1, 1)");
  await rateLimits(store).sweep();
  expect(await store.query("SELECT key FROM rate_limits WHERE key = 'old:ada'")).toEqual([]);
});

test.each([
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::ffff', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:0:0:0:9', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['192.0.2.7', '192.0.2.7'],
  ['not:an:address', 'unknown'],
  [null, 'unknown'],
])('H03 the address %s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
