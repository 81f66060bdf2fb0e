/** Ten thousand issuers in one process: how soon it is ready, and each of them has its first token. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { startOurs } from './contestants.ts';
import { FORM, PUBLIC_URL, seedIssuers } from './oauth-seed.ts';
import type { Server } from './processes.ts';
import { median, printTable } from './report.ts';
import { seed } from './seed.ts';

const SETTINGS = { PUBLIC_URL, ROLES: 'web,jobs' };

/** Tenants that are asked for their first token, one after the other. */
const FIRSTS = 100;

export async function manyTenants(cluster: Cluster, tenants: number): Promise<void> {
  const database = await cluster.database('signet_bench_issuers');
  console.log(`\nSeeding ${tenants.toLocaleString('en')} tenants ...`);
  const few = await cluster.database('signet_bench_few_issuers');
  await seed(few.url, { tenants: 10, usersEach: 1, users: 1 });
  const other = await startOurs(few, SETTINGS);
  await other.stop();
  await seed(database.url, { tenants, usersEach: 1, users: 1 });
  await seedIssuers(database.url, { tenants, refreshTokens: 1 });
  const server = await startOurs(database, SETTINGS);
  // It has been up for a while when somebody comes.
  await delay(5_000);
  try {
    const times = await firstTokens(server, tenants);
    const rows = [
      ['ready s with 10 tenants', (other.readyMs / 1000).toFixed(2), '', ''],
      ['ready s', (server.readyMs / 1000).toFixed(2), '<= 10', verdict(server.readyMs <= 10_000)],
      ['first token of the first tenant, ms', ...within(times.slice(0, 1), 500)],
      [`first token of ${FIRSTS} tenants, median ms`, ...within([median(times)], 500)],
      ['the slowest of them, ms', ...within([Math.max(...times)], 500)],
      ['resident MB after them', ...within([server.residentMb() ?? Number.NaN], 512)],
    ];
    printTable([`${tenants.toLocaleString('en')} tenants`, '', 'target', ''], rows);
  } finally {
    await server.stop();
  }
}

async function firstTokens(server: Server, tenants: number): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < Math.min(FIRSTS, tenants); n += 1) {
    const tenant = 1 + ((n * 7919) % tenants);
    const began = performance.now();
    const answer = await fetch(`${server.url}/t/t${tenant}/oauth2/token`, {
      method: 'POST',
      headers: FORM,
      body: 'grant_type=client_credentials&scope=users%3Aread',
    });
    if (!answer.ok) throw new Error(`no first token: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
    times.push(performance.now() - began);
  }
  return times;
}

function within([value = Number.NaN]: readonly number[], most: number): string[] {
  return [value.toFixed(0), `<= ${most}`, verdict(value <= most)];
}

function verdict(met: boolean): string {
  return met ? 'met' : 'MISSED';
}
