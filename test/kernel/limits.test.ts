import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RateLimited } from '#kernel/errors.ts';
import { addressKey, type Bucket, type Count, rateLimits } from '#kernel/limits.ts';
import { until } from '../kit/until.ts';

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

test('what one instance forgives, another one soon allows, and says no wrong time until then', async () => {
  const [one, other] = [rateLimits(store), rateLimits(store)];
  const three = bucket('shared', 'forgiven');
  const over = { code: 'RATE_LIMITED', retryAfter: 60 };
  for (const limits of [one, other])
    await expect(limits.consume(three, 'ada', 4)).rejects.toMatchObject(over);
  await expect(other.consume(three, 'ada')).rejects.toMatchObject(over);
  await one.reset(three, 'ada');
  expect((await one.consume(three, 'ada')).remaining).toBe(2);
  const soon = { timeout: 2000, what: 'another instance to allow it' };
  const allowed = await until(() => other.consume(three, 'ada').catch(() => null), soon);
  expect(allowed.remaining).toBe(1);
});

test('what was given back is not refused from memory for the rest of the window', async () => {
  const limits = rateLimits(store);
  const three = bucket('shared', 'given-back');
  await Promise.allSettled([1, 2, 3, 4].map(() => limits.consume(three, 'ada')));
  for (let n = 0; n < 4; n += 1) await limits.giveBack([three, 'ada']);
  await until(() => limits.consume(three, 'ada').catch(() => null), { timeout: 2000 });
});

test('of several limits, what the last refuses counts against none', async () => {
  const limits = rateLimits(store);
  const [first, last] = [bucket('shared', 'first'), { ...bucket('shared', 'last'), points: 1 }];
  const both = () =>
    limits.consumeAll([
      [first, 'ada'],
      [last, 'all'],
    ] as const);
  await both();
  for (let n = 0; n < 5; n += 1) await expect(both()).rejects.toThrow(RateLimited);
  expect((await limits.consume(first, 'ada')).remaining).toBe(1);
});

test('several limits are one statement, and so is what a right answer gives back', async () => {
  const limits = rateLimits(store);
  const [address, account, all] = ['address', 'account', 'all'].map(
    (name) => [bucket('shared', `settled ${name}`), 'ada'] as const,
  ) as [Count, Count, Count];
  await limits.consume(...account, 2);
  statements = 0;
  expect(await limits.consumeAll([address, account, all])).toMatchObject([
    { remaining: 2 },
    { remaining: 0 },
    { remaining: 2 },
  ]);
  await limits.settle([address, account, all], account);
  expect(statements).toBe(2);
  for (const one of [address, account, all])
    expect((await limits.consume(...one)).remaining).toBe(2);
});

test('what is given back after its window has ended, or was forgotten, makes no guess more', async () => {
  const limits = rateLimits(store);
  const count: Count = [bucket('shared', 'late'), 'ada'];
  await limits.consume(...count);
  await store.query('UPDATE rate_limits SET expire = 1 WHERE key = $1', ['late shared:ada']);
  await limits.giveBack(count);
  expect((await limits.consume(...count)).remaining).toBe(2);
  await limits.reset(...count);
  await limits.giveBack(count);
  expect((await limits.consume(...count)).remaining).toBe(2);
});

test('of several limits none is passed, also when many ask at once', async () => {
  const instances = [rateLimits(store), rateLimits(store)];
  const [own, shared] = [bucket('shared', 'own'), { ...bucket('shared', 'of all'), points: 20 }];
  const ask = (n: number) =>
    instances[n % 2]?.consumeAll([
      [own, `person ${n % 10}`],
      [shared, 'all'],
    ]);
  const answers = await Promise.allSettled(Array.from({ length: 100 }, (_, n) => ask(n)));
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
});

test('who has no points left, and until when', async () => {
  const limits = rateLimits(store);
  const three = bucket('shared', 'spent');
  await limits.consume(three, 'ada', 3);
  await limits.consume(three, 'bob', 2);
  const spent = await limits.spentUntil(three, ['ada', 'bob', 'carol']);
  expect([...spent.keys()]).toEqual(['ada']);
  expect(spent.get('ada')?.getTime()).toBeGreaterThan(Date.now());
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
