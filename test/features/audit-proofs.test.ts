/** Proofs of the audit log through its doors, verified by the SDK (K03). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { recordEvents } from '#kernel/events/record.ts';
import { encodeId } from '#kernel/ids.ts';
import {
  CheckpointError,
  readCheckpoint,
  splitCheckpoints,
  verifyAuditExport,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from '../../sdk/generated/audit.ts';
import {
  createClient,
  getAuditCheckpoint,
  getAuditConsistency,
  getAuditProof,
} from '../../sdk/generated/sdk.ts';
import { bytesOf, exportedLines, sequenced, signedNote } from '../kit/audit-export.ts';
import { contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true }));
const house = await openHouse({
  env: { AUDIT_CHECKPOINTS_DIR: folder },
  eventsAsPromised: false,
});
const make = makers(house);
const acme = await make.tenant();
const client = createClient({ url: house.url, apiKey: acme.secret });

const idOf = (line: string) => (JSON.parse(line) as { id: string }).id;

test('K03 every event is proved against the signed checkpoint, by the API and the SDK alone', async () => {
  for (let n = 0; n < 5; n += 1) await make.user(acme);
  const count = await sequenced(house, acme);
  const signed = await getAuditCheckpoint(client);
  const checkpoint = verifyCheckpoint(signed.note, signed.verifierKey);
  expect(checkpoint).toMatchObject({
    origin: expect.stringMatching(/^id\.signet\.test\/t\/.+\/audit$/),
    size: count,
    root: Buffer.from(signed.root, 'base64'),
  });
  const lines = await exportedLines(house, acme);
  for (const [n, line] of lines.entries()) {
    const proof = await getAuditProof(client, { eventId: idOf(line) });
    expect(proof).toMatchObject({ leafIndex: n, size: count, checkpoint: { note: signed.note } });
    if (!proof) throw new Error('no proof');
    expect(verifyInclusion(line, proof, checkpoint)).toBe(true);
    expect(verifyInclusion(line.replace('SUCCESS', 'REFUSED'), proof, checkpoint)).toBe(false);
    expect(verifyInclusion(lines[(n + 1) % count] ?? '', proof, checkpoint)).toBe(false);
  }
});

test('K03 a later log is proved to begin with an earlier one', async () => {
  await sequenced(house, acme);
  const first = await signedNote(acme);
  for (let n = 0; n < 3; n += 1) await make.user(acme);
  await sequenced(house, acme);
  const second = await signedNote(acme);
  const proof = await getAuditConsistency(client, { from: first.size });
  const [earlier, later] = [first, second].map((one) =>
    verifyCheckpoint(one.note, one.verifierKey),
  ) as [ReturnType<typeof verifyCheckpoint>, ReturnType<typeof verifyCheckpoint>];
  expect(verifyConsistency(earlier, later, proof)).toBe(true);
  expect(verifyConsistency({ ...earlier, root: later.root }, later, proof)).toBe(false);
  const inOld = await getAuditProof(client, {
    eventId: idOf((await exportedLines(house, acme))[0] ?? ''),
    size: first.size,
  });
  expect(inOld?.checkpoint?.note).toBe(first.note);
});

test('refusals: what is not there, not yet there, not covered, or no size of this tree', async () => {
  await sequenced(house, acme);
  const { size } = await signedNote(acme);
  const last = idOf((await exportedLines(house, acme)).at(-1) ?? '');
  const ask = async (path: string) => {
    const { status, body } = await acme.rest<{ code?: string }>('GET', `/v1/${path}`);
    return [status, body.code];
  };
  const missing = 'event_01h2xcejqtf2nbrexx3vqjhp42';
  expect(await ask(`audit-events/${missing}/proof`)).toEqual([404, 'NOT_FOUND']);
  expect(await ask(`audit-events/${acme.id}/proof`)).toEqual([400, 'INVALID_ID']);
  expect(await ask(`audit-events/${last}/proof?size=1`)).toEqual([409, 'AUDIT_LEAF_NOT_COVERED']);
  const sizes = [0, -1, 1.5, size + 1, 999_999_999_999];
  for (const wrong of sizes)
    expect(await ask(`audit-events/${last}/proof?size=${wrong}`)).toEqual([
      422,
      'AUDIT_SIZE_UNKNOWN',
    ]);
  for (const wrong of sizes)
    expect(await ask(`audit-consistency?from=${wrong}`)).toEqual([422, 'AUDIT_SIZE_UNKNOWN']);
  expect(await ask(`audit-consistency?from=2&to=1`)).toEqual([422, 'AUDIT_SIZE_UNKNOWN']);
});

test('an event that has no leaf yet is answered so', async () => {
  const tenant = await make.tenant();
  const [young] = await rows<{ id: string }>(
    house,
    tenant.uuid,
    `INSERT INTO audit_events SELECT tenant_id, gen_random_uuid(), xid, type, severity, result, reason, occurred_at, actor_kind,
       actor_id, on_behalf_of, targets, request_id, details, personal, leaf_hash FROM audit_events LIMIT 1 RETURNING id`,
  );
  const id = encodeId('event', young?.id ?? '');
  const { status, body, headers } = await tenant.rest<{ code: string }>(
    'GET',
    `/v1/audit-events/${id}/proof`,
  );
  expect([status, body.code]).toEqual([409, 'AUDIT_EVENT_NOT_SEQUENCED']);
  expect(headers['retry-after']).toBe('1');
});

test('K03 a checkpoint is believed by the pinned key only, and as it was signed', async () => {
  const other = await make.tenant();
  for (const tenant of [acme, other]) await sequenced(house, tenant);
  const [ours, theirs] = [await signedNote(acme), await signedNote(other)];
  const problem = (note: string, key: string) => {
    try {
      verifyCheckpoint(note, key);
      return null;
    } catch (error) {
      return error instanceof CheckpointError ? error.code : error;
    }
  };
  const { note, verifierKey: key } = ours;
  expect(problem(note, key)).toBeNull();
  expect(problem(note, theirs.verifierKey)).toBe('CHECKPOINT_OF_ANOTHER_LOG');
  const grownBy = note.replace(`\n${ours.size}\n`, `\n${ours.size + 1}\n`);
  expect(problem(grownBy, key)).toBe('CHECKPOINT_SIGNATURE_WRONG');
  const ofTheirs = theirs.note.replaceAll(
    readCheckpoint(theirs.note).origin,
    readCheckpoint(note).origin,
  );
  expect(problem(ofTheirs, key)).toBe('CHECKPOINT_NOT_SIGNED');
  for (const broken of [
    '',
    'x',
    note.replace('\n\n', '\n'),
    note.replace('\u2014', '-'),
    note.slice(0, 40),
  ])
    expect(problem(broken, key)).toBe('CHECKPOINT_MALFORMED');
  for (const broken of ['', 'a+b+c', `${key.slice(0, -4)}AAA=`, key.replace('+', ' ')])
    expect(problem(note, broken)).toBe('KEY_MALFORMED');
});

test('K03 checkpoints lie outside the database too, soon after the log grew', async () => {
  const tenant = await make.tenant();
  await make.user(tenant);
  const size = await sequenced(house, tenant);
  const file = join(folder, `${tenant.id}.checkpoints`);
  const notes = await until(() => {
    const found = splitCheckpoints(readFileSync(file, 'utf8'));
    return found.some((note) => readCheckpoint(note).size === size) && found;
  });
  const { verifierKey } = await signedNote(tenant);
  for (const note of notes) expect(verifyCheckpoint(note, verifierKey).note).toBe(note);
  expect(new Set(notes).size).toBe(notes.length);
});

test('K03 erasing a person leaves every proof as it was', async () => {
  const tenant = await make.tenant();
  const person = await make.user(tenant);
  const ctx = await contextOf(house, { tenantId: tenant.uuid, userId: person.uuid });
  await house.services.db.inTenant(tenant.uuid, () =>
    recordEvents(ctx, [{ type: 'test.where', targets: [] }]),
  );
  await sequenced(house, tenant);
  const before = await signedNote(tenant);
  const salts = () =>
    rows(house, tenant.uuid, 'SELECT 1 FROM subject_keys WHERE subject = $1', [person.uuid]);
  expect(await salts()).toHaveLength(1);
  await house.services.db.inTenant(tenant.uuid, () =>
    house.services.vault.eraseSubject(tenant.uuid, person.uuid),
  );
  await make.user(tenant);
  expect(await salts()).toEqual([]);
  await sequenced(house, tenant);
  const after = await signedNote(tenant);
  const lines = await exportedLines(house, tenant);
  const report = await verifyAuditExport(bytesOf(lines), {
    checkpoint: after.note,
    key: after.verifierKey,
    earlier: [before.note],
  });
  expect(report).toMatchObject({ verified: true, events: after.size });
  expect(after.size).toBeGreaterThan(before.size);
});
