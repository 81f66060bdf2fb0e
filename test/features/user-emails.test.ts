/** E-mail addresses: which are one, which are two, and which are none (H12, T29). */
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { asOwner, rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

interface User {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
}

const create = (email: string) =>
  mutate<{ user: User }>(acme, 'createUser', { email }, 'user { id email emailVerified }');

/** Spellings of one address each. */
const SAME: readonly (readonly string[])[] = [
  [
    'ada@example.com',
    'ADA@EXAMPLE.COM',
    ' Ada@Example.Com ',
    'ａｄａ@example.com',
    'ada@ｅxample.com',
  ],
  [
    'grace@bücher.example',
    'Grace@xn--bcher-kva.example',
    'grace@BÜCHER.example',
    'grace@bu\u0308cher.example',
  ],
  ['kay@\u212Aelvin.example', '\u212Aay@kelvin.example', 'kay@kelvin.example'],
  ['fi@ligature.example', '\uFB01@ligature.example'],
  ['straße@x.example', 'STRAßE@x.example'],
  ["o'hara+a@x.example", "O'Hara+A@x.example"],
];

test('T29 spellings of one address are one user: case, NFKC, punycode', async () => {
  for (const [first = '', ...others] of SAME) {
    expect((await create(first)).code).toBeUndefined();
    for (const other of others)
      expect([other, (await create(other)).code]).toEqual([other, 'EMAIL_TAKEN']);
  }
  const rest = await acme.rest<{ code: string }>('POST', '/v1/users', {
    body: { email: 'ADA@example.COM' },
  });
  expect([rest.status, rest.body.code]).toEqual([409, 'EMAIL_TAKEN']);
});

test('T29 addresses that differ stay two: plus, dots, dotless i, another tenant', async () => {
  const distinct = [
    'bob@x.example',
    'bob+1@x.example',
    'b.ob@x.example',
    'bıll@x.example',
    'bill@x.example',
  ];
  for (const address of distinct)
    expect([address, (await create(address)).user?.email]).toEqual([address, address]);
  const other = await make.tenant();
  expect((await mutate(other, 'createUser', { email: 'bob@x.example' })).code).toBeUndefined();
});

/** Everything that a mailer, a header or a person could read as another address than was stored. */
const NONE = [
  '',
  ' ',
  'ada',
  '@example.com',
  'ada@',
  'ada@@example.com',
  'a@x.example,b@y.example',
  'a@x.example;b@y.example',
  'a@x.example b@y.example',
  'Ada <ada@example.com>',
  '<ada@example.com>',
  '"evil@attacker.example"@example.com',
  '"ada"@example.com',
  'ada(comment)@example.com',
  'ada@example.com(comment)',
  'ada@example.com\r\nBcc: all@example.com',
  'ada@exam\nple.com',
  'ada@exam\tple.com',
  'ada@exam\rple.com',
  'a\nda@example.com',
  'ada\u0000@example.com',
  'ada@example\u0000.com',
  'ada@example.com/path',
  'ada@example.com?subject=x',
  'ada@example.com#x',
  'ada@example.com:25',
  'ada@user:pw@example.com',
  'ada@ex%61mple.com',
  'ada@example.com\\@attacker.example',
  'ada@[127.0.0.1]',
  'ada@127.0.0.1',
  'ada@0x7f.1',
  'ada@2130706433',
  'ada@[IPv6:::1]',
  '.ada@example.com',
  'ada.@example.com',
  'a..da@example.com',
  'ada@example..com',
  'ada@-example.com',
  'ada@example-.com',
  'ada@exa_mple.com',
  'ada@example.com.',
  'ada@xn--.example',
  `${'a'.repeat(65)}@example.com`,
  `ada@${'a'.repeat(64)}.example`,
  `ada@${'a.'.repeat(126)}example`,
  'ada\uFF20example.com',
  'ada\u200B@example.com',
  'ada\u202E@example.com',
  'ada\uFE0F@example.com',
  'ada@exam\u200Bple.com',
  'ada@exam\u00ADple.com',
];

test('H12 what is not one plain address is refused, and nothing is stored', async () => {
  const count = () => rows(house, acme.uuid, 'SELECT count(*) AS n FROM users');
  const before = await count();
  const taken: string[] = [];
  for (const email of NONE) {
    const { code, fields } = await create(email);
    if (code !== 'INVALID_INPUT' || fields?.[0]?.path !== 'email') taken.push(`${email} ${code}`);
  }
  expect(taken).toEqual([]);
  const rest = await acme.rest<{ errors: object[] }>('POST', '/v1/users', {
    body: { email: 'a@x.example\r\nBcc: b@y.example' },
  });
  expect([rest.status, rest.body.errors]).toEqual([
    422,
    [{ pointer: '#/email', detail: expect.stringContaining('ada@example.com') }],
  ]);
  expect(await count()).toEqual(before);
});

test('a new address is unverified, another spelling of a verified one stays verified', async () => {
  const { id, uuid } = await make.user(acme, { email: 'verified@example.com' });
  await asOwner(house, acme.uuid, `UPDATE users SET email_verified = true WHERE id = '${uuid}'`);
  const change = async (email: string) =>
    (
      await mutate<{ user: User }>(
        acme,
        'updateUser',
        { id, email },
        'user { email emailVerified }',
      )
    ).user;
  expect(await change('Verified@Example.com')).toEqual({
    email: 'Verified@Example.com',
    emailVerified: true,
  });
  expect(await change('other@example.com')).toEqual({
    email: 'other@example.com',
    emailVerified: false,
  });
});

test('an update cannot take the address of another user, and frees its own', async () => {
  const one = await make.user(acme, { email: 'one@example.com' });
  const two = await make.user(acme, { email: 'two@example.com' });
  const change = (id: string, email: string) => mutate(acme, 'updateUser', { id, email });
  expect((await change(two.id, 'ONE@example.com')).code).toBe('EMAIL_TAKEN');
  expect((await change(one.id, 'three@example.com')).code).toBeUndefined();
  expect((await change(two.id, 'One@Example.com')).code).toBeUndefined();
});

test('of many who ask for one address at once, one gets it', async () => {
  const codes = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      create(n % 2 ? 'race@example.com' : 'RACE@example.com').then(({ code }) => code ?? 'made'),
    ),
  );
  expect(codes.sort()).toEqual([...Array(11).fill('EMAIL_TAKEN'), 'made']);
});
