/** Which new passwords are good enough (A01, A02, A04, A05, A06). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commonPasswords } from '#features/passwords/common-passwords.ts';
import {
  newPassword,
  type PasswordList,
  passwordProblems,
} from '#features/passwords/passwords.model.ts';

const lists = [commonPasswords];
const ACME = ['Acme', 'acme', 'ada.lovelace@mail.acme-labs.example', 'Ada Lovelace', null];

async function reasons(password: string, rules: { minLength?: number; known?: typeof ACME } = {}) {
  const { minLength = 15, known = [] } = rules;
  const problems = await passwordProblems(password, { minLength, known, lists });
  for (const { message } of problems) expect(message).toMatch(/^must /);
  return problems.map(({ reason }) => reason);
}

test('A01 alone a password has 15 characters, beside a second factor 8', async () => {
  const text = 'xkvq pmwz jyth brfn';
  expect(await reasons(text.slice(0, 14))).toEqual(['TOO_SHORT']);
  expect(await reasons(text.slice(0, 15))).toEqual([]);
  const minLength = 8;
  expect(await reasons(text.slice(0, 7), { minLength })).toEqual(['TOO_SHORT']);
  expect(await reasons(text.slice(0, 8), { minLength })).toEqual([]);
});

test('A01 a character is a code point, however it is sent', async () => {
  const signs = [...'😀🎈🐙🚲🌵🎻🧭🪁🍋🦊🛶🎲🪴🧩🥁'];
  expect(await reasons(signs.join(''))).toEqual([]);
  expect(await reasons(signs.slice(1).join(''))).toEqual(['TOO_SHORT']);
  const decomposed = 'e\u0323\u0302o\u0323\u0302a\u0323\u0302i\u0323u\u0323y\u0323';
  expect([...decomposed]).toHaveLength(15);
  expect(await reasons(decomposed)).toEqual(['TOO_SHORT']);
});

test.each([
  'aaaaabbbbbccccc',
  'purple lanterns drift',
  'all lower case and nothing else',
  '8203 1740 9536 2718',
  '                x                ',
  'ΚΑΛΗΜΕΡΑ στον κόσμο',
  'dragon football monkey sunshine',
])('A02 no kind of character is asked for: %s', async (password) => {
  expect(await reasons(password)).toEqual([]);
});

test('A04 64 characters and 4096 bytes are taken, more is told without looking further', async () => {
  expect(await reasons('long enough, and 64 characters of it too: one two three four fiv')).toEqual(
    [],
  );
  const asked: string[] = [];
  const list: PasswordList = { has: async (text) => asked.push(text) < 0 };
  const rules = { minLength: 15, known: ACME, lists: [list] };
  expect(await passwordProblems(`${'ab c'.repeat(1023)}defg`, rules)).toEqual([]);
  expect(asked).not.toEqual([]);
  asked.length = 0;
  for (const long of ['x'.repeat(4097), '€'.repeat(1366), 'x'.repeat(1_000_000)])
    expect(await passwordProblems(long, rules)).toEqual([
      { reason: 'TOO_LONG', message: 'must have at most 4096 bytes' },
    ]);
  expect(asked).toEqual([]);
});

const common = JSON.parse(
  readFileSync(
    new URL(import.meta.resolve('@zxcvbn-ts/language-common/src/passwords.json')),
    'utf8',
  ),
) as string[];

test('A05 the first 3000 of the list are refused, where 8 characters are enough as well', async () => {
  const long = common.slice(0, 3000).filter((word) => word.length >= 8);
  expect(long.length).toBeGreaterThan(500);
  for (const word of common.slice(0, 3000))
    expect(await reasons(word, { minLength: 8 })).toContain(
      word.length >= 8 ? 'COMMON' : 'TOO_SHORT',
    );
}, 60_000);

test('A05 twenty of those with 15 characters and more', async () => {
  const long = common.filter((word) => word.length >= 15);
  expect(long.length).toBeGreaterThanOrEqual(20);
  for (const word of long) expect(await reasons(word)).toEqual(['COMMON']);
});

test.each([
  ['in capitals', 'PASSWORDPASSWORD'],
  ['in full width', 'ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ'],
  ['repeated', 'letmeinletmeinletmein'],
  ['repeated and broken off', '123456789012345'],
  ['one character', 'zzzzzzzzzzzzzzzzzzzz'],
  ['two characters', 'xyxyxyxyxyxyxyxyxyxy'],
  ['a run up', 'abcdefghijklmnopq'],
  ['a run down', 'zyxwvutsrqponmlkj'],
])('A05 a common password %s', async (_, password) => {
  expect(await reasons(password)).toEqual(['COMMON']);
});

test('A05 what merely looks like the list is not on it', async () => {
  for (const password of ['"123456","password","12345678"', 'assword","12345', '","12345678","'])
    expect(await reasons(password, { minLength: 8 })).toEqual([]);
});

test('A05 every list is asked, and one that cannot be read lets nothing pass', async () => {
  const asked: string[] = [];
  const list: PasswordList = {
    has: async (text) => asked.push(text) > 0 && text === 'Tr0ub4dor&3 Tr0ub4dor',
  };
  const rules = { minLength: 15, known: [], lists: [commonPasswords, list] };
  expect((await passwordProblems('Tr0ub4dor&3 Tr0ub4dor', rules))[0]?.reason).toBe('COMMON');
  const broken: PasswordList = { has: () => Promise.reject(new Error('gone')) };
  await expect(
    passwordProblems('purple lanterns drift', { ...rules, lists: [broken] }),
  ).rejects.toThrow('gone');
});

test.each([
  ['the tenant', 'AcmeAcmeAcme2026'],
  ['the tenant, spelled otherwise', 'ＡＣＭＥ-acme-ACME-26'],
  ['the user', 'lovelace.ada.1815'],
  ['the address', 'labs@labs.example'],
  ['the product', 'Signet-Signet-2026'],
  ['the tenant and a common password', 'Acme 1234567890 acme'],
])('A06 a password made of the name of %s', async (_, password) => {
  expect(await reasons(password, { known: ACME })).toContain('KNOWN_WORDS');
});

test.each([
  'purple lanterns of Acme drift',
  'the lovelace engine counts to seven',
  'canada adapts: ada is short',
  'drum acm ember twelve',
])('A06 the rest is strong without the known words: %s', async (password) => {
  expect(await reasons(password, { known: ACME })).toEqual([]);
});

test('A06 the rest must be as long as the policy says, and not common', async () => {
  const known = ACME;
  expect(await reasons('acme-lovelace-x9', { known, minLength: 8 })).toEqual(['KNOWN_WORDS']);
  expect(await reasons('acmefootball', { known, minLength: 8 })).toEqual(['KNOWN_WORDS']);
  expect(await reasons('acme-x9vtq4k', { known, minLength: 8 })).toEqual([]);
  expect(await reasons('acme-x9vtq4k', { known })).toEqual(['TOO_SHORT', 'KNOWN_WORDS']);
});

test('the shape of a new password takes it as it is', () => {
  for (const password of [' two  spaces ', 'nul \0 inside', 'x', 'x'.repeat(4096)])
    expect(newPassword.parse(password)).toBe(password);
  const message = (text: string) => newPassword.safeParse(text).error?.issues[0]?.message;
  expect(message('')).toBe('must not be empty');
  expect(message('x'.repeat(1_000_000))).toBe('must have at most 4096 bytes');
  expect(message('\ud83d')).toBe('must not contain half of a surrogate pair');
});
