/** K03 Checkpoints outside the database: none is lost to them, and none is signed that contradicts them. */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startCheckpointer } from '#features/audit/checkpointer.ts';
import { readCheckpoint, splitCheckpoints, verifyCheckpoint } from '../../sdk/generated/audit.ts';
import { sequenced, signedNote } from '../kit/audit-export.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';
import { tamper } from '../kit/tamper.ts';
import { until } from '../kit/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true }));
const house = await openHouse({ env: { AUDIT_CHECKPOINTS_DIR: folder }, eventsAsPromised: false });
const make = makers(house);

const fileOf = (tenant: MadeTenant) => join(folder, `${tenant.id}.checkpoints`);
const sizesIn = (tenant: MadeTenant) =>
  splitCheckpoints(readFileSync(fileOf(tenant), 'utf8')).map((note) => readCheckpoint(note).size);

async function grown(tenant: MadeTenant, users = 2): Promise<number> {
  for (let n = 0; n < users; n += 1) await make.user(tenant);
  return sequenced(house, tenant);
}

/** Another process starts, and ends when it has done this. */
async function startedUntil(done: () => boolean): Promise<void> {
  const other = startCheckpointer(house.services);
  await until(() => done());
  await other.stop();
}

test('K03 a checkpoint that a process signed and did not write down is written by the next', async () => {
  const tenant = await make.tenant();
  await grown(tenant);
  const first = await signedNote(tenant);
  await grown(tenant);
  const second = await signedNote(tenant);
  await until(() => sizesIn(tenant).includes(second.size));
  const whole = readFileSync(fileOf(tenant), 'utf8');
  const isWhole = () => readFileSync(fileOf(tenant), 'utf8') === whole;
  const [note] = splitCheckpoints(whole);
  writeFileSync(fileOf(tenant), `${note}\n`);
  await startedUntil(isWhole);
  rmSync(fileOf(tenant));
  await startedUntil(isWhole);
  expect(sizesIn(tenant)).toEqual(expect.arrayContaining([first.size, second.size]));
  // Who starts meanwhile adds nothing.
  const another = await make.tenant();
  await grown(another);
  await signedNote(another);
  rmSync(fileOf(another));
  await startedUntil(() => existsSync(fileOf(another)));
  expect(isWhole()).toBe(true);
});

test('K03 a tree that grew while nobody remembered it is signed by the next who starts', async () => {
  const tenant = await make.tenant();
  const size = await grown(tenant);
  await signedNote(tenant);
  await tamper(house, tenant, `DELETE FROM audit_checkpoints WHERE tenant_id = '${tenant.uuid}'`);
  rmSync(fileOf(tenant), { force: true });
  await startedUntil(() => existsSync(fileOf(tenant)));
  expect(sizesIn(tenant)).toEqual([size]);
});

test('K03 a database that was restored to a state before its checkpoints signs no other history', async () => {
  const tenant = await make.tenant();
  await grown(tenant);
  const early = await signedNote(tenant);
  const tables = [
    'audit_trees',
    'audit_leaves',
    'audit_tiles',
    'audit_checkpoints',
    'audit_events',
  ];
  const kept = await Promise.all(
    tables.map(async (table) => {
      const [row] = await rows<{ all: string }>(
        house,
        tenant.uuid,
        `SELECT json_agg(t)::text AS all FROM ${table} t`,
      );
      return row?.all.replaceAll("'", "''");
    }),
  );
  await grown(tenant, 4);
  const late = await signedNote(tenant);
  await until(() => sizesIn(tenant).includes(late.size));
  await tamper(
    house,
    tenant,
    ...tables.flatMap((table, n) => [
      `DELETE FROM ${table} WHERE tenant_id = '${tenant.uuid}'`,
      `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, '${kept[n]}')`,
    ]),
  );
  await grown(tenant, 1);
  const refused = await tenant.rest<{ code: string }>('GET', '/v1/audit-checkpoint');
  expect([refused.status, refused.body.code]).toEqual([409, 'AUDIT_TREE_DAMAGED']);
  expect(house.log.join('')).toContain('the database was restored to a state before');
  // As large, and another history.
  await grown(tenant, 6);
  const later = await tenant.rest<{ code: string }>('GET', '/v1/audit-checkpoint');
  expect([later.status, later.body.code]).toEqual([409, 'AUDIT_TREE_DAMAGED']);
  expect(Math.max(...sizesIn(tenant))).toBe(late.size);
  // The operator accepts the loss.
  renameSync(fileOf(tenant), `${fileOf(tenant)}.lost`);
  const anew = await signedNote(tenant);
  expect(anew.size).toBeGreaterThan(early.size);
  expect(verifyCheckpoint(anew.note, early.verifierKey).size).toBe(anew.size);
});

test('K03 what else stands in the file, and what others signed, hinders nobody', async () => {
  const [tenant, other] = [await make.tenant(), await make.tenant()];
  await grown(other, 5);
  await grown(tenant, 1);
  await signedNote(tenant);
  appendFileSync(fileOf(tenant), `half a note\n\n${(await signedNote(other)).note}\n`);
  const size = await grown(tenant, 1);
  expect((await signedNote(tenant)).size).toBe(size);
});
