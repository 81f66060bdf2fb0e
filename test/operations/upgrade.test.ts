/** A database of an earlier release is migrated with what it holds. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '#kernel/db/database.ts';
import { startEmbeddedServer } from '#kernel/db/embedded-server.ts';
import { migrate, ownerConnection, SHIPPED_MIGRATIONS } from '#kernel/db/migrate.ts';
import { homes } from '../kernel/db/homes.ts';

const shipped = readdirSync(SHIPPED_MIGRATIONS)
  .filter((name) => /^\d/.test(name))
  .sort();
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** The migrations as they were when there were only so many. */
function release(migrations: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'signet-release-'));
  folders.push(folder);
  for (const name of shipped.slice(0, migrations))
    cpSync(join(SHIPPED_MIGRATIONS, name), join(folder, name), { recursive: true });
  return folder;
}

/** What a tenant of the release `n` stores. */
async function fill(owner: pg.Client, n: number): Promise<string> {
  const tenant = `00000000-0000-7000-8000-0000000001${String(n).padStart(2, '0')}`;
  await owner.query("SELECT set_config('app.tenant_id', $1, false)", [tenant]);
  await owner.query(
    `INSERT INTO tenants (id, slug, name, issuer) VALUES ($1, 'tenant-' || $2, 'Tenant', 'https://x.example.com')`,
    [tenant, String(n)],
  );
  await owner.query(
    `INSERT INTO users (tenant_id, id, email, email_key, attributes)
     SELECT $1::uuid, gen_random_uuid(), n || '@example.com', n || '@example.com', jsonb_build_object('n', n)
     FROM generate_series(1, 50) n`,
    [tenant],
  );
  // The first migration alone has the audit log, but no month of it.
  if (n > 1) await owner.query(AUDIT, [tenant]);
  return tenant;
}

const AUDIT = `
INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, targets,
  request_id, details, personal, leaf_hash)
SELECT $1::uuid, id, 'user.create', 'INFO', 'SUCCESS', now(), 'internal', '[]', 'r', '{}', '{}', sha256('x')
FROM users WHERE tenant_id = $1::uuid`;

test.each(homes)(
  'what every earlier release stored is there after the last migration, on $name',
  async ({ create }) => {
    const { config, remove } = await create();
    const server = config.databaseUrl ? null : await startEmbeddedServer(config.dataDir, quiet);
    const owner = await ownerConnection(
      server ?? { connectionString: config.databaseUrl as string },
    );
    const tenants: string[] = [];
    for (let n = 1; n < shipped.length; n += 1) {
      await migrate(owner, release(n), quiet);
      tenants.push(await fill(owner, n));
    }
    await owner.end();
    await server?.close();

    const db = await openDatabase(config, quiet);
    for (const [n, tenant] of tenants.entries()) {
      const [row] = await db.inTenant(tenant, () =>
        db.query(
          `SELECT (SELECT count(*)::int FROM users) AS users, (SELECT sum((attributes ->> 'n')::int)::int FROM users) AS sum,
           (SELECT count(*)::int FROM audit_events e JOIN users u ON u.id = e.id) AS events`,
        ),
      );
      expect(row).toEqual({ users: 50, sum: 1275, events: n > 0 ? 50 : 0 });
    }
    expect(await db.pendingMigrations()).toEqual([]);
    await db.close();
    await remove();
  },
);
