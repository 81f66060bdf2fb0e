/** Adding a passkey: what is checked of a new key, and where we say that we are. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkRegistration } from '#features/mfa/passkey-ceremonies.ts';
import { enrolPasskey } from '#features/mfa/passkeys.commands.ts';
import { confirmPasskey } from '#features/mfa/passkeys.store.ts';
import { Authenticator, type Deviation } from '../kit/authenticator.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { type MadeUser, makers } from '../kit/make.ts';
import { alone, passkeysIn } from '../kit/passkeys.ts';
import { everythingStored, rows } from '../kit/stored.ts';

const house = await openHouse();
const { clock } = house;
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const { within, ask, register, withPasskey, signIn } = await passkeysIn(house, make, acme);

test.each<[string, Deviation]>([
  ['another origin', { origin: 'https://evil.example' }],
  ['another relying party', { rpId: 'evil.example' }],
  ['the other ceremony', { type: 'webauthn.get' }],
  ['a challenge of its own', { challenge: randomBytes(32).toString('base64url') }],
  ['a frame of another origin', { crossOrigin: true }],
  ['nobody there', { userPresent: false }],
  ['a kind of key that was not asked for', { algorithm: -36 }],
  ['certificates that nobody asked for', { attestation: 'certificate' }],
])('B09 a new key is refused with %s', async (_what, deviation) => {
  const { passkey } = await register(
    await make.user(acme),
    new Authenticator(PUBLIC_URL),
    deviation,
  );
  expect(passkey).toBeNull();
});

test('a key that attests for itself is taken', async () => {
  const owner = await withPasskey({}, { attestation: 'self' });
  expect(await signIn(owner)).toMatchObject({ ok: true });
});

test('B09 T08 a new key answers its own challenge, once, and is nobody else’s afterwards', async () => {
  const [user, other] = [await make.user(acme), await make.user(acme)];
  const device = new Authenticator(PUBLIC_URL);
  const { factorId, options } = await within((c) => enrolPasskey(c, user.uuid, 'Key'));
  const theirs = await within((c) => enrolPasskey(c, other.uuid, 'Key'));
  const response = device.create(options);
  const check = (owner: MadeUser, id: string) =>
    within((c) => checkRegistration(c, owner.uuid, id, response));
  expect(await check(other, theirs.factorId)).toBeNull();
  const checked = await Promise.all(Array.from({ length: 20 }, () => check(user, factorId)));
  const [passkey, ...more] = checked.filter((one) => one !== null);
  expect(more).toEqual([]);
  if (!passkey) throw new Error('none was taken');
  expect(await within((c) => confirmPasskey(c, user.uuid, factorId, passkey))).toBe(true);
  expect(await within((c) => confirmPasskey(c, user.uuid, factorId, passkey))).toBe(false);
  const again = within((c) => confirmPasskey(c, other.uuid, theirs.factorId, passkey));
  await expect(again).rejects.toMatchObject({ code: 'PASSKEY_TAKEN' });
});

test('origin and relying party come from the issuer of the tenant: a host of its own is another one', async () => {
  const own = await make.tenant({ host: 'login.acme.example' });
  const user = await make.user(own);
  const there = await contextOf(house, { tenantId: own.uuid, kind: 'anonymous' });
  const { factorId, options } = await call(there, (c) => enrolPasskey(c, user.uuid, 'Key'), 0);
  expect(options.rp.id).toBe('login.acme.example');
  const device = new Authenticator('https://login.acme.example');
  const response = device.create(options);
  const passkey = await call(there, (c) => checkRegistration(c, user.uuid, factorId, response), 0);
  expect(passkey).not.toBeNull();
});

test('B05 no challenge is stored, and what waits too long is not confirmed', async () => {
  const owner = await withPasskey();
  const asked = alone();
  const request = await ask(asked);
  const everywhere = (await everythingStored(house)).join('\n');
  const bytes = Buffer.from(request.challenge, 'base64url');
  for (const form of [request.challenge, bytes.toString('hex'), bytes.toString('base64')])
    expect(everywhere.includes(form)).toBe(false);
  const [row] = await rows<{ hash: string }>(
    house,
    acme.uuid,
    "SELECT hash FROM challenges WHERE flow_id = $1 AND kind = 'PASSKEY'",
    [asked.flowId],
  );
  expect(row?.hash).toMatch(/^[\w-]{43}$/);
  const pending = await within((c) => enrolPasskey(c, owner.user.uuid, 'Late'));
  const device = new Authenticator(PUBLIC_URL);
  const response = device.create(pending.options);
  clock.advance(600_000);
  const late = within((c) => checkRegistration(c, owner.user.uuid, pending.factorId, response));
  expect(await late).toBeNull();
});
