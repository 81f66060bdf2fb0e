/**
 * The issuers: tokens made and checked, beside the engine without a database and beside a bare
 * statement, the two sides in turns; and how soon one of many tenants has its first token.
 */
import { type Cluster, startCluster } from './cluster.ts';
import { startFloor, startOurs, startScript } from './contestants.ts';
import { type LoadMaker, startLoadMaker } from './load.ts';
import { type Case, cases } from './oauth-cases.ts';
import { PUBLIC_URL, seedIssuers } from './oauth-seed.ts';
import { manyTenants } from './oauth-tenants.ts';
import { cpuBusy, median, printTable, spread } from './report.ts';
import { seed, seededId } from './seed.ts';

export interface OAuthOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly tenants: number;
  /** Only cases whose name contains this. */
  readonly only: string;
  /** Writes a CPU profile of our server here. */
  readonly profile: string;
}

const REFRESH_TOKENS = 60_000;

export async function oauth(options: OAuthOptions): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  const busy = cpuBusy();
  try {
    const cluster = await startCluster();
    closing.push(cluster.stop);
    if (options.only !== 'tenants') await throughput(cluster, closing, options);
    for (const close of closing.splice(1).reverse()) await close();
    if (!options.only || options.only === 'tenants') await manyTenants(cluster, options.tenants);
    console.log(`\nThe machine was ${busy()} busy, our own processes included.`);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function throughput(
  cluster: Cluster,
  closing: (() => Promise<void>)[],
  options: OAuthOptions,
): Promise<void> {
  const database = await cluster.database('signet_bench_oauth');
  await seed(database.url, { tenants: 10, usersEach: 10, users: 1000 });
  await seedIssuers(database.url, { tenants: 10, refreshTokens: REFRESH_TOKENS });
  const { profile } = options;
  const nodeArgs = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  const ours = await startOurs(database, { PUBLIC_URL }, nodeArgs);
  closing.push(ours.stop);
  const peer = await startScript('./oauth-peer.ts', { REFRESH_TOKENS: String(REFRESH_TOKENS) });
  closing.push(peer.stop);
  const floor = await startFloor(database, seededId(1));
  closing.push(floor.stop);
  const load = startLoadMaker();
  closing.push(load.stop);
  const { rounds, seconds, connections, only } = options;
  const all = await cases(ours, peer, floor);
  const rows: string[][] = [];
  for (const one of all.filter(({ name }) => name.includes(only)))
    rows.push(await measure(one, cluster, load, options));
  console.log(
    `\nPostgreSQL ${database.version}, Node ${process.versions.node}; ${connections} connections, medians of ${rounds} rounds of ${seconds} s`,
  );
  printTable(HEAD, rows);
}

/** `by CPU`: of the other's CPU time a request, with PostgreSQL's. What else the machine does disturbs it less. */
const HEAD = [
  '',
  'beside',
  'req/s',
  'spread',
  'beside req/s',
  'ratio',
  'target',
  '',
  'by CPU',
  'CPU µs',
  'DB CPU µs',
  'beside CPU µs',
  'p99 ms',
  'errors',
];

async function measure(
  one: Case,
  cluster: Cluster,
  load: LoadMaker,
  { rounds, seconds, connections }: OAuthOptions,
): Promise<string[]> {
  const sides = { ours: one.ours, other: one.other };
  const used = { ours: 0, other: 0 };
  const each = async (who: 'ours' | 'other') => {
    const { server, request } = sides[who];
    const first = one.spends ? { first: used[who] } : {};
    const [cpu, database] = [server.cpuSeconds(), cluster.cpuSeconds()];
    const { expect, ...asked } = request;
    const job = { url: server.url, requests: [asked], expect, connections, seconds, ...first };
    const result = await load.run(job);
    // Those that were on their way are spent too.
    used[who] += result.requests + 4 * connections;
    const share = (before: number | null, after: number | null) =>
      (((after ?? Number.NaN) - (before ?? Number.NaN)) * 1e6) / result.requests;
    return {
      ...result,
      perSecond: result.requests / result.seconds,
      cpu: share(cpu, server.cpuSeconds()),
      databaseCpu: share(database, cluster.cpuSeconds()),
    };
  };
  await each('ours');
  await each('other');
  const all: Record<'ours' | 'other', Awaited<ReturnType<typeof each>>[]> = { ours: [], other: [] };
  for (let round = 0; round < rounds; round += 1)
    for (const who of round % 2 ? (['other', 'ours'] as const) : (['ours', 'other'] as const))
      all[who].push(await each(who));
  const of = (who: 'ours' | 'other', pick: 'perSecond' | 'cpu' | 'databaseCpu' | 'p99') =>
    median(all[who].map((result) => result[pick]));
  const ratio = median(
    all.ours.map(({ perSecond }, i) => perSecond / (all.other[i]?.perSecond ?? Number.NaN)),
  );
  const total = (who: 'ours' | 'other') => of(who, 'cpu') + of(who, 'databaseCpu');
  const errors = [...all.ours, ...all.other].reduce((sum, result) => sum + result.errors, 0);
  return [
    one.name,
    one.beside,
    of('ours', 'perSecond').toFixed(0),
    spread(all.ours.map(({ perSecond }) => perSecond)),
    of('other', 'perSecond').toFixed(0),
    ratio.toFixed(2),
    one.target.toFixed(2),
    ratio >= one.target ? 'met' : 'MISSED',
    (total('other') / total('ours')).toFixed(2),
    of('ours', 'cpu').toFixed(0),
    of('ours', 'databaseCpu').toFixed(0),
    of('other', 'cpu').toFixed(0),
    of('ours', 'p99').toFixed(1),
    String(errors),
  ];
}
