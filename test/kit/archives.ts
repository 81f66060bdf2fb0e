/** A log that is months old, the command that archives it, and the SDK's that verifies what came of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monthAt } from '#features/audit/audit-months.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import type { Home } from './homes.ts';
import type { House } from './house.ts';
import { PROGRAM_ENV } from './programs.ts';
import { asOwner, rows } from './stored.ts';

export interface PastMonth {
  /** `2026-01`. */
  readonly name: string;
  readonly partition: string;
  /** The 15th, at noon. */
  readonly middle: Date;
}

/** The months before this one, the oldest first, each with the partition that it had in its time. */
export async function pastMonths(house: House, count: number): Promise<PastMonth[]> {
  const [now] = await rows<{ now: Date }>(house, PLATFORM_TENANT_ID, 'SELECT now() AS now');
  const at = (back: number, day = 1, hour = 0) => {
    const date = now?.now as Date;
    return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back, day, hour));
  };
  const months: PastMonth[] = [];
  for (let back = count; back > 0; back -= 1) {
    const { name, partition } = monthAt(at(back));
    const bounds = [at(back), at(back - 1)].map((bound) => `'${bound.toISOString()}'`);
    const add = `SELECT audit_add_partition('${partition}', ${bounds.join(', ')})`;
    await asOwner(house, PLATFORM_TENANT_ID, add);
    months.push({ name, partition, middle: at(back, 15, 12) });
  }
  return months;
}

/** This month, as the database has it. */
export async function thisMonth(house: House): Promise<string> {
  const [now] = await rows<{ now: Date }>(house, PLATFORM_TENANT_ID, 'SELECT now() AS now');
  return monthAt(now?.now as Date).name;
}

export interface Ended {
  readonly code: number | null;
  readonly text: string;
}

const ARCHIVE = fileURLToPath(new URL('../../src/app/audit-archive.ts', import.meta.url));
const SIGNET = fileURLToPath(new URL('../../sdk/src/audit/cli.ts', import.meta.url));
const MASTER_KEY = Buffer.alloc(32, 'a test master key').toString('base64');

export interface Begun {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** `npm run audit:archive` with these arguments. */
export function beginArchive(home: Home, ...args: readonly string[]): Begun {
  const env = {
    ...PROGRAM_ENV,
    INTERNAL_KEY: 'internal_0123456789abcdef0123456789abcdef',
    MASTER_KEY,
    ...home.env,
  };
  return begin([ARCHIVE, ...args], env);
}

export function archiveLog(home: Home, ...args: readonly string[]): Promise<Ended> {
  return beginArchive(home, ...args).ended;
}

/** `signet audit verify` of the SDK. */
export function signetVerify(...args: readonly string[]): Promise<Ended> {
  return begin([SIGNET, 'audit', 'verify', ...args], PROGRAM_ENV).ended;
}

function begin(args: readonly string[], env: Readonly<Record<string, string>>): Begun {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(child, 'close').then(([code]) => {
    process.off('exit', kill);
    return { code: code as number | null, text: Buffer.concat(chunks).toString() };
  });
  return { child, ended };
}

/** A tenant's archives in a folder, in their order. */
export function archivesIn(folder: string, tenantId: string): string[] {
  const own = join(folder, tenantId);
  return readdirSync(own)
    .sort()
    .map((name) => join(own, name));
}

/** Months that still have a partition, of those. */
export async function keptMonths(house: House, months: readonly PastMonth[]): Promise<string[]> {
  const stored = await rows<{ name: string }>(
    house,
    PLATFORM_TENANT_ID,
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_events'::regclass",
  );
  const names = new Set(stored.map(({ name }) => name));
  return months.filter(({ partition }) => names.has(partition)).map(({ name }) => name);
}
