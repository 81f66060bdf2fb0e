/**
 * The PostgreSQL that is measured: a cluster of our own in a temporary folder with its usual
 * durability, or the one that BENCH_DATABASE_URL names.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { familyCpuSeconds } from './proc.ts';
import { freePort } from './processes.ts';

export interface Cluster {
  /** Makes an empty database, replacing one of that name. */
  database(name: string): Promise<BenchDatabase>;
  /** CPU seconds that its processes have used; null where they cannot be seen. */
  cpuSeconds(): number | null;
  stop(): Promise<void>;
}

export interface BenchDatabase {
  /** Its owner, without special rights: row security binds it as in production. */
  readonly url: string;
  /** Whoever made it: in a cluster of our own a superuser, whom row security does not bind. */
  readonly adminUrl: string;
  /** Of PostgreSQL. */
  readonly version: string;
}

export async function startCluster(): Promise<Cluster> {
  const given = process.env['BENCH_DATABASE_URL'];
  if (given)
    return {
      database: (name) => freshDatabase(given, name),
      cpuSeconds: () => null,
      stop: async () => {},
    };
  const account = unprivilegedAccount();
  const bin = binaries();
  const folder = mkdtempSync(join(tmpdir(), 'signet-bench-'));
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid ?? account.uid);
  const data = join(folder, 'data');
  const options = { ...account, cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8' } };
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-instructions'];
  execFileSync(join(bin, 'initdb'), initdb, { ...options, stdio: 'ignore' });
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, ...SETTINGS];
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let complaints = '';
  server.stderr.on('data', (text) => {
    complaints = (complaints + text).slice(-4000);
  });
  const stop = async () => {
    if (server.exitCode === null) {
      server.kill('SIGINT');
      await once(server, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const admin = `postgres://postgres@127.0.0.1:${port}/postgres`;
    await answering(admin, () => server.exitCode === null);
    return {
      database: (name) => freshDatabase(admin, name),
      cpuSeconds: () => familyCpuSeconds(server.pid ?? 0),
      stop,
    };
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL did not start: ${complaints}`, { cause: error });
  }
}

/** fsync and synchronous_commit stay on. Memory enough for a million users. */
const SETTINGS = [
  'shared_buffers=1GB',
  'max_wal_size=4GB',
  'max_connections=100',
  'autovacuum=off',
];

async function freshDatabase(admin: string, name: string): Promise<BenchDatabase> {
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${name}`);
    const { rows } = await client.query("SELECT 1 FROM pg_roles WHERE rolname = 'signet_bench'");
    if (rows.length === 0)
      await client.query("CREATE ROLE signet_bench LOGIN CREATEROLE PASSWORD 'bench'");
    await client.query('GRANT signet_bench TO CURRENT_USER');
    // Lets the seed skip the check of every foreign key; only a superuser may allow that.
    await client
      .query('GRANT SET ON PARAMETER session_replication_role TO signet_bench')
      .catch(() => undefined);
    await client.query(`CREATE DATABASE ${name} OWNER signet_bench`);
    const version = await client.query<{ server_version: string }>('SHOW server_version');
    const url = new URL(admin);
    url.pathname = name;
    const adminUrl = url.href;
    url.username = 'signet_bench';
    url.password = 'bench';
    return { url: url.href, adminUrl, version: version.rows[0]?.server_version ?? '' };
  } finally {
    await client.end();
  }
}

/** PostgreSQL refuses to run as root. */
function unprivilegedAccount(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function binaries(): string {
  const packaged = '/usr/lib/postgresql';
  const versions = existsSync(packaged) ? readdirSync(packaged) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a));
  const places = [
    ...newest.map((version) => join(packaged, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const found = places.find((place) => existsSync(join(place, 'initdb')));
  if (!found)
    throw new Error(
      'PostgreSQL is not installed (no initdb); install it or set BENCH_DATABASE_URL',
    );
  return found;
}

async function answering(url: string, alive: () => boolean): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (!alive()) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
