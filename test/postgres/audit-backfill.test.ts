/** K03 A log that is older than the tree: all of it becomes leaves, in its order, before what comes. */
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sequenceBatch } from '#features/audit/audit-sequencer.ts';
import { openDatabase } from '#kernel/db/database.ts';
import { SHIPPED_MIGRATIONS } from '#kernel/db/migrate.ts';
import { createOutbox } from '#kernel/events/outbox.ts';
import { createLog } from '#kernel/log.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { administer, dropDatabase, serverUrl } from '../kit/homes.ts';
import { until } from '../kit/until.ts';

const log = createLog({ level: 'silent', hide: [] });

/** A database of the release before the tree. */
function earlierMigrations(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signet-migrations-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of readdirSync(SHIPPED_MIGRATIONS))
    if (/^\d/.test(name) && name < '0013')
      cpSync(join(SHIPPED_MIGRATIONS, name), join(folder, name), { recursive: true });
  return folder;
}

async function emptyDatabase(): Promise<string> {
  const url = serverUrl as string;
  const name = `signet_test_${randomUUID().replaceAll('-', '')}`;
  await administer(url, `CREATE DATABASE ${name}`);
  onTestFinished(() => dropDatabase(url, name));
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

test('K03 events whose place in the outbox was swept long ago have their leaves, the oldest first', async () => {
  const databaseUrl = await emptyDatabase();
  const config = {
    ...{ databaseUrl, dataDir: tmpdir() },
    ...{ databasePoolSize: 2, databasePooling: 'session' as const },
  };
  const before = await openDatabase(config, log, { migrations: earlierMigrations() });
  const tenant = randomUUID();
  const events = Array.from(
    { length: 1_200 },
    (_, n) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  );
  await before.inTenant(PLATFORM_TENANT_ID, () =>
    before.query(
      "INSERT INTO tenants (id, slug, name, issuer) VALUES ($1, 'old', 'Old', 'https://old.example.com')",
      [tenant],
    ),
  );
  const write = (ids: readonly string[], outbox: boolean) =>
    before.transaction(
      async () => {
        await before.query(
          `INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, targets, request_id, details, personal, leaf_hash)
           SELECT $1::uuid, id, 'test', 'INFO', 'SUCCESS', now(), 'system', '[]', 'test', '{}', '{}', sha256(id::text::bytea)
           FROM unnest($2::uuid[]) id`,
          [tenant, ids],
        );
        if (outbox)
          await before.query(
            "INSERT INTO outbox (tenant_id, event_id, type, occurred_at) SELECT $1::uuid, id, 'test', now() FROM unnest($2::uuid[]) id",
            [tenant, ids],
          );
      },
      { tenantId: tenant },
    );
  // The second half was committed first: the order of the log is that of the commits.
  const [late, early, kept] = [events.slice(0, 500), events.slice(500, 1_000), events.slice(1_000)];
  await write(early, false);
  await write(late, false);
  await write(kept, true);
  await before.close();

  const db = await openDatabase(config, log);
  onTestFinished(() => db.close());
  const outbox = createOutbox(db, log);
  // Transactions of other databases of the server settle too.
  await until(async () => {
    while ((await sequenceBatch({ db, log, outbox })).rows > 0);
    const [left] = await db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM outbox o, outbox_cursors c WHERE (o.xid, o.seq) > (c.xid, c.seq)',
    );
    return left?.n === 0;
  });
  const leaves = await db.inTenant(tenant, () =>
    db.query<{ id: string; index: number }>(
      'SELECT event_id AS id, leaf_index::int AS index FROM audit_leaves ORDER BY leaf_index',
    ),
  );
  expect(leaves.map(({ id }) => id)).toEqual([...early, ...late, ...kept]);
  expect(leaves.map(({ index }) => index)).toEqual(events.map((_, n) => n));
});
