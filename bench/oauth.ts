/**
 * The issuers: tokens made and checked, beside the engine without a database and beside a bare
 * statement, the two sides in turns; and how soon one of many tenants has its first token.
 */
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { encodeId } from '#kernel/ids.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type OurServer, startFloor, startOurs, startScript } from './contestants.ts';
import { type LoadMaker, startLoadMaker } from './load.ts';
import type { LoadJob } from './load-worker.ts';
import { CLIENT, OPAQUE_API, PUBLIC_URL, refreshToken, SECRET, seedIssuers } from './oauth-seed.ts';
import type { Server } from './processes.ts';
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

interface Side {
  readonly server: Server;
  readonly request: Pick<LoadJob, 'method' | 'path' | 'headers' | 'body' | 'expect'>;
}

interface Case {
  readonly name: string;
  readonly beside: string;
  readonly target: number;
  readonly ours: Side;
  readonly other: Side;
  /** Each request spends one of the refresh tokens. */
  readonly spends?: boolean;
}

const REFRESH_TOKENS = 60_000;
const BASIC = `Basic ${Buffer.from(`${CLIENT}:${encodeURIComponent(SECRET)}`).toString('base64')}`;
const AT_HOME = { host: new URL(PUBLIC_URL).host };
const FORM = { ...AT_HOME, 'content-type': 'application/x-www-form-urlencoded', authorization: BASIC };

export async function oauth(options: OAuthOptions): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  const busy = cpuBusy();
  try {
    const cluster = await startCluster();
    closing.push(cluster.stop);
    if (!options.only || !'tenants'.includes(options.only))
      await throughput(cluster, closing, options);
    for (const close of closing.splice(1).reverse()) await close();
    if (!options.only || 'tenants'.includes(options.only)) await manyTenants(cluster, options);
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

const HEAD = [
  '',
  'beside',
  'req/s',
  'spread',
  'beside req/s',
  'ratio',
  'target',
  '',
  'CPU µs',
  'DB CPU µs',
  'beside CPU µs',
  'p99 ms',
  'errors',
];

async function cases(ours: OurServer, peer: Server, floor: Server): Promise<Case[]> {
  const tenant = seededId(1);
  const token = async (form: Record<string, string>) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString();
    const answer = await fetch(`${ours.url}${TOKEN}`, { method: 'POST', headers: FORM, body });
    const { access_token: value } = (await answer.json()) as { access_token?: string };
    if (!value) throw new Error(`no token: ${answer.status}`);
    return value;
  };
  const jwt = await token({ scope: 'users:read' });
  const opaque = await token({ resource: OPAQUE_API });
  const key = await ours.apiKey(tenant, ['users:read']);
  const hash = createHash('sha256').update(opaque).digest('hex');
  const form = (path: string, body: string, expect: string) =>
    ({ method: 'POST', path, headers: FORM, body, expect }) as const;
  const credentials = form(
    TOKEN,
    'grant_type=client_credentials&scope=users%3Aread',
    '"access_token":"ey',
  );
  const refresh = form(
    TOKEN,
    `grant_type=refresh_token&refresh_token=${refreshToken('[n]')}`,
    '"refresh_token"',
  );
  const user = (secret: string) =>
    ({
      method: 'GET',
      path: `/v1/users/${encodeId('user', seededId(77))}`,
      headers: { ...AT_HOME, authorization: `Bearer ${secret}` },
      expect: 'User77@example.com',
    }) as const;
  const select = {
    method: 'POST',
    path: '/introspect',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tenant, hash }),
    expect: '"active" : true',
  } as const;
  const introspect = form('/t/t1/oauth2/introspect', `token=${opaque}`, '"active":true');
  return [
    {
      name: 'client credentials, ES256',
      beside: 'engine in memory',
      target: 0.75,
      ours: { server: ours, request: credentials },
      other: { server: peer, request: credentials },
    },
    {
      name: 'refresh, rotating',
      beside: 'engine in memory',
      target: 0.4,
      ours: { server: ours, request: refresh },
      other: { server: peer, request: refresh },
      spends: true,
    },
    {
      name: 'introspection, opaque',
      beside: 'bare select',
      target: 0.5,
      ours: { server: ours, request: introspect },
      other: { server: floor, request: select },
    },
    {
      name: 'API call by access token',
      beside: 'by API key',
      target: 0.95,
      ours: { server: ours, request: user(jwt) },
      other: { server: ours, request: user(key) },
    },
  ];
}

const TOKEN = '/t/t1/oauth2/token';

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
    const job = { url: server.url, ...request, connections, seconds, ...first };
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
    of('ours', 'cpu').toFixed(0),
    of('ours', 'databaseCpu').toFixed(0),
    of('other', 'cpu').toFixed(0),
    of('ours', 'p99').toFixed(1),
    String(errors),
  ];
}

/** Tenants that are asked for their first token, one after the other. */
const FIRSTS = 100;

async function manyTenants(cluster: Cluster, { tenants }: OAuthOptions): Promise<void> {
  const database = await cluster.database('signet_bench_issuers');
  console.log(`\nSeeding ${tenants.toLocaleString('en')} tenants ...`);
  await seed(database.url, { tenants, usersEach: 1, users: 1 });
  await seedIssuers(database.url, { tenants, refreshTokens: 1 });
  const server = await startOurs(database, { PUBLIC_URL, ROLES: 'web,jobs' });
  try {
    const times = await firstTokens(server, tenants);
    const rows = [
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
