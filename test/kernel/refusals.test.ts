/** Refusals: one row each for those whom we know, counted for strangers, and never in the way of an answer. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { anonymous } from '#kernel/actor.ts';
import { type Context, NO_TENANT } from '#kernel/context.ts';
import { createRefusals } from '#kernel/events/refusals.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { auditLog } from '../kit/audit-row.ts';
import { contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

let request = 0;
/** A stranger's request from an address. */
async function from(address: string | null): Promise<Context> {
  const ctx = await contextOf(house, { tenantId: NO_TENANT });
  request += 1;
  return { ...ctx, actor: anonymous, address, requestId: `stranger-${request}` };
}

/** What stands in the platform's log of strangers since the last look: type, reason and count. */
let looked = 0;
async function news(): Promise<[string, string | null, unknown][]> {
  const all = await auditLog(house, PLATFORM_TENANT_ID);
  const strangers = all.filter(({ actor_kind }) => actor_kind === 'anonymous').slice(looked);
  looked += strangers.length;
  return strangers
    .map(
      ({ type, reason, details }) =>
        [type, reason, details['count']] as [string, string | null, unknown],
    )
    .sort();
}

test('a known caller is refused in a row of the own log, at once, with what it was about', async () => {
  const refusals = createRefusals(house.services.log);
  const ctx = await contextOf(house, { tenantId: acme.uuid });
  const target = { type: 'user', id: '0190c2a0-0000-7000-8000-000000000001' } as const;
  await refusals.record(ctx, 'user.delete', 'LAST_OWNER', [target]);
  await refusals.record(ctx, 'user.delete', 'LAST_OWNER', [target]);
  const log = await auditLog(house, acme.uuid, ctx.requestId);
  expect(
    log.map(({ type, reason, result, targets }) => [type, reason, result, targets.length]),
  ).toEqual([
    ['user.delete', 'LAST_OWNER', 'REFUSED', 1],
    ['user.delete', 'LAST_OWNER', 'REFUSED', 1],
  ]);
});

test('strangers are counted by type, reason and address; an IPv6 customer is one address', async () => {
  const refusals = createRefusals(house.services.log);
  const record = async (
    address: string | null,
    type = 'credential.verify',
    reason = 'UNAUTHENTICATED',
  ) => refusals.record(await from(address), type, reason);
  for (let n = 0; n < 4; n += 1) await record('192.0.2.1');
  await record('192.0.2.2');
  await record('192.0.2.1', 'user.create');
  await record('192.0.2.1', 'credential.verify', 'TENANT_SUSPENDED');
  await record('2001:db8:1:2::1');
  await record('2001:db8:1:2:ffff::9');
  await record('2001:db8:1:3::1');
  await record(null);
  expect(await news()).toEqual([]);
  await refusals.flush();
  expect(await news()).toEqual([
    ['credential.verify', 'TENANT_SUSPENDED', 1],
    ['credential.verify', 'UNAUTHENTICATED', 1],
    ['credential.verify', 'UNAUTHENTICATED', 1],
    ['credential.verify', 'UNAUTHENTICATED', 1],
    ['credential.verify', 'UNAUTHENTICATED', 2],
    ['credential.verify', 'UNAUTHENTICATED', 4],
    ['user.create', 'UNAUTHENTICATED', 1],
  ]);
});

test('after a flush counting begins anew, and a flush of nothing writes nothing', async () => {
  const refusals = createRefusals(house.services.log);
  await refusals.flush();
  expect(await news()).toEqual([]);
  await refusals.record(await from('192.0.2.7'), 'user.create', 'UNAUTHENTICATED');
  await refusals.flush();
  await refusals.record(await from('192.0.2.7'), 'user.create', 'UNAUTHENTICATED');
  await refusals.record(await from('192.0.2.7'), 'user.create', 'UNAUTHENTICATED');
  await refusals.flush();
  expect((await news()).map(([, , count]) => count)).toEqual([1, 2]);
});

test('a flood from everywhere writes a thousand rows and one, and loses no count', async () => {
  const refusals = createRefusals(house.services.log);
  const ctx = await from(null);
  for (let n = 0; n < 1_500; n += 1) {
    const address = `198.51.${n >> 8}.${n & 255}`;
    await refusals.record({ ...ctx, address }, 'credential.verify', 'UNAUTHENTICATED');
  }
  await refusals.flush();
  const counts = (await news()).map(([, , count]) => Number(count));
  expect(counts).toHaveLength(1_001);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_500);
  expect(Math.max(...counts)).toBe(500);
});

test('the flood of one tenant takes nothing from the log of another', async () => {
  const refusals = createRefusals(house.services.log);
  const [flooding, quiet] = [await make.tenant(), await make.tenant()];
  const flood = await contextOf(house, { tenantId: flooding.uuid });
  const key = randomUUID();
  const other = await contextOf(house, { tenantId: quiet.uuid });
  for (let n = 0; n < 300; n += 1) refusals.countRead(flood, `Flood.field${n}`, 'FORBIDDEN');
  const actor = { ...other.actor, kind: 'api-key' as const, id: key };
  refusals.countRead({ ...other, actor }, 'User.email', 'FORBIDDEN');
  await refusals.flush();
  const of = (tenant: string) =>
    rows<{ actor_kind: string; details: Record<string, unknown> }>(
      house,
      tenant,
      "SELECT actor_kind, details FROM audit_events WHERE type = 'field.read' ORDER BY id",
    );
  expect(await of(quiet.uuid)).toEqual([
    { actor_kind: 'api-key', details: { field: 'User.email', count: 1 } },
  ]);
  const flooded = await of(flooding.uuid);
  expect(flooded).toHaveLength(201);
  expect(flooded.at(-1)?.details).toEqual({ others: true, count: 100 });
});

test('what was counted is written when the process stops', async () => {
  const refusals = createRefusals(house.services.log);
  await refusals.record(await from('192.0.2.9'), 'user.create', 'UNAUTHENTICATED');
  await refusals.stop();
  expect(await news()).toEqual([['user.create', 'UNAUTHENTICATED', 1]]);
});

test('K05 a refusal that cannot be written is logged, and is still a refusal', async () => {
  const refusals = createRefusals(house.services.log);
  const ctx = await contextOf(house, { tenantId: acme.uuid });
  const broken: Context = {
    ...ctx,
    vault: { ...ctx.vault, sealForSubjects: () => Promise.reject(new Error('no vault today')) },
  };
  await expect(refusals.record(broken, 'user.create', 'FORBIDDEN')).resolves.toBeUndefined();
  await refusals.record(
    { ...broken, actor: anonymous, address: '192.0.2.3' },
    'user.create',
    'FORBIDDEN',
  );
  await expect(refusals.flush()).resolves.toBeUndefined();
  const lines = house.log.filter((line) => line.includes('could not be recorded'));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('no vault today');
  expect(
    await rows(house, acme.uuid, 'SELECT 1 FROM audit_events WHERE request_id = $1', [
      ctx.requestId,
    ]),
  ).toEqual([]);
});
