import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '#kernel/db/database.ts';
import { startEmbeddedServer } from '#kernel/db/embedded-server.ts';
import { MigrationEdited, MigrationFailed, migrate, ownerConnection } from '#kernel/db/migrate.ts';
import { homes, migrationsFolder, postgres, serverUrl, silent, writeMigration } from './homes.ts';

const ROLE = `
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'signet_app') THEN CREATE ROLE signet_app NOLOGIN; END IF;
END $$;
GRANT signet_app TO CURRENT_USER;
CREATE TABLE notes (id int PRIMARY KEY, body text NOT NULL);
GRANT ALL ON notes TO signet_app;
INSERT INTO notes SELECT n, 'note ' || n FROM generate_series(1, 1000) AS n;`;

type Owner = Awaited<ReturnType<typeof ownerConnection>>;

// Each on databases of its own; PostgreSQL once is enough, nothing here is pooled.
const places = homes.filter(({ name }) => !name.endsWith('transaction'));

describe.each(places)('migrations on $name', ({ create }) => {
  let config: Awaited<ReturnType<typeof create>>['config'];
  let remove: () => Promise<void>;
  let owner: Owner;
  let stop: () => Promise<void>;
  const folder = migrationsFolder({ '1_notes': ROLE });
  const names = async () =>
    (await owner.query('SELECT migration_name FROM _prisma_migrations ORDER BY 1')).rows.map(
      (row: { migration_name: string }) => row.migration_name,
    );

  async function start(): Promise<void> {
    const { databaseUrl } = config;
    const server = databaseUrl ? null : await startEmbeddedServer(config.dataDir, silent);
    owner = await ownerConnection(server ?? { connectionString: databaseUrl ?? '' });
    stop = async () => {
      await owner.end();
      await server?.close();
    };
  }

  beforeAll(async () => {
    ({ config, remove } = await create());
    await start();
  });
  afterAll(async () => {
    await remove?.();
    rmSync(folder, { recursive: true });
  });

  it('are all pending on an empty database', async () => {
    await stop();
    const empty = await openDatabase(config, silent, { migrations: folder, migrate: false });
    expect(await empty.pendingMigrations()).toEqual(['1_notes']);
    await empty.close();
    await start();
  });

  it('are applied once, in order', async () => {
    expect(await migrate(owner, folder, silent)).toEqual(['1_notes']);
    expect(await migrate(owner, folder, silent)).toEqual([]);
    writeMigration(folder, '2_title', "ALTER TABLE notes ADD title text NOT NULL DEFAULT '';");
    writeMigration(folder, '3_title', "UPDATE notes SET title = 'note';");
    expect(await migrate(owner, folder, silent)).toEqual(['2_title', '3_title']);
    expect(await names()).toEqual(['1_notes', '2_title', '3_title']);
  });

  it('that were edited afterwards stop the start, by name', async () => {
    const edited = migrationsFolder({ '1_notes': `${ROLE} -- edited` });
    const attempt = migrate(owner, edited, silent);
    await expect(attempt).rejects.toThrow(MigrationEdited);
    await expect(attempt).rejects.toThrow(/1_notes was edited/);
    rmSync(edited, { recursive: true });
  });

  it('that fail leave nothing behind, tell where, and can be corrected and run again', async () => {
    writeMigration(folder, '4_half', 'CREATE TABLE half (id int);\nSELECT * FROM nowhere;');
    const attempt = migrate(owner, folder, silent);
    await expect(attempt).rejects.toThrow(MigrationFailed);
    await expect(attempt).rejects.toThrow(/4_half failed at line 2 .*nowhere/);
    const { rows } = await owner.query("SELECT to_regclass('half') AS found");
    expect(rows).toEqual([{ found: null }]);
    expect(await names()).toHaveLength(3);
    writeMigration(folder, '4_half', 'CREATE TABLE half (id int);');
    expect(await migrate(owner, folder, silent)).toEqual(['4_half']);
  });

  it('may not end the transaction that they run in', async () => {
    const escaping = migrationsFolder({ '5_escape': 'COMMIT;' });
    await expect(migrate(owner, escaping, silent)).rejects.toThrow(/remove BEGIN and COMMIT/);
    rmSync(escaping, { recursive: true });
    expect(await names()).toHaveLength(4);
  });

  it('keep the rows of the older schema, and are known to be pending before', async () => {
    await stop();
    writeMigration(folder, '6_more', 'ALTER TABLE notes ADD stars int NOT NULL DEFAULT 3;');
    const before = await openDatabase(config, silent, { migrations: folder, migrate: false });
    expect(await before.pendingMigrations()).toEqual(['6_more']);
    await before.close();
    const after = await openDatabase(config, silent, { migrations: folder });
    expect(await after.pendingMigrations()).toEqual([]);
    expect(
      await after.query('SELECT count(*)::int AS notes, sum(stars)::int AS stars FROM notes'),
    ).toEqual([{ notes: 1000, stars: 3000 }]);
    await after.close();
  });
});

if (serverUrl) {
  const home = postgres('session', serverUrl);
  describe('X23, K10: migrations of several instances at once', () => {
    it('are applied by one while the others wait, and survive one that is killed', async () => {
      const { config, remove } = await home.create();
      const connectionString = config.databaseUrl ?? '';
      const folder = migrationsFolder({
        '1_notes': ROLE,
        '2_slow': 'CREATE TABLE slow (id int); SELECT pg_sleep(0.5); INSERT INTO slow VALUES (1);',
      });
      const owners = await Promise.all(
        Array.from({ length: 4 }, () => ownerConnection({ connectionString })),
      );
      const [first, ...others] = owners as [Owner, ...Owner[]];
      // The first is cut off in the middle of its second migration.
      const killed = migrate(first, folder, silent);
      killed.catch(() => undefined);
      const watcher = await ownerConnection({ connectionString });
      await waitFor(async () => {
        const { rowCount } = await watcher.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.5)%' AND pid <> pg_backend_pid()",
        );
        return rowCount === 1;
      });
      await expect(killed).rejects.toThrow(/2_slow failed/);
      const applied = await Promise.all(others.map((owner) => migrate(owner, folder, silent)));
      expect(applied.flat()).toEqual(['2_slow']);
      const { rows } = await watcher.query(
        'SELECT (SELECT count(*)::int FROM slow) AS slow, (SELECT count(*)::int FROM notes) AS notes',
      );
      expect(rows).toEqual([{ slow: 1, notes: 1000 }]);
      await Promise.all([...others, watcher].map((owner) => owner.end()));
      await remove();
      rmSync(folder, { recursive: true });
    });
  });
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}
