/** A PostgreSQL server of the test's own, which it may stop and start as it likes. */
import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../operations/server-process.ts';

const run = promisify(execFile);

export interface Cluster {
  /** The owner of an empty database; no superuser. */
  readonly url: string;
  readonly port: number;
  /** `immediate`: as a crash, without a checkpoint. */
  stop(mode: 'immediate' | 'fast'): Promise<void>;
  /** Resolves when it accepts connections. */
  start(): Promise<void>;
  /** Runs statements as the superuser. */
  administer(text: string): Promise<pg.QueryResult>;
  remove(): Promise<void>;
}

export async function createCluster(): Promise<Cluster> {
  const bin = binaries();
  const folder = mkdtempSync(join(tmpdir(), 'signet-cluster-'));
  const owner = process.getuid?.() === 0 ? await unprivileged() : null;
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const port = await freePort();
  const command = (name: string, ...args: string[]) =>
    owner
      ? run('runuser', ['-u', owner.name, '--', join(bin, name), ...args])
      : run(join(bin, name), args);
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c shared_buffers=64MB -c max_connections=200`;

  await command(
    'initdb',
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  );
  const cluster: Cluster = {
    url: `postgres://signet_owner@127.0.0.1:${port}/signet`,
    port,
    async stop(mode) {
      await command('pg_ctl', '-D', data, '-m', mode, '-w', 'stop');
    },
    async start() {
      await command('pg_ctl', '-D', data, '-l', join(folder, 'log'), '-w', '-o', options, 'start');
    },
    async administer(text) {
      const client = new pg.Client({
        port,
        host: '127.0.0.1',
        user: 'postgres',
        database: 'postgres',
      });
      await client.connect();
      return client.query(text).finally(() => client.end());
    },
    async remove() {
      await cluster.stop('immediate').catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await cluster.start();
  await cluster.administer('CREATE ROLE signet_owner LOGIN CREATEDB CREATEROLE');
  await cluster.administer('CREATE DATABASE signet OWNER signet_owner');
  return cluster;
}

/** Debian's place for the newest version, else wherever the PATH leads. */
export function binaries(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((a, b) => Number(b) - Number(a))
    : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (!found) throw new Error('no initdb: install PostgreSQL, or put its bin folder into PATH');
  return found;
}

/** PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<{ name: string; uid: number; gid: number }> {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = async (flag: string) => Number((await run('id', [flag, name])).stdout);
      return { name, uid: await id('-u'), gid: await id('-g') };
    } catch {
      // There is no such user here.
    }
  }
  throw new Error('run the tests as somebody else than root, or add a user postgres');
}
