/**
 * Signing in: how much of the bare rate of hashing it reaches, what it costs to ask who is signed in,
 * and both beside better-auth. The contestants take turns, round by round.
 */
import { availableParallelism } from 'node:os';
import { verify } from '@node-rs/argon2';
import { cases, persisted } from './cases.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type Contender, compare } from './comparison.ts';
import { type OurServer, startBetterAuth, startOurs } from './contestants.ts';
import { type LoadMaker, startLoadMaker } from './load.ts';
import type { LoadJob } from './load-worker.ts';
import {
  askAll,
  betterAuthSignIn,
  everybody,
  formSignIn,
  givePasswords,
  ownForm,
  PASSWORD,
  seedBetterAuth,
  TRUSTING,
} from './people.ts';
import type { Server } from './processes.ts';
import { cpuBusy, quantile } from './report.ts';
import { type Round, round } from './rounds.ts';
import { seed, seededId } from './seed.ts';

export interface SignInOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  /** Only what is named by this: `signing in`, `who is signed in`. */
  readonly only: string;
  /** How many are signed in, where that matters. */
  readonly sessions: number;
  /** Writes a CPU profile of our server here. */
  readonly profile: string;
}

/** Those of tenant 1; each signs in rarely, as people do. */
const USERS = 10_000;

interface Field {
  readonly cluster: Cluster;
  readonly load: LoadMaker;
  readonly ours: OurServer;
  /** Null when it could not be installed. */
  readonly peer: Server | null;
  readonly hash: string;
}

export async function signIn(options: SignInOptions): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  try {
    const field = await enter(closing, options);
    const busy = cpuBusy();
    if ('signing in'.includes(options.only)) await compareSignIns(field, options);
    if ('who is signed in'.includes(options.only))
      for (const sessions of [1, options.sessions]) await compareChecks(field, sessions, options);
    console.log(`\nThe machine was ${busy()} busy, our own processes included.`);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function enter(closing: (() => Promise<void>)[], { profile }: SignInOptions): Promise<Field> {
  const cluster = await startCluster();
  closing.push(cluster.stop);
  const database = await cluster.database('signet_bench');
  await seed(database.url, { tenants: 1, usersEach: USERS, users: USERS });
  const hash = await givePasswords(database.url);
  const nodeArgs = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  const ours = await startOurs(database, TRUSTING, nodeArgs);
  closing.push(ours.stop);
  const beside = await cluster.database('signet_bench_peer');
  const peer = await startBetterAuth(beside);
  if (peer) {
    closing.push(peer.stop);
    await seedBetterAuth(beside.url, USERS, hash);
  }
  const load = startLoadMaker();
  closing.push(load.stop);
  console.log(`PostgreSQL ${database.version}, Node ${process.versions.node}; ${USERS} users`);
  return { cluster, load, ours, peer, hash };
}

const FLOOR = 'bare Argon2id';
const FORM = 'Signet, form to session cookie';

async function compareSignIns(field: Field, options: SignInOptions): Promise<void> {
  const { ours, peer, hash } = field;
  const { connections, rounds } = options;
  const form = await ownForm(ours.url, 'login');
  console.log(
    `\nSigning in by password, m=19456 t=2 p=1 (${connections} connections, medians of ${rounds} rounds)`,
  );
  const contenders: Contender[] = [
    { name: FLOOR, turn: (seconds) => bare(hash, seconds) },
    contender(field, options, FORM, ours, {
      requests: everybody(USERS, (n) => formSignIn(form, n)),
      expect: '',
      status: 303,
    }),
  ];
  if (peer)
    contenders.push(
      contender(field, options, BETTER, peer, {
        requests: everybody(USERS, betterAuthSignIn),
        expect: '"token"',
      }),
    );
  await compare(contenders, [{ who: FORM, beside: FLOOR, least: 0.65 }], options);
}

/** Nothing but verifying, on as many cores as there are. */
async function bare(hash: string, seconds: number): Promise<Round> {
  const until = performance.now() + seconds * 1000;
  const times: number[] = [];
  const cpu = process.cpuUsage();
  const worker = async () => {
    for (let now = performance.now(); now < until; now = performance.now()) {
      if (!(await verify(hash, PASSWORD))) throw new Error('the hash is not that of the password');
      times.push(performance.now() - now);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: times.length / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    errors: 0,
    cpu: (user + system) / times.length,
    databaseCpu: 0,
  };
}

const BETTER = 'better-auth';
const SINGLE = 'single user by API key';
const VIEWER = 'Signet, cookie to viewer';

/** Who is signed in: by us as GetViewer, by better-auth as get-session. */
async function compareChecks(
  field: Field,
  sessions: number,
  options: SignInOptions,
): Promise<void> {
  const { ours, peer } = field;
  console.log(`\nWho is signed in, ${sessions} of them in turn`);
  const contenders = [
    contender(field, options, SINGLE, ours, await singleUser(ours)),
    contender(field, options, VIEWER, ours, await viewers(ours, sessions)),
    contender(field, options, `${VIEWER}, REST`, ours, await viewers(ours, sessions, 'rest')),
  ];
  if (peer) contenders.push(contender(field, options, BETTER, peer, await peers(peer, sessions)));
  await compare(
    contenders,
    [
      { who: VIEWER, beside: SINGLE, least: 0.5 },
      { who: VIEWER, beside: BETTER, least: 3 },
    ],
    options,
  );
}

type Asked = Pick<LoadJob, 'requests' | 'expect' | 'status'>;

/** As the first benchmark reads it. */
async function singleUser(ours: OurServer): Promise<Asked> {
  const request = cases().find(({ name }) => name === 'single user')?.requests.persisted;
  if (!request) throw new Error('there is no case of a single user');
  const { method, path, body = '', expect } = request;
  const authorization = `Bearer ${await ours.apiKey(seededId(1), ['users:read'])}`;
  const headers = { 'content-type': 'application/json', authorization };
  return { requests: [{ method, path, headers, body }], expect };
}

async function viewers(ours: Server, sessions: number, way: 'persisted' | 'rest' = 'persisted') {
  const form = await ownForm(ours.url, 'login');
  const people = everybody(sessions, (n) => formSignIn(form, n));
  const asked =
    way === 'rest' ? { method: 'GET' as const, path: '/v1/viewer' } : persisted('GetViewer', {});
  const requests = (await askAll(ours.url, people, 303)).map(({ cookies }) => ({
    ...asked,
    headers: {
      ...('body' in asked ? { 'content-type': 'application/json' } : {}),
      'x-signet-csrf': '1',
      cookie: cookies.join('; '),
    },
  }));
  return { requests, expect: '@example.com"' };
}

async function peers(peer: Server, sessions: number): Promise<Asked> {
  const people = everybody(sessions, betterAuthSignIn);
  const requests = (await askAll(peer.url, people, 200)).map(({ cookies }) => ({
    method: 'GET' as const,
    path: '/api/auth/get-session',
    headers: { cookie: cookies.join('; ') },
  }));
  return { requests, expect: '@example.com"' };
}

function contender(
  { load, cluster }: Field,
  { connections }: SignInOptions,
  name: string,
  server: Server,
  asked: Asked,
): Contender {
  const job = { url: server.url, connections, ...asked };
  return { name, turn: (seconds) => round({ load, cluster }, server, { ...job, seconds }) };
}
