/** A13: an address that nobody has costs what an account of this tenant costs, whatever its hashes are. */
import { hash as bcrypt } from '@node-rs/bcrypt';
import { expect, test } from 'vitest';
import { hashPassword, verifyNothing } from '#features/passwords/password-hashes.ts';
import { DEFAULT_HASH_COST } from '#features/passwords/passwords.model.ts';
import { placeOf, standIn } from '#features/passwords/stand-ins.queries.ts';
import { browser } from '../kit/browser.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { PASSWORD, person, signIn } from '../kit/people.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const older = await bcrypt(PASSWORD, 4);
const current = await hashPassword(PASSWORD, DEFAULT_HASH_COST);

/** Users of whom each has one of these hashes. */
async function tenantWith(hashes: readonly string[]): Promise<MadeTenant> {
  const tenant = await make.tenant();
  for (const hash of hashes) {
    const user = await make.user(tenant);
    const put =
      'INSERT INTO passwords (tenant_id, user_id, hash, set_at) VALUES ($1, $2, $3, now())';
    await rows(house, tenant.uuid, put, [tenant.uuid, user.uuid, hash]);
  }
  return tenant;
}

async function standInsOf(tenant: MadeTenant, count: number): Promise<(string | null)[]> {
  const ctx = await contextOf(house, { tenantId: tenant.uuid, kind: 'anonymous' });
  const found: (string | null)[] = [];
  for (let n = 0; n < count; n += 1)
    found.push(await call(ctx, standIn, placeOf(ctx, `nobody-${n}@example.com`)));
  return found;
}

test('A13 unknown addresses are checked at the costs that the tenant’s own accounts have', async () => {
  const [old, mixed, empty] = [
    await tenantWith([older]),
    await tenantWith(Array.from({ length: 20 }, (_, n) => (n % 2 ? older : current))),
    await tenantWith([]),
  ];
  expect(new Set(await standInsOf(old, 20))).toEqual(new Set([older]));
  const found = await standInsOf(mixed, 200);
  const share = found.filter((one) => one === older).length / found.length;
  expect(share).toBeGreaterThan(0.1);
  expect(share).toBeLessThan(0.9);
  // The same address costs the same each time, or it would be told by asking twice.
  expect(await standInsOf(mixed, 200)).toEqual(found);
  expect(await standInsOf(empty, 1)).toEqual([null]);
});

test('A13 whose hash it is that stands in, its password lets nobody in', async () => {
  const tenant = await make.tenant();
  await person(house, make, tenant);
  const nobody = { email: 'nobody@example.com', password: PASSWORD };
  expect((await signIn(browser(house), tenant, nobody)).status).toBe(401);
  for (const like of [older, current, 'not a hash', null])
    expect((await verifyNothing(PASSWORD, DEFAULT_HASH_COST, { like })).ok).toBe(false);
});
