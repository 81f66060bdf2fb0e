/**
 * K03 Retention beside running servers: readers and writers go on while a month is dropped, and a command
 * that is killed between archive and drop is run again.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { recordEvents } from '#kernel/events/record.ts';
import { newId } from '#kernel/ids.ts';
import {
  archivesIn,
  beginArchive,
  keptMonths,
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
const current = await thisMonth(house);
const months = await pastMonths(house, 2);
const kept = () => keptMonths(house, months);

/** A tenant with a log over two months that are over, and this one. */
async function aged(): Promise<{ acme: MadeTenant; key: string }> {
  const now = house.clock.now();
  const [first, second] = months;
  house.clock.set(first?.middle ?? now);
  const acme = await makers(house).tenant();
  await makeEvents(house, acme.uuid, 700);
  house.clock.set(second?.middle ?? now);
  await makeEvents(house, acme.uuid, 300);
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

const recorded = (tenant: MadeTenant) =>
  rows<{ n: number }>(house, tenant.uuid, 'SELECT count(*)::int AS n FROM audit_archives');

test('K03 a month leaves beside readers and writers, and whoever was killed before goes on', async ({
  task,
}) => {
  const { acme, key } = await aged();
  const archive = ['--before', current, '--to', folder];
  const writer = writing(acme.uuid);
  const reader = await longReader();

  const killed = beginArchive(house.home, ...archive);
  const waits = async () =>
    (
      await reader.query(
        "SELECT FROM pg_locks WHERE relation = 'audit_events'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted",
      )
    ).rowCount === 1;
  await until(waits, { timeout: 30_000 });
  killed.child.kill('SIGKILL');
  expect((await killed.ended).code).toBeNull();
  expect(archivesIn(folder, acme.id)).toHaveLength(1);
  expect(await recorded(acme)).toEqual([{ n: 0 }]);
  expect(await kept()).toHaveLength(2);

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
  expect(await kept()).toEqual([]);
}, 90_000);
