/** Rotation: by command and by the clock, without one good token refused (E09, X09). */
import { expect, test } from 'vitest';
import { tendSigningKeys } from '#features/keys/keys.jobs.ts';
import type { SigningKeyRow } from '#features/keys/keys.model.ts';
import { signingKeys } from '#features/keys/keys.store.ts';
import { operator } from '../kit/as.ts';
import { auditLog } from '../kit/audit-row.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { isGoodBy, signBy } from '../kit/signatures.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const { clock } = house;
const keys = signingKeys(house.services);
const ES256 = { needs: ['ES256'] as const };
const [HOUR, DAY] = [3_600_000, 86_400_000];

type Shown = Pick<SigningKeyRow, 'kid' | 'state'>;

const rotate = async (tenant: MadeTenant, input: object = {}) =>
  (
    await run<{ signingKeys: Shown[] }>(tenant, 'rotateSigningKeys', 'signingKeys { kid state }', {
      alg: 'ES256',
      ...input,
    })
  ).signingKeys;
const tend = (signal = new AbortController().signal) =>
  tendSigningKeys.run(house.services, {}, signal);
const kids = async (tenant: MadeTenant) =>
  (await keys.find(tenant.uuid, ES256)).keys.map(({ kid }) => kid);
const published = async (tenant: MadeTenant) =>
  (await keys.publicKeys(tenant.uuid, ES256)).keys.map(({ kid }) => kid);
const kidOf = (shown: readonly Shown[], state: string) =>
  shown.find((key) => key.state === state)?.kid ?? '';

interface Stored extends Shown {
  readonly erased: boolean;
}
const stored = (tenant: MadeTenant) =>
  rows<Stored>(
    house,
    tenant.uuid,
    "SELECT kid, state, private_key IS NULL AS erased FROM signing_keys WHERE alg = 'ES256' ORDER BY id",
  );
/** What happened to the keys, without what the makers did. */
const events = async (tenant: MadeTenant) =>
  (await auditLog(house, tenant.uuid)).filter(({ type }) => type.startsWith('signing-key.'));

/** A tenant whose current and next key of ES256 are known everywhere. */
async function tenantWithKeys(): Promise<MadeTenant> {
  const tenant = await make.tenant();
  await make.signingKeys(tenant, 'ES256');
  clock.advance(2_000);
  return tenant;
}

test('E09 the next key, published before, signs; what the old one signed is good for the overlap', async () => {
  const tenant = await tenantWithKeys();
  const before = await keys.find(tenant.uuid, ES256);
  const [current, next] = before.keys;
  if (!current || !next) throw new Error('there are two keys');
  const token = signBy(current, 'signed before');
  const changed = await rotate(tenant);
  clock.advance(1_000);
  const after = await kids(tenant);
  expect(after).toEqual([next.kid, current.kid, kidOf(changed, 'NEXT')]);
  expect(await published(tenant)).toEqual(after);
  clock.advance(90_000_000 - 1_001);
  expect(isGoodBy(await keys.publicKey(tenant.uuid, current.kid), token)).toBe(true);
  clock.advance(1);
  // By the clock: the job has not come by.
  expect(await keys.publicKey(tenant.uuid, current.kid)).toBe(null);
  expect(await published(tenant)).not.toContain(current.kid);
  await tend();
  expect((await stored(tenant))[0]).toEqual({ kid: current.kid, state: 'RETIRED', erased: true });
  const retired = (await events(tenant)).at(-1);
  expect([retired?.type, retired?.actor_kind, retired?.details['kid']]).toEqual([
    'signing-key.retire',
    'system',
    current.kid,
  ]);
});

test('E09 a key that no cache can know yet does not sign, however fast the rotations come', async () => {
  const tenant = await tenantWithKeys();
  const [first, second] = await kids(tenant);
  await rotate(tenant);
  const third = kidOf(await rotate(tenant), 'CURRENT');
  const fourth = kidOf(await rotate(tenant), 'CURRENT');
  clock.advance(999);
  expect((await kids(tenant))[0]).toBe(second);
  clock.advance(1);
  expect((await kids(tenant)).slice(0, 4)).toEqual([fourth, third, second, first]);
});

test('a key that leaked is retired at once, and those before it', async () => {
  const tenant = await tenantWithKeys();
  await rotate(tenant);
  clock.advance(2_000);
  const [current, retiring, next] = (await keys.find(tenant.uuid, ES256)).keys;
  if (!current || !retiring || !next) throw new Error('there are three keys');
  const token = signBy(current, 'signed by a leaked key');
  expect(isGoodBy(await keys.publicKey(tenant.uuid, current.kid), token)).toBe(true);
  const changed = await rotate(tenant, { retireNow: true });
  clock.advance(700);
  for (const { kid } of [current, retiring])
    expect(await keys.publicKey(tenant.uuid, kid)).toBe(null);
  expect(await kids(tenant)).toEqual([next.kid, kidOf(changed, 'NEXT')]);
  const gone = (await stored(tenant)).filter(({ erased }) => erased);
  expect(gone.map(({ kid, state }) => `${kid} ${state}`).sort()).toEqual(
    [`${current.kid} RETIRED`, `${retiring.kid} RETIRED`].sort(),
  );
});

test('without an algorithm all that are in use are rotated, and the first ones made', async () => {
  const tenant = await make.tenant();
  const algs = async () => {
    const { signingKeys: all } = await run<{ signingKeys: { alg: string; state: string }[] }>(
      tenant,
      'rotateSigningKeys',
      'signingKeys { alg state }',
      {},
    );
    return all.map(({ alg, state }) => `${alg} ${state}`).sort();
  };
  expect(await algs()).toEqual(['ES256 CURRENT', 'ES256 NEXT', 'RS256 CURRENT', 'RS256 NEXT']);
  expect(await algs()).toEqual(
    ['ES256', 'RS256'].flatMap((alg) => ['CURRENT', 'NEXT', 'RETIRING'].map((s) => `${alg} ${s}`)),
  );
});

test('there are at most fifty keys of one algorithm that retire', async () => {
  const tenant = await tenantWithKeys();
  for (let n = 0; n < 50; n += 1) await rotate(tenant);
  const refused = await mutate(tenant, 'rotateSigningKeys', { alg: 'ES256' });
  expect(refused.code).toBe('TOO_MANY_SIGNING_KEYS');
  await rotate(tenant, { retireNow: true });
  await rotate(tenant);
});

test('E09 keys are rotated by the clock, when the next one has been published for an hour', async () => {
  const tenant = await tenantWithKeys();
  await mutate(tenant, 'updateSigningKeyPolicy', { rotationDays: 7 });
  const [current, next] = await kids(tenant);
  clock.advance(7 * DAY - 2_001);
  await tend();
  expect((await kids(tenant))[0]).toBe(current);
  clock.advance(1);
  await tend();
  clock.advance(1_000);
  expect((await kids(tenant)).slice(0, 2)).toEqual([next, current]);
  const last = (await events(tenant)).at(-1);
  expect([last?.type, last?.actor_kind, last?.details['current']]).toEqual([
    'signing-key.rotate',
    'system',
    [next],
  ]);
  await mutate(tenant, 'updateSigningKeyPolicy', { rotationDays: 1 });
  const [, , young] = await kids(tenant);
  clock.advance(DAY);
  await tend();
  clock.advance(1_000);
  expect((await kids(tenant))[0]).toBe(young);
});

test('a next key that is missing is made, and waits for its hour', async () => {
  const tenant = await tenantWithKeys();
  await house.services.db.inTenant(tenant.uuid, () =>
    house.services.db.query(
      `UPDATE signing_keys SET state = 'RETIRED', private_key = NULL, promoted_at = created_at,
         retiring_at = created_at, retires_at = created_at, retired_at = created_at WHERE state = 'NEXT'`,
    ),
  );
  clock.advance(100 * DAY);
  await tend();
  const [current, next] = await kids(tenant);
  expect(next).toBeDefined();
  clock.advance(HOUR - 1);
  await tend();
  expect((await kids(tenant))[0]).toBe(current);
  clock.advance(1);
  await tend();
  clock.advance(1_000);
  expect((await kids(tenant))[0]).toBe(next);
});

test('what has nothing to do does nothing; a suspended tenant gets no new keys', async () => {
  const [idle, unused] = [await tenantWithKeys(), await make.tenant()];
  const suspended = await tenantWithKeys();
  await run(operator(house), 'suspendTenant', 'tenant { id }', { id: suspended.id });
  const all = async () => [await stored(idle), await stored(unused), await stored(suspended)];
  const before = await all();
  await tend();
  clock.advance(10 * DAY);
  await tend();
  expect(await all()).toEqual(before);
  clock.advance(90 * DAY);
  await tend(AbortSignal.abort());
  expect(await all()).toEqual(before);
  await tend();
  expect((await stored(unused)).length + (await stored(suspended)).length).toBe(2);
  expect((await stored(idle)).map(({ state }) => state)).toEqual(['RETIRING', 'CURRENT', 'NEXT']);
});

test('a tenant whose keys cannot be tended does not stop the others', async () => {
  const [broken, fine] = [await tenantWithKeys(), await tenantWithKeys()];
  clock.advance(100 * DAY);
  const { services } = house;
  const vault: typeof services.vault = {
    ...services.vault,
    seal: (tenantId, ...rest) =>
      tenantId === broken.uuid
        ? Promise.reject(new Error('no data key'))
        : services.vault.seal(tenantId, ...rest),
  };
  await tendSigningKeys.run({ ...services, vault }, {}, new AbortController().signal);
  expect((await stored(broken)).map(({ state }) => state)).toEqual(['CURRENT', 'NEXT']);
  expect((await stored(fine)).map(({ state }) => state)).toEqual(['RETIRING', 'CURRENT', 'NEXT']);
  expect(house.log.some((line) => line.includes('signing keys were not tended'))).toBe(true);
});
