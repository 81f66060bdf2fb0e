import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '#kernel/db/database.ts';
import { errorsSuite } from './errors.suite.ts';
import { homes, shippedAndStrange, silent } from './homes.ts';
import { isolationSuite } from './isolation.suite.ts';
import { transactionSuite } from './transaction.suite.ts';

describe.each(homes)('on $name', ({ create, embedded }) => {
  let db: Database;
  let remove: () => Promise<void>;
  const migrations = shippedAndStrange();

  beforeAll(async () => {
    const home = await create();
    remove = home.remove;
    db = await openDatabase(home.config, silent, { migrations });
  });
  afterAll(async () => {
    await db?.close();
    await remove?.();
    rmSync(migrations, { recursive: true });
  });

  it('answers, has no migration left to apply, and counts its connections', async () => {
    expect(db.embedded).toBe(embedded);
    expect((await db.ping()).now).toBeInstanceOf(Date);
    expect(await db.pendingMigrations()).toEqual([]);
    expect(db.stats()).toMatchObject({ total: 1, idle: 1, waiting: 0 });
  });

  it('runs as a role that row-level security holds for', async () => {
    const rows = await db.query(
      'SELECT rolname, rolsuper OR rolbypassrls AS free FROM pg_roles WHERE rolname = current_user',
    );
    expect(rows).toEqual([{ rolname: 'signet_app', free: false }]);
  });

  isolationSuite(() => db);
  transactionSuite(() => db);
  errorsSuite(() => db);
});
