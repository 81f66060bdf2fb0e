import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataDirInUse, lockDataDir } from '#kernel/db/data-dir-lock.ts';
import { type Database, openDatabase } from '#kernel/db/database.ts';
import { migrationsFolder, scratchFolder, silent } from './homes.ts';

const writer = fileURLToPath(new URL('./writer.process.ts', import.meta.url));

describe('the embedded database', () => {
  const dataDir = scratchFolder();
  const config = { dataDir, databasePoolSize: 1, databasePooling: 'session' } as const;
  const migrations = migrationsFolder({
    '1_writes': `
      CREATE ROLE signet_app NOLOGIN;
      CREATE TABLE writes (id int PRIMARY KEY);
      CREATE TABLE echoes (id int PRIMARY KEY REFERENCES writes);
      GRANT ALL ON writes, echoes TO signet_app;`,
  });
  let db: Database;
  const open = () => openDatabase(config, silent, { migrations });

  beforeAll(async () => {
    // As a start leaves it that was killed while it made the folder.
    mkdirSync(join(dataDir, 'db'), { recursive: true });
    writeFileSync(join(dataDir, 'db', 'PG_VERSION'), '18');
    writeFileSync(join(dataDir, 'db.incomplete'), '');
    db = await open();
  });
  afterAll(async () => {
    await db?.close();
    rmSync(dataDir, { recursive: true });
    rmSync(migrations, { recursive: true });
  });

  it('is made again when its making was interrupted', () => {
    expect(existsSync(join(dataDir, 'db.incomplete'))).toBe(false);
  });

  it('works while the rest of the program goes on', async () => {
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    }, 1);
    await db.query('SELECT count(*) FROM generate_series(1, 3000000)');
    clearInterval(turning);
    expect(turns).toBeGreaterThan(10);
  });

  it('is not ended by a transaction that waits', async () => {
    // What ends one server process of many would end this database, and nobody would be told.
    const name = 'idle_in_transaction_session_timeout';
    expect(await db.query('SELECT current_setting($1) AS after', [name])).toEqual([{ after: '0' }]);
  });

  it('carries large answers and large questions whole', async () => {
    const text = 'ä€𝄞'.repeat(500_000);
    const [row] = await db.query<{ text: string }>('SELECT $1::text AS text', [text]);
    expect(row?.text === text).toBe(true);
  });

  it('refuses a second opening, here and from another process, and says who has it', async () => {
    await expect(open()).rejects.toThrow(DataDirInUse);
    const child = fork(writer, [dataDir, migrations], { stdio: 'pipe' });
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint += chunk;
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(1);
    expect(complaint).toContain(`in use by process ${process.pid}`);
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('X01: loses nothing that it acknowledged when it is killed, and keeps no half', async () => {
    await db.close();
    const acknowledged = new Set<number>();
    for (let round = 0; round < 3; round += 1) await writeUntilKilled(acknowledged);
    db = await open();
    const rows = await db.query<{ id: number; whole: boolean }>(
      'SELECT w.id, e.id IS NOT NULL AS whole FROM writes w LEFT JOIN echoes e USING (id)',
    );
    const stored = new Set(rows.map(({ id }) => id));
    expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
    expect(rows.filter(({ whole }) => !whole)).toEqual([]);
  });

  /** One process that writes and tells, killed after a while. */
  async function writeUntilKilled(acknowledged: Set<number>): Promise<void> {
    const enough = acknowledged.size + 40;
    const child = fork(writer, [dataDir, migrations], { stdio: 'inherit' });
    child.on('message', (id) => {
      acknowledged.add(Number(id));
      if (acknowledged.size === enough) child.kill('SIGKILL');
    });
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
  }
});

describe('the lock of a data folder', () => {
  const folder = scratchFolder();
  const path = join(folder, 'lock');
  const write = (holder: object) => writeFileSync(path, JSON.stringify(holder));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is held once and given back', () => {
    const release = lockDataDir(folder);
    expect(() => lockDataDir(folder)).toThrow(DataDirInUse);
    release();
    expect(existsSync(path)).toBe(false);
    lockDataDir(folder)();
  });

  it('is taken from a process that is gone, or that was ourselves before', async () => {
    const gone = await exited(spawn(process.execPath, ['-e', '']));
    for (const pid of [gone, process.pid]) {
      write({ pid, host: hostname(), started: 'another boot 1' });
      lockDataDir(folder)();
    }
    writeFileSync(path, 'not a lock at all');
    lockDataDir(folder)();
  });

  it('is taken when the pid now belongs to another process, where the system tells', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(other, 'spawn');
    try {
      write({ pid: other.pid, host: hostname(), started: null });
      expect(() => lockDataDir(folder)).toThrow(`in use by process ${other.pid}`);
      write({ pid: other.pid, host: hostname(), started: 'another boot 1' });
      if (process.platform === 'linux') lockDataDir(folder)();
    } finally {
      other.kill();
      rmSync(path, { force: true });
    }
  });

  it('of another host is respected while its holder keeps touching it', () => {
    write({ pid: 1, host: 'elsewhere', started: null });
    expect(() => lockDataDir(folder)).toThrow('in use by elsewhere (pid 1)');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ host: 'elsewhere' });
  });
});

async function exited(child: ChildProcess): Promise<number> {
  await once(child, 'exit');
  return child.pid ?? 0;
}
