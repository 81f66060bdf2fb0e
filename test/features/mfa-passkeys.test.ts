/** Signing in with a passkey: what is checked of an answer, once each, and that options tell nobody anything. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { enrolPasskey, passkeyOptions, verifyPasskey } from '#features/mfa/passkeys.commands.ts';
import { Authenticator, type Deviation } from '../kit/authenticator.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { alone, passkeysIn, second } from '../kit/passkeys.ts';

const house = await openHouse();
const { clock } = house;
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const { within, ask, answer, register, withPasskey, signIn } = await passkeysIn(house, make, acme);

const wrong = { ok: false, reason: 'WRONG' };
const spent = { ok: false, reason: 'SPENT' };
const { privateKey: otherKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('a passkey is added and signs in alone: its owner is told by the key', async () => {
  const user = await make.user(acme, { email: 'ada@example.com', displayName: 'Ada' });
  const device = new Authenticator(PUBLIC_URL);
  const { options, factorId, passkey, kept } = await register(user, device);
  expect(kept).toBe(true);
  expect(options).toMatchObject({
    rp: { id: 'id.signet.test', name: 'Acme' },
    user: { name: 'ada@example.com', displayName: 'Ada' },
    attestation: 'none',
    excludeCredentials: [],
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  });
  expect(Buffer.from(options.challenge, 'base64url')).toHaveLength(32);
  expect(passkey).toMatchObject({ counter: 1, transports: ['usb'], userVerified: true });
  const asked = alone();
  const request = await ask(asked);
  expect(request).toMatchObject({ rpId: 'id.signet.test', userVerification: 'required' });
  expect(request.allowCredentials).toBeUndefined();
  expect(await answer(asked, device.get(request))).toEqual({
    ok: true,
    userId: user.uuid,
    factorId,
    userVerified: true,
    amr: ['hwk', 'user'],
  });
  const again = await within((c) => enrolPasskey(c, user.uuid, 'Another'));
  expect(again.options.excludeCredentials).toEqual([
    {
      id: device.credentials[0]?.id.toString('base64url'),
      transports: ['usb'],
      type: 'public-key',
    },
  ]);
});

test('as a second factor it need not know its owner; a key that is backed up is no hardware', async () => {
  const owner = await withPasskey({ synced: true });
  const asked = second(owner);
  const request = await ask(asked);
  expect(request.userVerification).toBe('preferred');
  expect(request.allowCredentials).toHaveLength(1);
  const response = owner.device.get(request, { userVerified: false, userHandle: null });
  expect(await answer(asked, response)).toMatchObject({
    ok: true,
    userId: owner.user.uuid,
    userVerified: false,
    amr: ['swk', 'user'],
  });
  // It says 0 each time, which is no copy.
  expect(await signIn(owner)).toMatchObject({ ok: true });
  expect(await signIn(owner)).toMatchObject({ ok: true });
});

test.each<[string, Deviation]>([
  ['another origin', { origin: 'https://id.signet.test.evil.example' }],
  ['another port of ours', { origin: `${PUBLIC_URL}:8443` }],
  ['plain http', { origin: 'http://id.signet.test' }],
  ['a frame of another origin', { crossOrigin: true }],
  ['another relying party', { rpId: 'evil.example' }],
  ['the other ceremony', { type: 'webauthn.create' }],
  ['nobody there', { userPresent: false }],
  ['nobody verified', { userVerified: false }],
  ['another person named', { userHandle: randomBytes(16).toString('base64url') }],
  ['no person named', { userHandle: null }],
  ['another signature', { signature: sign('sha256', randomBytes(69), otherKey) }],
  ['hardware that can be backed up now', { backupEligible: true }],
])('B09 alone it is refused with %s', async (_what, deviation) => {
  const owner = await withPasskey();
  expect(await signIn(owner, alone(), deviation)).toEqual(wrong);
  expect(await signIn(owner)).toMatchObject({ ok: true });
});

test('B09 T13 an answer is good once, also twenty times at once', async () => {
  const owner = await withPasskey({ synced: true });
  const asked = alone();
  const response = owner.device.get(await ask(asked));
  const answers = await Promise.all(Array.from({ length: 20 }, () => answer(asked, response)));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(answers.filter((one) => !one.ok && one.reason === 'SPENT')).toHaveLength(19);
  expect(await answer(asked, response)).toEqual(spent);
});

test('B09 a challenge is ours, of this sign-in and purpose, the newest, and ten minutes old at most', async () => {
  const owner = await withPasskey();
  const asked = alone();
  const request = await ask(asked);
  const made = { challenge: randomBytes(32).toString('base64url') };
  expect(await answer(asked, owner.device.get(request, made))).toEqual(spent);
  for (const elsewhere of [alone(), { ...asked, purpose: 'STEP_UP' as const }, second(owner)])
    expect(await answer(elsewhere, owner.device.get(request))).toEqual(spent);
  const newer = await ask(asked);
  expect(await answer(asked, owner.device.get(request))).toEqual(spent);
  clock.advance(600_000);
  expect(await answer(asked, owner.device.get(newer))).toEqual(spent);
  const tenant = await make.tenant();
  const foreign = await contextOf(house, { tenantId: tenant.uuid, kind: 'anonymous' });
  const theirs = await call(foreign, (c) => passkeyOptions(c, asked), undefined);
  expect(await answer(asked, owner.device.get(theirs))).toEqual(spent);
  // Their tenant knows no such key.
  const verdict = await call(foreign, (c) => verifyPasskey(c, asked, owner.device.get(theirs)), 0);
  expect(verdict).toEqual(wrong);
});

test('B09 what was refused is spent too', async () => {
  const owner = await withPasskey();
  const asked = alone();
  const request = await ask(asked);
  expect(await answer(asked, owner.device.get(request, { userVerified: false }))).toEqual(wrong);
  expect(await answer(asked, owner.device.get(request))).toEqual(spent);
});

test("B09 another user's key is no second factor", async () => {
  const [owner, thief] = [await withPasskey(), await withPasskey()];
  const asked = second(owner);
  const [credential] = thief.device.credentials;
  if (!credential) throw new Error('no credential');
  for (const userHandle of [owner.device.credentials[0]?.userHandle ?? '', null]) {
    const response = thief.device.get(await ask(asked), { credential, userHandle });
    expect(await answer(asked, response)).toEqual(wrong);
  }
  expect(await signIn(owner, second(owner))).toMatchObject({ ok: true });
});

test('B09 a counter that does not grow tells a copy, whichever of two answers comes first', async () => {
  const owner = await withPasskey();
  expect(await signIn(owner, alone(), { counter: 10 })).toMatchObject({ ok: true });
  for (const counter of [10, 9, 0])
    expect(await signIn(owner, alone(), { counter })).toEqual({ ok: false, reason: 'COPIED' });
  expect(await signIn(owner, alone(), { counter: 11 })).toMatchObject({ ok: true });
  const both = [alone(), alone()];
  const answers = await Promise.all(both.map((asked) => signIn(owner, asked, { counter: 20 })));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  // A signature that is wrong moves nothing.
  await signIn(owner, alone(), { counter: 500, signature: randomBytes(70) });
  expect(await signIn(owner, alone(), { counter: 21 })).toMatchObject({ ok: true });
});

test('what is no answer at all is wrong, and spends nothing', async () => {
  const owner = await withPasskey();
  const asked = alone();
  const request = await ask(asked);
  const good = owner.device.get(request);
  const text = (json: string) => Buffer.from(json).toString('base64url');
  for (const odd of [
    null,
    'x',
    {},
    { ...good, id: 5 },
    { ...good, type: 'password' },
    { ...good, response: { ...good.response, signature: 'x'.repeat(5000) } },
    { ...good, response: { ...good.response, clientDataJSON: text('{') } },
    { ...good, response: { ...good.response, clientDataJSON: text('null') } },
    { ...good, response: { ...good.response, clientDataJSON: text('{"challenge":["x"]}') } },
  ])
    expect(await answer(asked, odd)).toEqual(wrong);
  expect(await answer(asked, good)).toMatchObject({ ok: true });
});

test('A13 options for nobody in particular are the same whoever is there', async () => {
  const bare = await make.tenant({ name: 'Acme' });
  const empty = await contextOf(house, { tenantId: bare.uuid, kind: 'anonymous' });
  const shape = ({ challenge, ...options }: Awaited<ReturnType<typeof ask>>) => [
    challenge.length,
    options,
  ];
  await withPasskey();
  const here = shape(await ask(alone()));
  const there = shape(await call(empty, (c) => passkeyOptions(c, alone()), undefined));
  expect(here).toEqual(there);
  const user = await make.user(acme);
  await expect(ask(second({ user }))).rejects.toMatchObject({ code: 'FACTOR_NOT_FOUND' });
});
