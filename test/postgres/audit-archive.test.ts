/**
 * K03 Retention beside running servers: readers and writers go on while a month is dropped, and a command
 * that is killed between archive and drop is run again.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { ownerConnection } from '#kernel/db/migrate.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { newId } from '#kernel/ids.ts';
import {
  archiveLog,
  archivesIn,
  beginArchive,
  keptMonths,
  type PastMonth,
  pastMonths,
  signetVerify,
  thisMonth,
} from '../kit/archives.ts';
import { signedNote } from '../kit/audit-export.ts';
import { contextOf } from '../kit/context.ts';
import { exportOf, makeEvents } from '../kit/events.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';
import { report } from '../operations/faults.ts';

const house = await openHouse();
const folder = mkdtempSync(join(tmpdir(), 'signet-archives-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const months = await pastMonths(house, 3);
const [first, second, third] = months as [PastMonth, PastMonth, PastMonth];
const kept = () => keptMonths(house, months);

/** A tenant with a log over months that are over, and this one. */
async function aged(): Promise<{ acme: MadeTenant; key: string }> {
  const now = house.clock.now();
  house.clock.set(first.middle);
  const acme = await makers(house).tenant();
  await makeEvents(house, acme.uuid, 700);
  house.clock.set(second.middle);
  await makeEvents(house, acme.uuid, 300);
  house.clock.set(third.middle);
  await makeEvents(house, acme.uuid, 30);
  house.clock.set(now);
  await makeEvents(house, acme.uuid, 20);
  const key = join(folder, 'key.txt');
  writeFileSync(key, (await signedNote(acme)).verifierKey);
  return { acme, key };
}

/** Writes until it is stopped; answers how many events, and the slowest write in ms. */
function writing(tenantId: string) {
  let going = true;
  const work = (async () => {
    const ctx = await contextOf(house, { tenantId, kind: 'system' });
    const figures = { written: 0, slowestMs: 0 };
    while (going) {
      const began = performance.now();
      await recordEvents(ctx, [
        { type: 'group.create', targets: [{ type: 'group', id: newId() }] },
      ]);
      figures.written += 1;
      figures.slowestMs = Math.max(figures.slowestMs, performance.now() - began);
    }
    return figures;
  })();
  return {
    stop: () => {
      going = false;
      return work;
    },
  };
}

/** Somebody who reads the newest events for long, and keeps everybody from taking a month away. */
async function longReader(): Promise<pg.Client> {
  const reader = new pg.Client({ connectionString: house.home.env.DATABASE_URL });
  await reader.connect();
  onTestFinished(() => reader.end());
  await reader.query('BEGIN; LOCK TABLE ONLY audit_events IN ACCESS SHARE MODE');
  return reader;
}

/** For the moment in which nobody else is in the log. */
async function somebodyWaits(reader: pg.Client): Promise<boolean> {
  const { rowCount } = await reader.query(
    "SELECT FROM pg_locks WHERE relation = 'audit_events'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted",
  );
  return rowCount === 1;
}

const recorded = (tenant: MadeTenant) =>
  rows<{ n: number }>(house, tenant.uuid, 'SELECT count(*)::int AS n FROM audit_archives');

test('K03 a month leaves beside readers and writers, and whoever was killed before goes on', async ({
  task,
}) => {
  const { acme, key } = await aged();
  const archive = ['--before', third.name, '--to', folder];
  const writer = writing(acme.uuid);
  const reader = await longReader();
  const waits = () => somebodyWaits(reader);

  const killed = beginArchive(house.home, ...archive);
  await until(waits, { timeout: 30_000 });
  killed.child.kill('SIGKILL');
  expect((await killed.ended).code).toBeNull();
  expect(archivesIn(folder, acme.id)).toHaveLength(1);
  expect(await recorded(acme)).toEqual([{ n: 0 }]);
  expect(await kept()).toHaveLength(3);

  const again = beginArchive(house.home, ...archive);
  await until(waits, { timeout: 30_000 });
  await reader.query('COMMIT');
  const ended = await again.ended;
  expect(ended.text).toContain('have left the database');
  expect(ended.code).toBe(0);
  const figures = await writer.stop();
  report(task, 'retention', { ...figures, slowestMs: Math.round(figures.slowestMs) });
  expect(figures.written).toBeGreaterThan(0);
  expect(await recorded(acme)).toEqual([{ n: 2 }]);

  const exported = join(folder, 'export.ndjson');
  writeFileSync(exported, (await exportOf(house, acme)).text);
  const pieces = archivesIn(folder, acme.id);
  const whole = await signetVerify(...pieces, exported, '--key', key);
  expect(whole.text).toMatch(/^verified: /);
  expect(await kept()).toEqual([third.name]);
}, 90_000);

test('K03 an event that comes late to its month keeps it, until it is archived too', async () => {
  const acme = await makers(house).tenant();
  const now = house.clock.now();
  house.clock.set(third.middle);
  await makeEvents(house, acme.uuid, 5);
  const reader = await longReader();
  const args = ['--to', folder, '--before', await thisMonth(house)];
  const begun = beginArchive(house.home, ...args);
  await until(() => somebodyWaits(reader), { timeout: 30_000 });
  await makeEvents(house, acme.uuid, 1);
  house.clock.set(now);
  await reader.query('COMMIT');
  const refused = await begun.ended;
  expect(refused.text).toMatch(/has other events in it than were archived; nothing was dropped/);
  expect(refused.code).toBe(1);
  const other = await archiveLog(house.home, ...args);
  expect(other.text).toMatch(/ends elsewhere than the archive that is to begin with the same leaf/);
  expect(other.code).toBe(1);
  expect(await kept()).toEqual([third.name]);
  for (const path of archivesIn(folder, acme.id)) rmSync(path);
  expect((await archiveLog(house.home, ...args)).code).toBe(0);
  expect(await kept()).toEqual([]);
}, 60_000);

test('K03 whoever does not own the tables is told so before anything is done', async () => {
  const stranger = `signet_run_${randomUUID().replaceAll('-', '')}`;
  const owner = await ownerConnection({ connectionString: house.home.env.DATABASE_URL ?? '' });
  onTestFinished(async () => {
    await owner.query(`DROP ROLE ${stranger}`);
    await owner.end();
  });
  await owner.query(`CREATE ROLE ${stranger} LOGIN IN ROLE signet_app`);
  const url = Object.assign(new URL(house.home.env.DATABASE_URL ?? ''), { username: stranger });
  const home = { ...house.home, env: { ...house.home.env, DATABASE_URL: url.href } };
  const { code, text } = await archiveLog(home, '--to', folder, '--before', third.name);
  expect(text).toMatch(/^MIGRATION_DATABASE_URL: must be set: months are dropped by the owner/);
  expect(code).toBe(1);
});
