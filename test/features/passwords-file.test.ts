/** The operator's list of breached passwords: any size, searched on disk (A05). */
import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { passwordFile } from '#features/passwords/password-file.ts';
import { passwordProblems } from '#features/passwords/passwords.model.ts';
import { ConfigError } from '#kernel/config.ts';
import { Unavailable } from '#kernel/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-passwords-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function written(content: string | Buffer): string {
  files += 1;
  const path = join(folder, `list-${files}`);
  writeFileSync(path, content);
  return path;
}

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase();
const byBytes = (one: string, other: string) =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

const WORDS = Array.from({ length: 20_000 }, (_, n) => `breached password ${n}`);
const DIGESTS = WORDS.map((word) => ({ word, digest: sha1(word) })).sort((one, other) =>
  byBytes(one.digest, other.digest),
);
const text = (end: string, line: (digest: string, n: number) => string) =>
  DIGESTS.map(({ digest }, n) => line(digest, n)).join(end) + end;

test.each([
  ['as Have I Been Pwned gives it out', text('\r\n', (digest, n) => `${digest}:${n + 1}`)],
  ['with line feeds', text('\n', (digest, n) => `${digest}:${n + 1}`)],
  ['without counts, in lower case', text('\n', (digest) => digest.toLowerCase())],
  ['without a last line break', text('\n', (digest) => digest).trimEnd()],
])(
  'A05 SHA-1 digests %s: first, last and all between are found, nothing else',
  async (_, content) => {
    const list = await passwordFile(written(content));
    expect(content.length).toBeGreaterThan(10 * 65_536);
    const some = DIGESTS.filter((_, n) => n < 5 || n > DIGESTS.length - 5 || n % 97 === 0);
    for (const { word } of some) expect([word, await list.has(word)]).toEqual([word, true]);
    for (let n = 0; n < 200; n += 1) expect(await list.has(`another password ${n}`)).toBe(false);
    expect(await list.has(DIGESTS[0]?.digest ?? '')).toBe(false);
    expect(await list.has('')).toBe(false);
  },
);

test('A05 digests before the first and after the last line are absent', async () => {
  const [first, last] = [DIGESTS[0], DIGESTS.at(-1)];
  const inner = DIGESTS.slice(1, -1);
  const list = await passwordFile(written(inner.map(({ digest }) => `${digest}:1\n`).join('')));
  expect(await list.has(first?.word ?? '')).toBe(false);
  expect(await list.has(last?.word ?? '')).toBe(false);
  expect(await list.has(inner[0]?.word ?? '')).toBe(true);
  expect(await list.has(inner.at(-1)?.word ?? '')).toBe(true);
});

test('A05 passwords as they are, in the order of bytes', async () => {
  const words = [...WORDS, 'Zoë', 'naïve café', '日本語の秘密', 'ﬁn', '🦊', 'a', 'z'.repeat(4096)];
  const sorted = words.toSorted(byBytes);
  const list = await passwordFile(written(`${sorted.join('\n')}\n`));
  for (const word of ['Zoë', 'naïve café', '日本語の秘密', '🦊', 'a', 'z'.repeat(4096)])
    expect([word, await list.has(word)]).toEqual([word, true]);
  for (const word of WORDS.filter((_, n) => n % 401 === 0)) expect(await list.has(word)).toBe(true);
  for (const word of ['Zoe', 'zoë', '', 'breached', 'breached password 20000', '\n', 'Zoë\nZoë'])
    expect([word, await list.has(word)]).toEqual([word, false]);
});

test('A05 one line is a list too', async () => {
  const list = await passwordFile(written(`${sha1('only this one here')}:3`));
  const rules = { minLength: 15, known: [], lists: [list] };
  const [problem] = await passwordProblems('only this one here', rules);
  expect(problem?.reason).toBe('COMMON');
  expect(await passwordProblems('Only this one here', { ...rules })).toHaveLength(1);
  expect(await passwordProblems('only this one there', rules)).toEqual([]);
});

test.each([
  [
    'not sorted',
    `${DIGESTS.toReversed()
      .map(({ digest }) => digest)
      .join('\n')}\n`,
    'LC_ALL=C',
  ],
  [
    'sorted but for one part',
    (() => {
      const half = DIGESTS.length / 2;
      const swapped = [...DIGESTS.slice(half), ...DIGESTS.slice(0, half)];
      return swapped.map(({ digest }) => `${digest}\n`).join('');
    })(),
    'LC_ALL=C',
  ],
  ['of two kinds', `${sha1('one')}\nplain\n`, 'holds more than SHA-1 digests'],
  ['of NTLM hashes', `${'0'.repeat(32)}:1\n`, 'NTLM'],
  ['empty', '', 'holds no line'],
  ['one long line', 'x'.repeat(100_000), 'lines of more than'],
])('a file that is %s stops the start, and tells why', async (_, content, reason) => {
  const path = written(content);
  const failure = await passwordFile(path).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigError);
  expect((failure as Error).message).toContain(`BREACHED_PASSWORDS_FILE: ${path} `);
  expect((failure as Error).message).toContain(reason);
});

test('a file that is not there stops the start; one that goes away later lets no password pass', async () => {
  await expect(passwordFile(join(folder, 'none'))).rejects.toThrow(/cannot be read \(ENOENT/);
  const path = written(`${sha1('one')}\n`);
  const list = await passwordFile(path);
  const newer = written(`${sha1('two')}\n`);
  renameSync(newer, path);
  expect(await list.has('one')).toBe(false);
  expect(await list.has('two')).toBe(true);
  rmSync(path);
  const failure = await list.has('two').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Unavailable);
  expect((failure as Error).message).not.toContain(path);
});
