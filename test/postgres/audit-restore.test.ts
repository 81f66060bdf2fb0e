/** K03 K07 X18 A dump that is restored on another server: its events have their leaves, and so has what comes. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { verifyAuditExport } from '../../sdk/generated/audit.ts';
import { type SignedNote, signedNote } from '../kit/audit-export.ts';
import { exportOf } from '../kit/events.ts';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';
import { houseOf, startServer } from '../operations/server-process.ts';
import { binaries, createCluster } from './cluster.ts';

const run = promisify(execFile);
const [old, fresh] = [await createCluster(), await createCluster()];
afterAll(() => Promise.all([old.remove(), fresh.remove()]));

const at = ({ port }: { port: number }, name = 'signet') => [
  `--dbname=postgres://postgres@127.0.0.1:${port}/${name}`,
];

test('K03 K07 what a restored database records is in the tree, after what was there', async () => {
  // So the former server's numbers lie far before those of the other.
  await old.administer(
    'DO $$ BEGIN FOR n IN 1..30000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$',
  );
  const env = { DATA_DIR: '/nonexistent' };
  const former = await startServer({ home: { env: { ...env, DATABASE_URL: old.url } } });
  const tenant = await makers(houseOf(former)).tenant();
  const users = makers(houseOf(former));
  for (let n = 0; n < 4; n += 1) await users.user(tenant);
  const before = await until(async () => {
    const note = await signedNote(tenant);
    return note.size >= 5 && note;
  });
  await users.user(tenant);
  expect((await former.end('SIGKILL')).signal).toBe('SIGKILL');

  const dump = join(tmpdir(), `signet-${old.port}.dump`);
  await run(join(binaries(), 'pg_dump'), [...at(old), '-Fc', `--file=${dump}`]);
  await fresh.administer('CREATE ROLE signet_app NOLOGIN');
  await fresh.administer('CREATE ROLE signet_definer NOLOGIN');
  await fresh.administer('GRANT signet_app, signet_definer TO signet_owner WITH ADMIN OPTION');
  await run(join(binaries(), 'pg_restore'), [...at(fresh), '--exit-on-error', dump]);
  rmSync(dump);

  const later = await startServer({ home: { env: { ...env, DATABASE_URL: fresh.url } } });
  const again = tenant.at(houseOf(later));
  const more = makers(houseOf(later));
  for (let n = 0; n < 3; n += 1) await more.user(again);
  const { note, verifierKey, size } = await until(async () => {
    const { body } = await again.rest<SignedNote>('GET', '/v1/audit-checkpoint');
    return body.size >= before.size + 4 && body;
  });
  const { text } = await exportOf(houseOf(later), tenant, `?to=${size}`);
  const report = await verifyAuditExport([Buffer.from(text)], {
    checkpoint: note,
    key: before.verifierKey,
    earlier: [before.note],
  });
  expect(report).toMatchObject({ verified: true, events: size, problems: [] });
  expect(verifierKey).toBe(before.verifierKey);
  expect(later.output()).toContain('the outbox came from another server');
  expect((await later.end('SIGTERM')).code).toBe(0);
}, 120_000);
