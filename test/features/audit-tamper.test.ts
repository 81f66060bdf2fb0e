/**
 * K03 T36 Somebody who owns the database changes the audit log, past every trigger: whoever holds an
 * export, a checkpoint and the pinned key sees it, and is told what was changed.
 */
import { expect, test } from 'vitest';
import { grow, type Tree } from '#features/audit/audit-tree.ts';
import { leafHash } from '#kernel/events/event.ts';
import { encodeId } from '#kernel/ids.ts';
import {
  type AuditReport,
  type VerifyExportOptions,
  verifyAuditExport,
} from '../../sdk/generated/audit.ts';
import {
  bytesOf,
  exportedLines,
  type SignedNote,
  sequenced,
  signedNote,
} from '../kit/audit-export.ts';
import { type AuditRow, recordOf } from '../kit/audit-row.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { asOwner, rows } from '../kit/stored.ts';
import { tamper as tamperWith } from '../kit/tamper.ts';

const house = await openHouse({ eventsAsPromised: false });
const make = makers(house);

const tamper = (tenant: MadeTenant, ...statements: string[]) =>
  tamperWith(house, tenant, ...statements);

/** A tenant with a log that was signed, and what an auditor took away. */
async function audited() {
  const tenant = await make.tenant();
  for (let n = 0; n < 6; n += 1) await make.user(tenant);
  await sequenced(house, tenant);
  const signed = await signedNote(tenant);
  const events = await rows<AuditRow & { leaf_index: string }>(
    house,
    tenant.uuid,
    'SELECT e.*, l.leaf_index::text FROM audit_leaves l JOIN audit_events e ON e.id = l.event_id ORDER BY l.leaf_index',
  );
  const victim = events[3] as AuditRow;
  return { tenant, signed, events, victim, victimId: encodeId('event', victim.id) };
}

async function verify(
  tenant: MadeTenant,
  { note, verifierKey }: SignedNote,
  options: Partial<VerifyExportOptions> = {},
): Promise<AuditReport> {
  const lines = await exportedLines(house, tenant);
  return verifyAuditExport(bytesOf(lines), { checkpoint: note, key: verifierKey, ...options });
}

const codes = ({ problems }: AuditReport) => problems.map(({ code }) => code);

const EDIT = `details = '{"edited": true}'`;

/** As the editor of a row would compute it who knows how. */
const leafOf = (row: AuditRow) =>
  leafHash({ ...recordOf(row), details: { edited: true } }).toString('hex');

test('K03 what nobody touched is verified, by the pinned key', async () => {
  const { tenant, signed, events } = await audited();
  const report = await verify(tenant, signed);
  expect(report).toMatchObject({
    verified: true,
    events: events.length,
    signatureChecked: true,
    problems: [],
  });
  expect(report.checkpoint.size).toBe(events.length);
});

test('K03 the triggers hold in a session that says it is a replica, and only their owner takes them away', async () => {
  const { tenant, victim } = await audited();
  for (const change of [
    `UPDATE audit_events SET ${EDIT} WHERE id = '${victim.id}'`,
    'DELETE FROM audit_leaves',
    "UPDATE audit_tiles SET hashes = '\\x' || sha256('x')",
    'UPDATE audit_trees SET size = 0',
    'DELETE FROM audit_trees',
    'TRUNCATE audit_tiles',
    "UPDATE audit_checkpoints SET note = 'x'",
  ]) {
    await expect(asOwner(house, tenant.uuid, change)).rejects.toThrow(/append-only/);
    // Only a superuser may say so, which the owner on a server need not be.
    await expect(
      asOwner(house, tenant.uuid, 'SET LOCAL session_replication_role = replica', change),
    ).rejects.toThrow(/append-only|permission denied to set parameter/);
  }
});

test('K03 T36 an edited row is named: its line, its leaf, its event', async () => {
  const { tenant, signed, victim, victimId } = await audited();
  await tamper(tenant, `UPDATE audit_events SET ${EDIT} WHERE id = '${victim.id}'`);
  const report = await verify(tenant, signed);
  expect(report.verified).toBe(false);
  expect(report.problems).toMatchObject([
    { code: 'EVENT_EDITED', line: 4, leafIndex: 3, eventId: victimId },
  ]);
});

test('K03 T36 an edited row whose hash was computed anew is named all the same', async () => {
  const { tenant, signed, victim, victimId } = await audited();
  await tamper(
    tenant,
    `UPDATE audit_events SET ${EDIT}, leaf_hash = '\\x${leafOf(victim)}' WHERE id = '${victim.id}'`,
  );
  expect((await verify(tenant, signed)).problems).toMatchObject([
    { code: 'EVENT_EDITED', leafIndex: 3, eventId: victimId },
  ]);
});

test('K03 T36 an edited row that was put into the tree anew gives another root', async () => {
  const { tenant, signed, victim } = await audited();
  const hash = `leaf_hash = '\\x${leafOf(victim)}'`;
  await tamper(
    tenant,
    `UPDATE audit_events SET ${EDIT}, ${hash} WHERE id = '${victim.id}'`,
    `UPDATE audit_leaves SET ${hash} WHERE event_id = '${victim.id}'`,
  );
  expect(codes(await verify(tenant, signed))).toEqual(['ROOT_DIFFERS']);
});

test('K03 T36 a removed row is missed: which leaf it was', async () => {
  const { tenant, signed, victim, events } = await audited();
  await tamper(tenant, `DELETE FROM audit_events WHERE id = '${victim.id}'`);
  expect((await verify(tenant, signed)).problems).toMatchObject([
    { code: 'EVENTS_MISSING', leafIndex: 3, message: expect.stringContaining('Leaf 3 is missing') },
  ]);
  const last = events.at(-1) as AuditRow;
  await tamper(tenant, `DELETE FROM audit_events WHERE id = '${last.id}'`);
  expect(codes(await verify(tenant, signed))).toEqual(['EVENTS_MISSING', 'EVENTS_MISSING']);
});

test('K03 T36 a row that was put in is no part of the tree, or shows that it was pushed in', async () => {
  const { tenant, signed, victim, events } = await audited();
  const id = `${victim.id.slice(0, -4)}ffff`;
  const row = { ...victim, id };
  const hash = leafHash(recordOf(row)).toString('hex');
  const put = `INSERT INTO audit_events SELECT tenant_id, '${id}', xid, type, severity, result, reason, occurred_at,
    actor_kind, actor_id, on_behalf_of, targets, request_id, details, personal, '\\x${hash}' FROM audit_events WHERE id = '${victim.id}'`;
  await tamper(tenant, put);
  expect(await verify(tenant, signed)).toMatchObject({ verified: true, events: events.length });
  await tamper(
    tenant,
    `INSERT INTO audit_leaves VALUES ('${tenant.uuid}', ${events.length}, '${id}', '\\x${hash}')`,
  );
  expect(codes(await verify(tenant, signed))).toEqual(['EVENTS_NOT_COVERED']);
  await tamper(
    tenant,
    `UPDATE audit_leaves SET leaf_index = leaf_index + 1000`,
    `UPDATE audit_leaves SET leaf_index = CASE WHEN event_id = '${id}' THEN 2
      WHEN leaf_index >= 1002 THEN leaf_index - 999 ELSE leaf_index - 1000 END`,
  );
  expect(codes(await verify(tenant, signed))).toEqual(['EVENTS_NOT_COVERED', 'ROOT_DIFFERS']);
  const lines = await exportedLines(house, tenant);
  const { note: checkpoint } = signed;
  const doubled = bytesOf([...lines.slice(0, 3), ...lines.slice(1)]);
  expect(codes(await verifyAuditExport(doubled, { checkpoint }))).toContain('LEAF_REPEATED');
});

/** Every hash of the tree computed anew, as if the edited event had always been there. */
async function rewrite(tenant: MadeTenant, victim: AuditRow): Promise<void> {
  const leaves = await rows<{ event_id: string; leaf_hash: Buffer }>(
    house,
    tenant.uuid,
    'SELECT event_id, leaf_hash FROM audit_leaves ORDER BY leaf_index',
  );
  const hashes = leaves.map(({ event_id, leaf_hash }) =>
    event_id === victim.id ? Buffer.from(leafOf(victim), 'hex') : leaf_hash,
  );
  const empty: Tree = { size: 0, frontier: [] };
  const { tiles, frontier } = grow(empty, hashes);
  const hash = `leaf_hash = '\\x${leafOf(victim)}'`;
  await tamper(
    tenant,
    `UPDATE audit_events SET ${EDIT}, ${hash} WHERE id = '${victim.id}'`,
    `UPDATE audit_leaves SET ${hash} WHERE event_id = '${victim.id}'`,
    ...tiles.map(
      (tile) =>
        `UPDATE audit_tiles SET hashes = '\\x${tile.hashes.toString('hex')}' WHERE level = ${tile.level} AND tile_index = ${tile.index}`,
    ),
    `UPDATE audit_trees SET frontier = '\\x${Buffer.concat(frontier).toString('hex')}'`,
  );
}

test('K03 T36 a history that was rewritten whole does not have the root that was signed, and is signed no more', async () => {
  const { tenant, signed, victim } = await audited();
  await rewrite(tenant, victim);
  const report = await verify(tenant, signed);
  expect(report.problems).toMatchObject([
    { code: 'ROOT_DIFFERS', message: expect.stringContaining('the history was rewritten') },
  ]);
  await make.user(tenant);
  await sequenced(house, tenant);
  const { status, body } = await tenant.rest<{ code: string }>('GET', '/v1/audit-checkpoint');
  expect([status, body.code]).toEqual([409, 'AUDIT_TREE_DAMAGED']);
});

test('K03 T36 of a history that was rewritten with its checkpoints, an earlier note tells', async () => {
  const { tenant, signed, victim } = await audited();
  await rewrite(tenant, victim);
  await tamper(tenant, 'DELETE FROM audit_checkpoints');
  await make.user(tenant);
  await sequenced(house, tenant);
  const forged = await signedNote(tenant);
  // By itself it is a log like any other: that is what notes outside the database are for.
  expect((await verify(tenant, forged)).verified).toBe(true);
  const report = await verify(tenant, forged, { earlier: [signed.note] });
  expect(report.problems).toMatchObject([
    { code: 'EARLIER_ROOT_DIFFERS', message: expect.stringContaining(`${signed.size} events`) },
  ]);
});
