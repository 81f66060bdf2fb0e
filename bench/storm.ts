/**
 * A storm of sign-ins, and everybody else meanwhile (X19): so many people sign in at once, and the
 * next as soon as one is in; who is refused waits as told. Beside them one asks whether the server is
 * ready, one who is signed in, and one reads a user by an API key.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { cases, persisted } from './cases.ts';
import { startCluster } from './cluster.ts';
import { startOurs } from './contestants.ts';
import type { LoadRequest } from './load-worker.ts';
import { ask, everybody, formSignIn, givePasswords, ownForm, TRUSTING } from './people.ts';
import { cpuBusy, printTable, quantile } from './report.ts';
import { seed, seededId } from './seed.ts';

export interface StormOptions {
  readonly connections: number;
  readonly seconds: number;
}

const USERS = 10_000;
/** Milliseconds. */
const LIMITS = { read: 200, refusal: 1000, loop: 100 };
/** Between two questions of one kind. */
const PAUSE_MS = 20;

export async function storm({ connections, seconds }: StormOptions): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  try {
    const cluster = await startCluster();
    closing.push(cluster.stop);
    const database = await cluster.database('signet_bench');
    await seed(database.url, { tenants: 1, usersEach: USERS, users: USERS });
    await givePasswords(database.url);
    const ours = await startOurs(database, { ...TRUSTING, ROLES: 'web,jobs' });
    closing.push(ours.stop);
    const form = await ownForm(ours.url, 'login');
    const requests = everybody(USERS, (n) => formSignIn(form, n));
    const run = (people: number, duration: number) =>
      signingIn(ours.url, requests, { people, seconds: duration });
    await run(16, 5);
    const busy = cpuBusy();
    const reads = await readers(ours.url, requests, await ours.apiKey(seededId(1), ['users:read']));
    const calm = await beside(ours.url, reads, () => delay(seconds * 1000));
    const stormy = await beside(ours.url, reads, () => run(connections, seconds));
    console.log(`\n${connections} people sign in at once, for ${seconds} s`);
    printAnswers(stormy.result, seconds);
    printReads(calm, stormy);
    console.log(`\nThe machine was ${busy()} busy, our own processes included.`);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Milliseconds until each answer, by status. */
type Answers = ReadonlyMap<number, readonly number[]>;

async function signingIn(
  url: string,
  requests: readonly LoadRequest[],
  { people, seconds }: { readonly people: number; readonly seconds: number },
): Promise<Answers> {
  const answers = new Map<number, number[]>();
  const until = performance.now() + seconds * 1000;
  const queue = requests.values();
  const person = async () => {
    for (const one of queue) {
      const { status, ms, retryAfter } = await ask(url, one);
      answers.set(status, [...(answers.get(status) ?? []), ms]);
      if (performance.now() + retryAfter * 1000 > until) return;
      await delay(retryAfter * 1000);
    }
  };
  await Promise.all(Array.from({ length: people }, person));
  return answers;
}

type Readers = Readonly<Record<string, LoadRequest>>;

async function readers(
  url: string,
  signIns: readonly LoadRequest[],
  secret: string,
): Promise<Readers> {
  const { cookies } = await ask(url, signIns[0] as LoadRequest);
  const rest = cases().find(({ name }) => name === 'single user')?.requests.rest;
  const json = { 'content-type': 'application/json' };
  return {
    'is it ready (/readyz)': { method: 'GET', path: '/readyz', headers: {} },
    'who is signed in (viewer by cookie)': {
      ...persisted('GetViewer', {}),
      headers: { ...json, 'x-signet-csrf': '1', cookie: cookies.join('; ') },
    },
    'a user (REST by API key)': {
      method: 'GET',
      path: rest?.path ?? '',
      headers: { authorization: `Bearer ${secret}` },
    },
  };
}

interface Weather<T> {
  readonly result: T;
  /** Milliseconds of each kind of question. */
  readonly times: Readonly<Record<string, readonly number[]>>;
  readonly failed: number;
  /** Delay of the event loop, its 99th percentile, in milliseconds. */
  readonly loop: number;
}

async function beside<T>(url: string, all: Readers, during: () => Promise<T>): Promise<Weather<T>> {
  const over = new AbortController();
  // Scraping begins the measure anew.
  await loopDelay(url);
  const running = Object.values(all).map((one) => reading(url, one, over.signal));
  const result = await during();
  over.abort();
  const read = await Promise.all(running);
  return {
    result,
    times: Object.fromEntries(Object.keys(all).map((name, i) => [name, read[i]?.times ?? []])),
    failed: read.reduce((sum, { failed }) => sum + failed, 0),
    loop: await loopDelay(url),
  };
}

async function reading(
  url: string,
  one: LoadRequest,
  signal: AbortSignal,
): Promise<{ times: number[]; failed: number }> {
  const times: number[] = [];
  let failed = 0;
  while (!signal.aborted) {
    const { status, ms } = await ask(url, one);
    if (status === 200) times.push(ms);
    else failed += 1;
    await delay(PAUSE_MS);
  }
  return { times, failed };
}

async function loopDelay(url: string): Promise<number> {
  const { text } = await ask(url, { method: 'GET', path: '/metrics', headers: {} });
  const seconds = /^signet_nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1];
  return Number(seconds) * 1000;
}

const MEANING: Readonly<Record<number, string>> = {
  303: 'signed in',
  429: 'too often',
  503: 'too many wait',
};

function printAnswers(answers: Answers, seconds: number): void {
  printTable(
    ['', 'answers', 'a second', 'p50 ms', 'p99 ms', 'target', ''],
    [...answers].map(([status, times]) => [
      `${status} ${MEANING[status] ?? 'UNEXPECTED'}`,
      String(times.length),
      (times.length / seconds).toFixed(0),
      quantile(times, 0.5).toFixed(0),
      quantile(times, 0.99).toFixed(0),
      ...(status === 303 ? ['', ''] : verdict(quantile(times, 0.99), LIMITS.refusal)),
    ]),
  );
}

function printReads(calm: Weather<unknown>, stormy: Weather<unknown>): void {
  printTable(
    ['', 'asked', 'p50 ms', 'p99 ms', 'target', '', 'calm p99 ms'],
    Object.entries(stormy.times).map(([name, times]) => [
      name,
      String(times.length),
      quantile(times, 0.5).toFixed(1),
      quantile(times, 0.99).toFixed(1),
      ...verdict(quantile(times, 0.99), LIMITS.read),
      quantile(calm.times[name] ?? [], 0.99).toFixed(1),
    ]),
  );
  const [loop, met] = [stormy.loop.toFixed(1), verdict(stormy.loop, LIMITS.loop).join(': ')];
  console.log(
    `Event loop delay p99 ${loop} ms, to be ${met}; calm ${calm.loop.toFixed(1)} ms. ${stormy.failed} reads failed.`,
  );
}

function verdict(measured: number, limit: number): [string, string] {
  return [`< ${limit}`, measured < limit ? 'met' : 'MISSED'];
}
