/** Each kind of factor from its adding to its removal, and how many there may and must be. */
import { expect, test } from 'vitest';
import { confirmFactor, removeFactor } from '#features/mfa/confirmations.commands.ts';
import { enrolFactor, regenerateBackupCodes, sendFactorCode } from '#features/mfa/mfa.commands.ts';
import { factorDemand } from '#features/mfa/mfa.policy.ts';
import { signInPolicyOf } from '#features/sign-in-policies/sign-in-policies.queries.ts';
import { encodeId } from '#kernel/ids.ts';
import { Authenticator } from '../kit/authenticator.ts';
import { call } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { type MadeUser, makers } from '../kit/make.ts';
import { newestCode, otherThan } from '../kit/phones.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const { clock } = house;
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const { as, addApp, messagesTo, liveSessions, demand } = factorsOf(house, acme);
const missing = { code: 'FACTOR_NOT_FOUND' };
const wrong = { code: 'WRONG_ANSWER' };

async function enrol(user: MadeUser, input: object): Promise<string> {
  const made = await call(await as(user), enrolFactor, { name: 'Mine', ...input });
  return encodeId('factor', made.factorId);
}
const confirm = async (user: MadeUser, input: object) =>
  call(await as(user), confirmFactor, input as { id: string });
const remove = async (user: MadeUser, id: string) => call(await as(user), removeFactor, { id });

test('SMS: a number is written as people write it, and shown to be theirs by a code', async () => {
  const user = await make.user(acme);
  const id = await enrol(user, { kind: 'SMS', address: ' +49 (151) 1234-5678 ' });
  const sent = await call(await as(user), sendFactorCode, { id });
  expect(sent.sentTo).toBe('•••78');
  const code = newestCode(house);
  for (let n = 0; n < 9; n += 1)
    await expect(confirm(user, { id, code: otherThan(code) })).rejects.toMatchObject(wrong);
  const { factor } = await confirm(user, { id, code });
  expect(factor).toMatchObject({ kind: 'SMS', name: 'Mine' });
  await expect(confirm(user, { id, code })).rejects.toMatchObject(missing);
  expect(await messagesTo(user)).toEqual(['factor-added']);
});

test('B04 after ten answers the right one confirms nothing', async () => {
  const user = await make.user(acme);
  const id = await enrol(user, { kind: 'SMS', address: '+4915112345679' });
  await call(await as(user), sendFactorCode, { id });
  const code = newestCode(house);
  for (let n = 0; n < 10; n += 1)
    await expect(confirm(user, { id, code: otherThan(code) })).rejects.toMatchObject(wrong);
  await expect(confirm(user, { id, code })).rejects.toMatchObject(wrong);
});

test("EMAIL: the account's own address unless another is given", async () => {
  const user = await make.user(acme, { email: 'Ada.Own@Example.COM' });
  const own = await enrol(user, { kind: 'EMAIL' });
  const sent = await call(await as(user), sendFactorCode, { id: own });
  expect(sent.sentTo).toBe('a•••@example.com');
  const other = await enrol(user, { kind: 'EMAIL', address: 'ada@elsewhere.example' });
  const there = await call(await as(user), sendFactorCode, { id: other });
  expect(there.sentTo).toBe('a•••@elsewhere.example');
  await expect(call(await as(user), sendFactorCode, { id: own })).rejects.toMatchObject(missing);
});

test.each([
  [{ kind: 'SMS' }],
  [{ kind: 'SMS', address: '0151 12345678' }],
  [{ kind: 'SMS', address: '+49151123456789012' }],
  [{ kind: 'SMS', address: 'ada@example.com' }],
  [{ kind: 'EMAIL', address: '+4915112345678' }],
  [{ kind: 'EMAIL', address: 'ada@example.com, eve@example.com' }],
  [{ kind: 'TOTP', address: 'ada@example.com' }],
])('%j is refused at its address', async (input) => {
  const user = await make.user(acme);
  await expect(enrol(user, input)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    fields: [{ path: 'address' }],
  });
});

test('PASSKEY: options for the browser, and its answer', async () => {
  const user = await make.user(acme);
  const ctx = await as(user);
  const made = await call(ctx, enrolFactor, { kind: 'PASSKEY', name: 'Key' });
  if (!made.creationOptions) throw new Error('no options');
  const device = new Authenticator(PUBLIC_URL, { synced: true });
  const id = encodeId('factor', made.factorId);
  const evil = device.create(made.creationOptions, { origin: 'https://evil.example' });
  await expect(confirm(user, { id, credential: evil })).rejects.toMatchObject(wrong);
  await expect(confirm(user, { id, code: '123456' })).rejects.toMatchObject(wrong);
  const next = await call(ctx, enrolFactor, { kind: 'PASSKEY', name: 'Key' });
  const credential = device.create(next.creationOptions ?? made.creationOptions);
  const answer = { id: encodeId('factor', next.factorId), credential };
  const { factor, backupCodes } = await confirm(user, answer);
  expect(factor).toMatchObject({ kind: 'PASSKEY', name: 'Key', backedUp: true });
  expect(backupCodes).toHaveLength(10);
});

test('A14 C06 a factor that is removed is told, ends other sessions, and takes the codes with the last', async () => {
  const user = await make.user(acme);
  const first = await addApp(await as(user));
  const second = await addApp(await as(user), 'Tablet');
  expect([first.backupCodes?.length, second.backupCodes]).toEqual([10, null]);
  await make.session(acme, user);
  expect((await remove(user, first.id)).sessions).toBe(1);
  expect(await liveSessions(user)).toEqual([]);
  await expect(remove(user, first.id)).rejects.toMatchObject(missing);
  const left = () =>
    rows(house, acme.uuid, 'SELECT 1 FROM backup_codes WHERE user_id = $1', [user.uuid]);
  expect(await left()).toHaveLength(10);
  await remove(user, second.id);
  expect(await left()).toEqual([]);
  expect(await messagesTo(user)).toEqual([
    'factor-added',
    'factor-added',
    'factor-removed',
    'factor-removed',
  ]);
});

test('the last factor stays where the tenant demands one, also when two are removed at once', async () => {
  const [user, writer, reader] = [
    await make.user(acme),
    await make.user(acme),
    await make.user(acme),
  ];
  await make.assign(acme, await make.role(acme, { scopes: ['users:read', 'users:write'] }), writer);
  await make.assign(acme, await make.role(acme, { scopes: ['users:read'] }), reader);
  const apps = [await addApp(await as(user)), await addApp(await as(user), 'Tablet')];
  const [ofWriter, ofReader] = [await addApp(await as(writer)), await addApp(await as(reader))];
  await demand('REQUIRED');
  const outcomes = await Promise.all(
    apps.map(({ id }) =>
      remove(user, id).then(
        () => 'gone',
        (error: { code?: string }) => error.code,
      ),
    ),
  );
  expect(outcomes.sort()).toEqual(['FACTOR_REQUIRED', 'gone']);
  await demand('REQUIRED_FOR_ADMINS');
  const required = { code: 'FACTOR_REQUIRED' };
  await expect(remove(writer, ofWriter.id)).rejects.toMatchObject(required);
  expect((await remove(reader, ofReader.id)).id).toBe(ofReader.uuid);
  const asked = async (who: MadeUser) =>
    call(
      await as(who),
      async (ctx, id: string) => factorDemand(ctx, await signInPolicyOf(ctx), id),
      who.uuid,
    );
  expect([await asked(writer), await asked(reader)]).toEqual(['STRONG', 'NONE']);
  await demand('OPTIONAL');
  expect((await remove(writer, ofWriter.id)).id).toBe(ofWriter.uuid);
});

test('a person has at most twenty factors, however many are asked for at once', async () => {
  const user = await make.user(acme);
  await rows(
    house,
    acme.uuid,
    `INSERT INTO factors (tenant_id, id, user_id, kind, name, secret, created_at, confirmed_at)
     SELECT $1, gen_random_uuid(), $2, 'SMS', 'Phone ' || n, '\\x00', $3, $3 FROM generate_series(1, 19) n`,
    [acme.uuid, user.uuid, clock.now()],
  );
  const kinds = [{ kind: 'TOTP' }, { kind: 'EMAIL' }, { kind: 'PASSKEY' }];
  const outcomes = await Promise.all(
    kinds.map((input) =>
      enrol(user, input).then(
        () => 'made',
        (error: { code?: string }) => error.code,
      ),
    ),
  );
  expect(outcomes.sort()).toEqual(['TOO_MANY_FACTORS', 'TOO_MANY_FACTORS', 'made']);
});

test('B12 new backup codes stand in for a factor, and take the place of those that were left', async () => {
  const user = await make.user(acme);
  const renew = async (input = {}) => call(await as(user), regenerateBackupCodes, input);
  await expect(renew()).rejects.toMatchObject({ code: 'NO_FACTOR' });
  const { backupCodes } = await addApp(await as(user));
  const changed = { code: 'VERSION_MISMATCH' };
  await expect(renew({ left: 9 })).rejects.toMatchObject(changed);
  const { codes } = await renew({ left: 10 });
  expect(codes.filter((code) => backupCodes?.includes(code))).toEqual([]);
  expect(await messagesTo(user)).toEqual(['factor-added', 'factor-added']);
});
