/** `npm run audit:archive`: months of the log leave the database, and the log stays provable (K03). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import {
  type InclusionProof,
  verifyCheckpoint,
  verifyInclusion,
} from '../../sdk/generated/audit.ts';
import {
  archiveLog,
  archivesIn,
  keptMonths,
  type PastMonth,
  pastMonths,
  signetVerify,
  thisMonth,
} from '../kit/archives.ts';
import { callerOf } from '../kit/as.ts';
import { type SignedNote, signedNote } from '../kit/audit-export.ts';
import { allSequenced, exportOf, makeEvents, readExport } from '../kit/events.ts';
import { serverUrl } from '../kit/homes.ts';
import { type House, startHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { asOwner, rows } from '../kit/stored.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-archives-'));
const archives = join(folder, 'archives');
let house: House;
let months: PastMonth[];
let current: string;
let acme: MadeTenant;
let zen: MadeTenant;
let key: string;
let whole: string[];
let firstEvent: string;

/** Three months of two tenants, and some of this one. */
beforeAll(async () => {
  house = await startHouse({ eventsAsPromised: false });
  months = await pastMonths(house, 3);
  current = await thisMonth(house);
  const now = house.clock.now();
  for (const [n, month] of months.entries()) {
    house.clock.set(month.middle);
    if (n === 0) acme = await makers(house).tenant();
    if (n === 1) zen = await makers(house).tenant();
    await makeEvents(house, acme.uuid, 30 + n);
    if (n > 0) await makeEvents(house, zen.uuid, 5);
  }
  house.clock.set(now);
  await makeEvents(house, acme.uuid, 12);
  for (const tenant of [acme.uuid, zen.uuid, PLATFORM_TENANT_ID]) await allSequenced(house, tenant);
  const { verifierKey } = await signedNote(acme);
  key = join(folder, 'key.txt');
  writeFileSync(key, verifierKey);
  const { lines, events } = readExport(await exportOf(house, acme));
  whole = lines;
  firstEvent = String(events[0]?.['id']);
}, 60_000);

afterAll(async () => {
  if (!house.stopped()) await house.stop();
  await house.home.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The embedded database belongs to one process. */
async function archive(...args: string[]) {
  if (!serverUrl) await house.stop();
  const ended = await archiveLog(house.home, '--to', archives, ...args);
  if (!serverUrl) house = await startHouse({ home: house.home, clock: house.clock });
  return ended;
}

test('what has not ended, and what is no month, is refused', async () => {
  const next = `${Number(current.slice(0, 4)) + 1}${current.slice(4)}`;
  for (const [args, text] of [
    [['--before', next], new RegExp(`--before: must be at most ${current}`)],
    [['--before', '2026-13'], /--before: must be a month such as/],
    [[], /^Use: npm run audit:archive/],
  ] as const) {
    const ended = await archive(...args);
    expect(ended.text).toMatch(text);
    expect(ended.code).toBe(1);
  }
}, 60_000);

test.skipIf(serverUrl)('the embedded database belongs to its server while that runs', async () => {
  const { code, text } = await archiveLog(house.home, '--to', archives, '--before', current);
  expect(text).toMatch(/in use by /);
  expect(code).toBe(1);
});

test('K03 months leave as archives that verify, one by one and with what is left', async () => {
  const [first, second] = months as [PastMonth, PastMonth];
  const dry = await archive('--before', second.name, '--dry-run');
  expect(dry).toEqual({ code: 0, text: expect.stringContaining(`${first.name}: `) });
  expect(await keptMonths(house, months)).toHaveLength(3);
  const one = await archive('--before', second.name);
  expect(one.text).toMatch(new RegExp(`${first.name}: \\d+ events have left the database`));
  expect(one.code).toBe(0);
  expect(await keptMonths(house, months)).toEqual(months.slice(1).map(({ name }) => name));
  const rest = await archive('--before', current);
  expect(rest.code).toBe(0);
  expect(await keptMonths(house, months)).toEqual([]);
  const again = await archive('--before', current);
  expect(again).toEqual({ code: 0, text: `no month before ${current} is stored\n` });

  const pieces = archivesIn(archives, acme.id);
  expect(pieces).toHaveLength(3);
  // By themselves they are the log as it was at their end.
  const alone = await signetVerify(...pieces, '--key', key);
  expect(alone.text).toMatch(/^verified: \d+ events, checkpoint of \d+ leaves/);
  expect(alone.code).toBe(0);
  const answer = await exportOf(house, acme);
  const { end, lines } = readExport(answer);
  expect(end.from).toBeGreaterThan(0);
  expect(answer.headers['signet-export-from']).toBe(String(end.from));
  expect(lines[0]).toBe(whole[end.from]);
  const json = await exportOf(house, acme, `?format=JSON&to=${end.to}`);
  expect(JSON.parse(json.text)).toMatchObject({ export: end });
  const csv = await exportOf(house, acme, `?format=CSV&to=${end.to}`);
  expect(csv.headers['signet-export-from']).toBe(String(end.from));
  expect(csv.text.split('\r\n')[1]).toMatch(new RegExp(`^${end.from},event_`));
  const exported = join(folder, 'export.ndjson');
  writeFileSync(exported, answer.text);
  const all = await signetVerify(...pieces, exported, '--key', key);
  expect(all.text).toMatch(new RegExp(`^verified: ${end.to} events`));
  expect((await signetVerify(...pieces.slice(1), exported, '--key', key)).text).toMatch(
    /^EVENTS_MISSING: line 1, leaf 0: .*put their archives before this/,
  );
  const later = await signetVerify(exported, '--key', key, '--from', String(end.from));
  expect(later.text).toMatch(new RegExp(`^verified from leaf ${end.from} on: `));
}, 60_000);

test('K03 an event that has left is proved by its archive all the same', async () => {
  const caller = callerOf(house, { secret: acme.secret, door: 'public' });
  const { body: note } = await caller.rest<SignedNote>('GET', '/v1/audit-checkpoint');
  const { status, body: proof } = await caller.rest<InclusionProof>(
    'GET',
    `/v1/audit-events/${firstEvent}/proof`,
  );
  expect([status, proof.leafIndex, proof.size]).toEqual([200, 0, note.size]);
  const [piece = ''] = archivesIn(archives, acme.id);
  const [line = ''] = gunzipSync(readFileSync(piece)).toString().split('\n');
  const checkpoint = verifyCheckpoint(note.note, note.verifierKey);
  expect(verifyInclusion(line, proof, checkpoint)).toBe(true);
  expect(verifyInclusion(line.replace('SUCCESS', 'REFUSED'), proof, checkpoint)).toBe(false);
  expect((await caller.rest('GET', `/v1/audit-events/${firstEvent}`)).status).toBe(404);
});

test('K03 targets follow their events, and no other is taken from the index', async () => {
  const left = await rows<{ n: number }>(
    house,
    acme.uuid,
    'SELECT count(*)::int AS n FROM audit_targets t WHERE NOT EXISTS (SELECT FROM audit_events e WHERE e.id = t.event_id)',
  );
  expect(left).toEqual([{ n: 0 }]);
  await expect(asOwner(house, acme.uuid, 'DELETE FROM audit_targets')).rejects.toThrow(
    /append-only/,
  );
});
