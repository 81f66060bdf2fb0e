/**
 * Throughput beside the floor and the peer. The contestants take turns, round by round, so that
 * what else the machine does strikes all of them; what is told are medians and ratios.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Case, type CaseRequest, CONTESTANTS, type Contestant, cases, Json } from './cases.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { startFloor, startOurs, startPostGraphile } from './contestants.ts';
import { type LoadMaker, startLoadMaker } from './load.ts';
import type { LoadJob } from './load-worker.ts';
import type { Server } from './processes.ts';
import { cpuBusy } from './report.ts';
import { type Round, round } from './rounds.ts';
import { seed, seededId } from './seed.ts';
import { printCase } from './throughput-table.ts';

export interface ThroughputOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  /** Only cases whose name contains this. */
  readonly only: string;
  /** Only these. */
  readonly who: readonly string[];
  /** Writes a CPU profile of our server here. */
  readonly profile: string;
}

interface Entrant {
  readonly server: Server;
  readonly headers: Readonly<Record<string, string>>;
}

type Field = ReadonlyMap<Contestant, Entrant>;

const SCOPES = ['users:read', 'users:write', 'groups:read', 'roles:read'];
const JSON_BODY = { 'content-type': 'application/json' };

export async function throughput(options: ThroughputOptions): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  try {
    const cluster = await startCluster();
    closing.push(cluster.stop);
    const field = await enter(cluster, closing, options);
    const load = startLoadMaker();
    closing.push(load.stop);
    const busy = cpuBusy();
    for (const one of cases().filter(({ name }) => name.includes(options.only))) {
      await validate(one, field);
      const { rounds, seconds, connections } = options;
      console.log(
        `\n${one.name} (${connections} connections, medians of ${rounds} rounds of ${seconds} s)`,
      );
      printCase(one, await measure(one, field, cluster, load, options));
    }
    console.log(`\nThe machine was ${busy()} busy, our own processes included.`);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function enter(
  cluster: Cluster,
  closing: (() => Promise<void>)[],
  { who, profile }: ThroughputOptions,
): Promise<Field> {
  const database = await cluster.database('signet_bench');
  const tenant = seededId(1);
  await seed(database.url, { tenants: 100, usersEach: 100, users: 10_000 });
  const nodeArgs = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  const ours = await startOurs(database, {}, nodeArgs);
  closing.push(ours.stop);
  const floor = await startFloor(database, tenant);
  closing.push(floor.stop);
  const peer = who.includes('peer') ? await startPostGraphile(database, tenant) : null;
  if (peer) closing.push(peer.stop);
  const authorization = `Bearer ${await ours.apiKey(tenant, SCOPES)}`;
  const us: Entrant = { server: ours, headers: { ...JSON_BODY, authorization } };
  console.log(
    `PostgreSQL ${database.version}, Node ${process.versions.node}; 10,000 users, 100 tenants`,
  );
  const all = new Map<Contestant, Entrant>([
    ['persisted', us],
    ['rest', us],
    ['document', us],
    ['floor', { server: floor, headers: JSON_BODY }],
    ...(peer ? [['peer', { server: peer, headers: JSON_BODY }] as const] : []),
  ]);
  return new Map([...all].filter(([name]) => who.includes(name)));
}

function* turns(one: Case, field: Field): Generator<[Contestant, CaseRequest, Entrant]> {
  for (const who of CONTESTANTS) {
    const request = one.requests[who];
    const entrant = field.get(who);
    if (request && entrant) yield [who, request, entrant];
  }
}

/** Every answer has the content of the floor's, or there is nothing to compare. */
async function validate(one: Case, field: Field): Promise<void> {
  const contents = new Map<Contestant, unknown>();
  for (const [who, request, { server, headers }] of turns(one, field)) {
    const response = await fetch(server.url + request.path, {
      method: request.method,
      headers,
      ...(request.body ? { body: request.body.replaceAll('[n]', `-check-${Date.now()}`) } : {}),
    });
    const text = await response.text();
    if (!response.ok || !text.includes(request.expect))
      throw new Error(`${one.name}: ${who} answers ${response.status} ${text.slice(0, 500)}`);
    contents.set(who, request.read(new Json(JSON.parse(text))));
  }
  const wanted = contents.get('floor') ?? [...contents.values()][0];
  for (const [who, content] of contents)
    if (!isDeepStrictEqual(content, wanted))
      throw new Error(
        `${one.name}: ${who} answers otherwise than the floor:\n${JSON.stringify(content).slice(0, 500)}\n${JSON.stringify(wanted).slice(0, 500)}`,
      );
}

async function measure(
  one: Case,
  field: Field,
  cluster: Cluster,
  load: LoadMaker,
  { rounds, seconds, connections }: ThroughputOptions,
): Promise<ReadonlyMap<Contestant, readonly Round[]>> {
  const all = new Map<Contestant, Round[]>();
  const job = (request: CaseRequest, { server, headers }: Entrant, duration: number): LoadJob => ({
    url: server.url,
    requests: [{ ...request, headers }],
    connections,
    seconds: duration,
    expect: request.expect,
  });
  for (const [, request, entrant] of turns(one, field))
    await load.run(job(request, entrant, seconds));
  for (let n = 0; n < rounds; n += 1)
    for (const [who, request, entrant] of turns(one, field)) {
      const measured = await round(
        { load, cluster },
        entrant.server,
        job(request, entrant, seconds),
      );
      all.set(who, [...(all.get(who) ?? []), measured]);
    }
  return all;
}
