/**
 * K03 No event stays without its leaf: when the database came from another server, when its row in the
 * outbox was lost, when its tree was damaged.
 */
import { expect, test } from 'vitest';
import { reconcileLeaves } from '#features/audit/audit-reconcile.jobs.ts';
import { sequencedSize } from '#features/audit/audit-sequence.queries.ts';
import { SEQUENCER } from '#features/audit/audit-sequencer.ts';
import { sweepOutbox } from '#features/audit/outbox-sweep.jobs.ts';
import type { Job } from '#kernel/jobs/job.ts';
import { verifyAuditExport } from '../../sdk/generated/audit.ts';
import { sequenced, signedNote } from '../kit/audit-export.ts';
import { fixedClock } from '../kit/clock.ts';
import { exportOf } from '../kit/events.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';
import { damageTree, tamper } from '../kit/tamper.ts';
import { until } from '../kit/until.ts';

const house = await openHouse({ clock: fixedClock(), eventsAsPromised: false });
const make = makers(house);
const { db } = house.services;
const DAY_MS = 86_400_000;

const run = (job: Job) => job.run(house.services, {}, new AbortController().signal);

const inOutbox = async ({ uuid }: MadeTenant) =>
  (await db.query('SELECT 1 FROM outbox WHERE tenant_id = $1', [uuid])).length;

const leaves = ({ uuid }: MadeTenant) => sequencedSize(house.services, uuid);

/** Until the sequencer has looked at everything that was committed. */
const passed = () =>
  until(async () => {
    const left = await db.query(
      'SELECT 1 FROM outbox o, outbox_cursors c WHERE c.consumer = $1 AND (o.xid, o.seq) > (c.xid, c.seq) LIMIT 1',
      [SEQUENCER],
    );
    return left.length === 0;
  });

async function tenantWith(users: number): Promise<MadeTenant> {
  const tenant = await make.tenant();
  for (let n = 0; n < users; n += 1) await make.user(tenant);
  return tenant;
}

/** Everything there is has its leaf, and makes the root that is signed. */
async function expectWhole(tenant: MadeTenant, events: number): Promise<void> {
  expect(await sequenced(house, tenant)).toBe(events);
  const { size, note, verifierKey: key } = await signedNote(tenant);
  const { text } = await exportOf(house, tenant, `?to=${size}`);
  const report = await verifyAuditExport([Buffer.from(text)], { checkpoint: note, key });
  expect(report).toMatchObject({ verified: true, problems: [] });
}

test('K03 K07 a cursor that another server numbered stops nothing: what is written meanwhile has its leaves', async () => {
  const tenant = await tenantWith(2);
  const before = await sequenced(house, tenant);
  await db.query("UPDATE outbox_cursors SET xid = '900000000', seq = 900000000");
  for (let n = 0; n < 3; n += 1) await make.user(tenant);
  await expectWhole(tenant, before + 3);
});

test('K03 K07 rows that another server numbered are read in their order, and no sweep takes what has no leaf', async () => {
  const tenant = await tenantWith(1);
  await sequenced(house, tenant);
  await db.transaction(async () => {
    // The sequencer stands still meanwhile.
    await db.query('SELECT 1 FROM outbox_cursors FOR UPDATE');
    await db.query("UPDATE outbox_cursors SET xid = '900000000', seq = 900000000");
    await db.query(
      `WITH gone AS (DELETE FROM outbox RETURNING *) INSERT INTO outbox (xid, tenant_id, event_id, type, occurred_at)
       SELECT '900000001'::xid8, tenant_id, event_id, type, occurred_at FROM gone ORDER BY xid, seq`,
    );
  });
  for (let n = 0; n < 3; n += 1) await make.user(tenant);
  const all = await sequenced(house, tenant);
  await passed();
  house.clock.advance(2 * DAY_MS);
  await make.user(tenant);
  await passed();
  await run(sweepOutbox);
  expect(await inOutbox(tenant)).toBe(1);
  await expectWhole(tenant, all + 1);
});

test('K03 an event whose row in the outbox was lost gets another one, once', async () => {
  const tenant = await tenantWith(2);
  await sequenced(house, tenant);
  await rows(
    house,
    tenant.uuid,
    `INSERT INTO audit_events SELECT tenant_id, gen_random_uuid(), xid, type, severity, result, reason, occurred_at, actor_kind,
       actor_id, on_behalf_of, targets, request_id, details, personal, sha256('lost') FROM audit_events LIMIT 1`,
  );
  await rows(
    house,
    tenant.uuid,
    `INSERT INTO audit_events SELECT tenant_id, (substr(id::text, 1, 14) || '7000-8000-000000000000')::uuid, xid, type, severity, result,
       reason, occurred_at, actor_kind, actor_id, on_behalf_of, targets, request_id, details, personal, sha256('lost') FROM audit_events
       WHERE id < '10000000-0000-0000-0000-000000000000' ORDER BY id LIMIT 1`,
  );
  const size = await leaves(tenant);
  await run(reconcileLeaves);
  await passed();
  expect(await leaves(tenant)).toBe(size);
  house.clock.advance(3_600_000);
  await run(reconcileLeaves);
  await run(reconcileLeaves);
  await until(async () => (await leaves(tenant)) === size + 1n);
  await run(reconcileLeaves);
  await passed();
  expect(await leaves(tenant)).toBe(size + 1n);
});

test('K03 a frontier that was emptied is made again of the tiles, and nobody is left out', async () => {
  const tenant = await tenantWith(4);
  const before = await sequenced(house, tenant);
  await signedNote(tenant);
  await expect(rows(house, tenant.uuid, "UPDATE audit_trees SET frontier = ''")).rejects.toThrow(
    /append-only/,
  );
  await tamper(
    house,
    tenant,
    `UPDATE audit_trees SET frontier = '' WHERE tenant_id = '${tenant.uuid}'`,
  );
  const refused = await tenant.rest<{ code: string }>('GET', '/v1/audit-checkpoint');
  expect([refused.status, refused.body.code]).toEqual([409, 'AUDIT_TREE_DAMAGED']);
  for (let n = 0; n < 3; n += 1) await make.user(tenant);
  await expectWhole(tenant, before + 3);
});

test('K03 events of a damaged tree wait for it, others do not, and no sweep takes them', async () => {
  const [hurt, well] = [await tenantWith(3), await tenantWith(1)];
  for (const tenant of [hurt, well]) await sequenced(house, tenant);
  const { size } = await signedNote(hurt);
  const mend = await damageTree(house, hurt);
  for (let n = 0; n < 2; n += 1) await make.user(hurt);
  await make.user(well);
  await sequenced(house, well);
  await passed();
  const refused = await hurt.rest<{ code: string }>('GET', '/v1/audit-checkpoint');
  expect([refused.status, refused.body.code]).toEqual([409, 'AUDIT_TREE_DAMAGED']);
  house.clock.advance(2 * DAY_MS);
  await run(sweepOutbox);
  await passed();
  expect(await leaves(hurt)).toBe(BigInt(size));
  expect(await inOutbox(hurt)).toBe(2);
  await mend();
  await run(reconcileLeaves);
  await expectWhole(hurt, size + 2);
});
