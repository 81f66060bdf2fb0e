/** What is stored for a password, and which passwords it lets in (A03, A04, A09). */
import { expect, test } from 'vitest';
import {
  hashPassword,
  verifyNothing,
  verifyPassword,
} from '#features/passwords/password-hashes.ts';
import { DEFAULT_HASH_COST, hashCost } from '#features/passwords/passwords.model.ts';
import { hashingQueue, type Queue } from '#kernel/crypto/hashing-queue.ts';
import { InvalidInput, Unavailable } from '#kernel/errors.ts';

/** The least that Argon2 can do: these tests are about texts, not about time. */
const CHEAP = { memoryKiB: 8, iterations: 1, parallelism: 1 };
const PHRASE = 'correct horse battery staple';

const store = (password: string) => hashPassword(password, CHEAP);
const opens = async (password: string, stored: string) =>
  (await verifyPassword(password, stored, CHEAP)).ok;

/** Counts what is hashed; nothing but the queue starts any work. */
function counted(): Queue & { runs: number } {
  const queue = hashingQueue();
  return {
    runs: 0,
    run(work, signal) {
      this.runs += 1;
      return queue.run(work, signal);
    },
  };
}

test('A09 by default a PHC text of Argon2id, 19 MiB and two passes, with a salt of its own', async () => {
  const [one, two] = await Promise.all([
    hashPassword(PHRASE, DEFAULT_HASH_COST),
    hashPassword(PHRASE, DEFAULT_HASH_COST),
  ]);
  const form = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;
  expect(one).toMatch(form);
  expect(two).toMatch(form);
  expect(one.split('$')[4]).not.toBe(two.split('$')[4]);
  expect(one.split('$')[5]).not.toBe(two.split('$')[5]);
  const right = { ok: true, outdated: false, unreadable: false };
  expect(await verifyPassword(PHRASE, one, DEFAULT_HASH_COST)).toEqual(right);
  expect(await verifyPassword(PHRASE, two, DEFAULT_HASH_COST)).toEqual(right);
});

test('A09 a policy may cost more, up to what is still read', async () => {
  expect(hashCost.safeParse({ ...DEFAULT_HASH_COST, memoryKiB: 19_455 }).success).toBe(false);
  expect(hashCost.safeParse({ ...DEFAULT_HASH_COST, iterations: 1 }).success).toBe(false);
  const most = hashCost.parse({ memoryKiB: 131_072, iterations: 4, parallelism: 4 });
  expect(await verifyNothing(PHRASE, most)).toEqual({
    ok: false,
    outdated: false,
    unreadable: false,
  });
  const queue = counted();
  for (const beyond of [{ memoryKiB: 131_073 }, { iterations: 5 }, { parallelism: 17 }])
    await expect(hashPassword(PHRASE, { ...most, ...beyond }, { queue })).rejects.toThrow(
      /at most/,
    );
  expect(queue.runs).toBe(0);
});

const SEVENTY_TWO = 'a'.repeat(72);

test.each([
  ['the first 72 bytes of 73', `${SEVENTY_TWO}b`, SEVENTY_TWO],
  ['the first 72 bytes and another one', `${SEVENTY_TWO}b`, `${SEVENTY_TWO}c`],
  ['all but the last of 4096 bytes', 'a'.repeat(4096), 'a'.repeat(4095)],
  ['no space at the end', `${PHRASE} `, PHRASE],
  ['a space at the end', PHRASE, `${PHRASE} `],
  ['no space at the start', ` ${PHRASE}`, PHRASE],
  ['no line break at the end', `${PHRASE}\n`, PHRASE],
  ['one space of two', 'correct  horse battery', 'correct horse battery'],
  ['upper case', PHRASE, PHRASE.toUpperCase()],
  ['what stands before a NUL', `${PHRASE}\0tail`, PHRASE],
  ['another tail after a NUL', `${PHRASE}\0tail`, `${PHRASE}\0tale`],
  ['an accent less', 'crème brûlée forever', 'creme brulee forever'],
  ['compatibility forms', 'ﬁve ① stars tonight', 'five 1 stars tonight'],
  ['full width', 'ｐａｓｓphrase of mine', 'passphrase of mine'],
  ['a zero-width joiner less', 'pass\u200dphrase of mine', 'passphrase of mine'],
])('A03 %s does not open', async (_, password, other) => {
  const stored = await store(password);
  expect(await opens(password, stored)).toBe(true);
  expect(await opens(other, stored)).toBe(false);
});

test('A03 a character that keyboards send in two ways is one', async () => {
  const [composed, decomposed] = ['Zo\u00eb \u1ec7 staple', 'Zoe\u0308 e\u0323\u0302 staple'];
  for (const one of [composed, decomposed]) {
    const verdict = { ok: true, outdated: false, unreadable: false };
    const stored = await store(one);
    expect(await verifyPassword(composed, stored, CHEAP)).toEqual(verdict);
    expect(await verifyPassword(decomposed, stored, CHEAP)).toEqual(verdict);
  }
});

test('A04 4096 bytes are taken; more are refused before anything is hashed', async () => {
  const queue = counted();
  const longest = `${'€'.repeat(1365)}x`;
  const stored = await hashPassword(longest, CHEAP, { queue });
  expect((await verifyPassword(longest, stored, CHEAP, { queue })).ok).toBe(true);
  expect(queue.runs).toBe(2);
  for (const long of [`${longest}x`, 'x'.repeat(1_000_000), '€'.repeat(1_000_000)]) {
    await expect(hashPassword(long, CHEAP, { queue })).rejects.toThrow(InvalidInput);
    await expect(hashPassword(long, CHEAP, { queue })).rejects.not.toThrow(long.slice(0, 20));
    const no = { ok: false, outdated: false, unreadable: false };
    expect(await verifyPassword(long, stored, CHEAP, { queue })).toEqual(no);
    expect(await verifyNothing(long, CHEAP, { queue })).toEqual(no);
  }
  expect(queue.runs).toBe(2);
});

test('half of a surrogate pair is no password, since all halves have the same bytes', async () => {
  const stored = await store('smile \ufffd');
  expect(await opens('smile \ud83d', stored)).toBe(false);
  await expect(store('smile \ud83d')).rejects.toThrow(/must not contain half/);
});

test('A09 a hash of another cost, scheme or salt length is outdated once the password is right', async () => {
  const policy = { memoryKiB: 16, iterations: 2, parallelism: 1 };
  const outdated = async (stored: string, password = PHRASE) => {
    const verdict = await verifyPassword(password, stored, policy);
    return verdict.ok ? verdict.outdated : 'refused';
  };
  expect(await outdated(await hashPassword(PHRASE, policy))).toBe(false);
  const others = [{ memoryKiB: 8 }, { memoryKiB: 32 }, { iterations: 1 }, { iterations: 3 }];
  for (const other of [...others, { parallelism: 2 }])
    expect(await outdated(await hashPassword(PHRASE, { ...policy, ...other }))).toBe(true);
  expect(await outdated(await hashPassword(PHRASE, CHEAP), 'wrong')).toBe('refused');
});

test('A13 an unknown account costs one hash, as a known one does, and lets nobody in', async () => {
  const stored = await store(PHRASE);
  for (const password of [PHRASE, '', 'Zoe\u0308']) {
    const [known, unknown] = [counted(), counted()];
    await verifyPassword(password, stored, CHEAP, { queue: known });
    const verdict = await verifyNothing(password, CHEAP, { queue: unknown });
    expect(verdict).toEqual({ ok: false, outdated: false, unreadable: false });
    expect([known.runs, unknown.runs]).toEqual([1, 1]);
  }
});

test.each([
  '',
  'plain text',
  '$argon2id$v=19$m=8,t=1,p=1$$',
  '$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$',
  '$argon2id$v=19$m=4294967295,t=1,p=1$c2l4dGVlbiBieXRlIHNsdA$AwCv4kyFQxH6mR17IzJZ9GWnjmxgGvxuCW7kPO0HrQk',
  '$2b$31$HEBhxBCNFetA74ZC5hhzLucApvhDmZ1GLSrBZsjartUyhBDJlVOB2',
  `$argon2id$v=19$m=8,t=1,p=1$${'A'.repeat(100_000)}`,
])(
  'a stored text that is no hash is told, after the same work, and throws nothing: %.40s',
  async (stored) => {
    const queue = counted();
    const verdict = await verifyPassword(PHRASE, stored, CHEAP, { queue });
    expect(verdict).toEqual({ ok: false, outdated: false, unreadable: true });
    expect(queue.runs).toBe(1);
  },
);

test('a full queue is told to whoever hashes and whoever verifies', async () => {
  const queue = hashingQueue({ width: 1, patienceMs: 0 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const running = queue.run(() => promise);
  const options = { queue, signal: AbortSignal.timeout(10_000) };
  await expect(hashPassword(PHRASE, CHEAP, options)).rejects.toThrow(Unavailable);
  await expect(verifyPassword(PHRASE, '', CHEAP, options)).rejects.toThrow(Unavailable);
  await expect(verifyNothing(PHRASE, CHEAP, options)).rejects.toThrow(Unavailable);
  resolve();
  await running;
});
