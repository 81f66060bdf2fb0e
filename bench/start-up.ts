/** How long a start takes, from the process to the first 200 of /readyz, and what it holds when idle. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from './cluster.ts';
import { startEmbedded, startOurs } from './contestants.ts';
import type { Server } from './processes.ts';
import { median, printTable } from './report.ts';
import { migrated } from './seed.ts';

interface Start {
  readonly readyMs: number;
  readonly idleMb: number;
}

/** What is allocated for the start is given back after a while. */
const IDLE_MS = 5000;

export async function startUp(rounds: number): Promise<void> {
  const fresh: Start[] = [];
  const existing: Start[] = [];
  const postgres: Start[] = [];
  const cluster = await startCluster();
  try {
    const database = await cluster.database('signet_bench');
    await migrated(database.url);
    for (let round = 0; round < rounds; round += 1) {
      const folder = mkdtempSync(join(tmpdir(), 'signet-bench-'));
      try {
        fresh.push(await watch(startEmbedded(folder)));
        existing.push(await watch(startEmbedded(folder)));
        postgres.push(await watch(startOurs(database, { ROLES: 'web,jobs' })));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  } finally {
    await cluster.stop();
  }
  console.log(`\nFrom the start of the process to ready, medians of ${rounds} starts`);
  printTable(
    ['', 'ready s', 'target', '', 'idle MB', 'target', ''],
    [
      row('embedded database, fresh', fresh, 5, null),
      row('embedded database, existing', existing, 2.5, null),
      row('PostgreSQL', postgres, null, 300),
    ],
  );
}

async function watch(starting: Promise<Server>): Promise<Start> {
  const server = await starting;
  try {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    return { readyMs: server.readyMs, idleMb: server.residentMb() ?? Number.NaN };
  } finally {
    await server.stop();
  }
}

function row(
  name: string,
  starts: readonly Start[],
  seconds: number | null,
  megabytes: number | null,
): string[] {
  const ready = median(starts.map(({ readyMs }) => readyMs / 1000));
  const idle = median(starts.map(({ idleMb }) => idleMb));
  return [
    name,
    ready.toFixed(2),
    ...verdict(ready, seconds),
    idle.toFixed(0),
    ...verdict(idle, megabytes),
  ];
}

function verdict(measured: number, target: number | null): [string, string] {
  if (target === null) return ['', ''];
  return [`<= ${target}`, measured <= target ? 'met' : 'MISSED'];
}
