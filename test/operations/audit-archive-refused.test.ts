/** K03 `npm run audit:archive` drops nothing that is not safe in an archive, and nobody else drops anything. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordEvents } from '#kernel/events/record.ts';
import { newId } from '#kernel/ids.ts';
import { makeStream, type Stream, turn } from '../features/streamed.ts';
import {
  archiveLog,
  archivesIn,
  keptMonths,
  type PastMonth,
  pastMonths,
  thisMonth,
} from '../kit/archives.ts';
import { callerOf } from '../kit/as.ts';
import { contextOf } from '../kit/context.ts';
import { allSequenced, exportOf, makeEvents, readExport } from '../kit/events.ts';
import { serverUrl } from '../kit/homes.ts';
import { type House, startHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { subscribe } from '../kit/sse.ts';
import { asOwner, rows } from '../kit/stored.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-archives-'));
const receiver = await openReceiver();
const env = { OUTBOUND_ALLOW: receiver.host };
let house: House;
let months: PastMonth[];
let before: string;
let acme: MadeTenant;
let stream: Stream;

beforeAll(async () => {
  house = await startHouse({ env });
  months = await pastMonths(house, 2);
  before = await thisMonth(house);
  const now = house.clock.now();
  const [first, second] = months as [PastMonth, PastMonth];
  house.clock.set(first.middle);
  acme = await makers(house).tenant();
  stream = await makeStream(acme, receiver.url('/behind'), { startAt: 'BEGINNING' });
  await turn(acme, stream, 'pause');
  await makeEvents(house, acme.uuid, 30);
  // A clock that is far off: nobody ever made a partition for that month.
  house.clock.advance(-400 * 86_400_000);
  await makeEvents(house, acme.uuid, 1, 'astray');
  house.clock.set(second.middle);
  await makeEvents(house, acme.uuid, 10);
  house.clock.set(now);
  await makeEvents(house, acme.uuid, 5);
}, 60_000);

afterAll(async () => {
  if (!house.stopped()) await house.stop();
  await house.home.remove();
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

const archive = (...args: string[]) =>
  archiveLog(house.home, '--to', folder, '--before', before, ...args);
const kept = () => keptMonths(house, months);

/** The embedded database belongs to one process. */
async function beside<T>(work: () => Promise<T>): Promise<T> {
  if (serverUrl) return work();
  await house.stop();
  const done = await work();
  house = await startHouse({ home: house.home, clock: house.clock, env });
  return done;
}

/** The tenant where the house answers now. */
function again(): MadeTenant {
  const { secret } = acme;
  return { ...acme, ...callerOf(house, { secret, door: 'public' }), secret };
}

test('K03 the server itself can neither drop a month nor say that it left', async () => {
  const { partition } = months[0] as PastMonth;
  for (const change of [
    `DROP TABLE ${partition}`,
    `ALTER TABLE audit_events DETACH PARTITION ${partition}`,
    `DELETE FROM audit_events`,
    `DELETE FROM audit_targets`,
    `INSERT INTO audit_retention (month, dropped_at) VALUES ('2026-01-01', now())`,
    `INSERT INTO audit_archives VALUES ('${acme.uuid}', '2026-01-01', 0, 1, sha256('x'), now())`,
  ])
    await expect(rows(house, acme.uuid, change)).rejects.toThrow(/permission denied|must be owner/);
  expect(await kept()).toHaveLength(2);
});

test('K03 what is recorded of months that left is not changed, not even by its owner', async () => {
  const undone = new Error('undone');
  await house.services.db
    .transaction(async () => {
      const { db } = house.services;
      await db.query('SET LOCAL ROLE NONE');
      await db.query("INSERT INTO audit_retention VALUES ('2001-01-01', now(), now())");
      for (const change of [
        "UPDATE audit_retention SET month = '2001-02-01'",
        'UPDATE audit_retention SET targets_left_at = NULL',
        'DELETE FROM audit_retention',
        'TRUNCATE audit_retention',
        'UPDATE audit_archives SET to_index = 1',
        'DELETE FROM audit_archives',
        'TRUNCATE audit_archives',
      ]) {
        await db.query('SAVEPOINT one');
        await expect(db.query(change)).rejects.toThrow(/append-only/);
        await db.query('ROLLBACK TO SAVEPOINT one');
      }
      throw undone;
    })
    .catch((error: unknown) => expect(error).toBe(undone));
});

test('what a log stream has not sent stays', async () => {
  const { code, text } = await beside(() => archive());
  expect(text).toContain(`log streams have not sent all of it yet (1 of ${acme.id})`);
  expect(code).toBe(1);
  expect(await kept()).toHaveLength(2);
});

test('K03 an archive that was changed on the disk is not taken for the month', async () => {
  const dry = await beside(() => archive('--even-unsent', '--dry-run'));
  const [, to = '', path = ''] = /leaves 0 to (\d+): (\S+)/.exec(dryOf(dry.text)) ?? [];
  const end = Number(to) + 1;
  const { lines } = readExport(await exportOf(house, acme, `?from=0&to=${end}`));
  const packed = (all: readonly string[]) => gzipSync(`${all.join('\n')}\n`);
  const edited = (lines[3] ?? '').replace('"SUCCESS"', '"REFUSED"');
  const cases: readonly [Buffer, RegExp][] = [
    [packed(lines.with(3, edited)), /leaf 3 is missing, or its event is not the one/],
    [packed(lines.toSpliced(3, 1)), /leaf 3 is missing/],
    [packed(lines.slice(0, 5)), /ends after leaf 4, without the line that closes it/],
    [packed([...lines, '{"export":{}}']), /is closed by another line/],
    [packed(lines).subarray(0, -20), /cannot be unpacked/],
    [Buffer.from('nothing'), /cannot be unpacked/],
  ];
  await beside(async () => {
    await mkdir(dirname(path), { recursive: true });
    for (const [bytes, says] of cases) {
      writeFileSync(path, bytes);
      const { code, text } = await archive('--even-unsent');
      expect(text).toMatch(says);
      expect(text).toContain('move it away');
      expect(code).toBe(1);
    }
    rmSync(dirname(path), { recursive: true });
  });
  expect(await kept()).toHaveLength(2);
}, 60_000);

/** The lines about the tenant. */
const dryOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.includes(acme.id))
    .join('\n');

/** What the owner of the database does who has taken the triggers away. */
async function edit(from: string, to: string): Promise<void> {
  const { partition } = months[0] as PastMonth;
  const tables = ['audit_events', partition];
  const set = (state: string) => tables.map((table) => `ALTER TABLE ${table} ${state} TRIGGER ALL`);
  await asOwner(
    house,
    acme.uuid,
    ...set('DISABLE'),
    `UPDATE audit_events SET request_id = '${to}' WHERE request_id = '${from}' AND type = 'group.create'
     AND id = (SELECT event_id FROM audit_leaves WHERE tenant_id = '${acme.uuid}' AND leaf_index = 20)`,
    ...set('ENABLE'),
  );
}

test('K03 a month in which an event was edited does not leave', async () => {
  await edit('made', 'edited');
  const { code, text } = await beside(() => archive('--even-unsent'));
  expect(text).toMatch(/leaf 20 is missing, or its event is not the one that was sequenced/);
  expect(code).toBe(1);
  expect(await kept()).toHaveLength(2);
  await edit('edited', 'made');
  for (const path of archivesIn(folder, acme.id)) rmSync(path);
});

test('an event without a leaf stays, and with it its month', async () => {
  await house.stop();
  const [first] = months as [PastMonth];
  const clock = house.clock;
  const now = clock.now();
  house = await startHouse({ home: house.home, clock, env: { ...env, ROLES: 'web' } });
  clock.set(first.middle);
  const ctx = await contextOf(house, { tenantId: acme.uuid, kind: 'system' });
  await recordEvents(ctx, [{ type: 'group.create', targets: [{ type: 'group', id: newId() }] }]);
  clock.set(now);
  const { code, text } = await beside(() => archive('--even-unsent'));
  await house.stop();
  house = await startHouse({ home: house.home, clock, env });
  expect(text).toContain(`1 events of ${acme.id} have no leaf in the tree yet; run a server`);
  expect(code).toBe(1);
  expect(await kept()).toHaveLength(2);
  await allSequenced(house, acme.uuid);
}, 30_000);

test('what lies in the default partition stays, and is told', async () => {
  const { code, text } = await beside(() => archive('--even-unsent'));
  expect(text).toMatch(/log streams have not sent all of it yet .* never will once it has left/);
  expect(text).toContain(`1 events from before ${before} stay`);
  expect(code).toBe(0);
  expect(await kept()).toEqual([]);
  const astray = await rows<{ n: number }>(
    house,
    acme.uuid,
    `SELECT count(*)::int AS n FROM audit_events e JOIN audit_targets t ON t.event_id = e.id WHERE request_id = 'astray'`,
  );
  expect(astray).toEqual([{ n: 1 }]);
});

test('K07 a log stream and a live tail that stand before what left go on behind it', async () => {
  const tenant = again();
  const { events } = readExport(await exportOf(house, tenant, '?from=0'));
  const there = events.map(({ leafIndex }) => leafIndex);
  const first = { after: 'event_00000000000000000000000000' };
  const query = 'subscription ($after: ID) { auditEvents(after: $after) { id } }';
  const live = await subscribe<{ auditEvents: { id: string } }>(house, tenant, query, first);
  await until(() => live.received.length >= events.length);
  live.close();
  expect(live.received.slice(0, events.length).map(({ auditEvents }) => auditEvents.id)).toEqual(
    events.map(({ id }) => id),
  );
  await turn(tenant, stream, 'resume');
  const sent = () => receiver.events('/behind').map(({ leafIndex }) => leafIndex);
  await until(() => {
    house.clock.advance(500);
    return sent().length >= there.length;
  });
  const late = sent().slice(-there.length - 3);
  expect(late.filter((leaf) => there.includes(leaf))).toEqual(there);
}, 30_000);
