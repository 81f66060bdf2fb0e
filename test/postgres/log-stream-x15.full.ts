/**
 * X15: one tenant whose six receivers do the worst they can beside nine whose receivers are good, all at
 * X15_RATE events/s (100) for X15_SECONDS (600). Afterwards the bad come to their senses. Only `test:full`.
 */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { recordEvents } from '#kernel/events/record.ts';
import { systemContext } from '#kernel/system-context.ts';
import { lookAt, type MadeStream, makeStream, turn } from '../features/streamed.ts';
import { createHome } from '../kit/homes.ts';
import { startHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';
import { report } from '../operations/faults.ts';
import { MASTER_KEY, startServer } from '../operations/server-process.ts';

const SECONDS = Number(process.env['X15_SECONDS'] ?? 600);
const RATE = Number(process.env['X15_RATE'] ?? 100);
const GOOD = 9;
const EVERY_MS = 100;

const receiver = await openReceiver();
const home = await createHome();
const env = { OUTBOUND_ALLOW: receiver.host, MASTER_KEY };
const clock = { ms: () => Date.now(), now: () => new Date(), advance() {}, set() {} };
const house = await startHouse({ home, clock, env: { ...env, ROLES: 'web' } });
const worker = await startServer({ home, env: { ...env, ROLES: 'jobs' } });
afterAll(async () => {
  await worker.end('SIGKILL');
  await house.stop();
  await receiver.close();
  await home.remove();
});
const make = makers(house);

const BAD: Readonly<Record<string, (response: ServerResponse) => void>> = {
  err: (response) => response.writeHead(500).end(),
  hang: (response) => void setTimeout(() => response.writeHead(200).end(), 30_000).unref(),
  drip(response) {
    response.writeHead(200);
    const more = setInterval(() => response.write('.'), 1_000);
    response.once('close', () => clearInterval(more));
  },
  reset: (response) => response.destroy(),
  flood(response) {
    const part = Buffer.alloc(65_536, 'x');
    const more = () => {
      while (!response.destroyed && response.write(part));
    };
    response.writeHead(200);
    response.on('drain', more);
    more();
  },
  redirect: (response) => response.writeHead(302, { location: receiver.url('/inner') }).end(),
};

/** When a leaf first came, by path. */
const came = new Map<string, Map<number, number>>();
const lags: number[] = [];
const ids = new Map<string, string>();
let healed = false;
let again = 0;
let otherId = 0;
receiver.answer(({ path, deliveryId, events }) => {
  const bad = BAD[path.replace('/bad-', '')];
  if (bad && !healed) return bad;
  const seen = came.get(path) ?? new Map<number, number>();
  came.set(path, seen);
  for (const event of events) {
    const key = `${path} ${event.leafIndex}`;
    if (seen.has(event.leafIndex)) {
      again += 1;
      if (ids.get(key) !== deliveryId) otherId += 1;
      continue;
    }
    ids.set(key, deliveryId);
    seen.set(event.leafIndex, Date.now());
    if (!bad)
      lags.push(Date.now() - Date.parse((event as { occurredAt?: string }).occurredAt ?? ''));
  }
  return 200;
});

async function write({ uuid }: MadeTenant, end: number): Promise<void> {
  const ctx = systemContext(house.services, uuid);
  const count = Math.max(1, Math.round((RATE * EVERY_MS) / 1000));
  for (let due = Date.now(); due < end; due += EVERY_MS) {
    await until(() => Date.now() >= due);
    const drafts = Array.from({ length: count }, () => ({
      type: 'user.update',
      targets: [],
      details: { fields: [] },
    }));
    await recordEvents(ctx, drafts);
  }
}

const rssMiB = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))?.[1]) / 1024;

test(
  'X15 good receivers are served in time whatever the bad do, and nothing is lost',
  async ({ task }) => {
    const good: [MadeTenant, MadeStream][] = [];
    for (let n = 0; n < GOOD; n += 1) {
      const tenant = await make.tenant();
      good.push([
        tenant,
        await makeStream(tenant, receiver.url(`/good-${n}`), { startAt: 'BEGINNING' }),
      ]);
    }
    const noisy = await make.tenant();
    const bad: MadeStream[] = [];
    for (const name of Object.keys(BAD))
      bad.push(await makeStream(noisy, receiver.url(`/bad-${name}`), { startAt: 'BEGINNING' }));
    // Its makers' own events are no part of it.
    await until(() => came.size === GOOD, { timeout: 60_000 });
    lags.length = 0;
    const before = rssMiB();
    const sizes: number[] = [];
    const watch = setInterval(() => sizes.push(rssMiB()), 1_000);
    const end = Date.now() + SECONDS * 1000;
    await Promise.all(
      [...good.map(([tenant]) => tenant), noisy].map((tenant) => write(tenant, end)),
    );
    clearInterval(watch);
    const stood = await Promise.all(bad.map((stream) => lookAt(noisy, stream)));
    const attempts = receiver.received.filter(({ path }) => path.startsWith('/bad-')).length;
    const inner = receiver.received.filter(({ path }) => path === '/inner').length;
    healed = true;
    for (const stream of bad) await turn(noisy, stream, 'resume');
    const all = [...good, ...bad.map((stream) => [noisy, stream] as const)];
    const done = async () =>
      (await Promise.all(all.map(([tenant, stream]) => lookAt(tenant, stream)))).every(
        ({ pending }) => pending === 0,
      );
    await until(done, { timeout: 300_000 });
    let lost = 0;
    for (const [tenant, stream] of all) {
      const { name, deliveredUpTo } = await lookAt(tenant, stream);
      const path = new URL(name.replace('To ', '')).pathname;
      // Leaves that came after the last look may be there already.
      lost += Math.max(0, (deliveredUpTo ?? -1) + 1 - (came.get(path)?.size ?? 0));
    }
    const sorted = lags.toSorted((a, b) => a - b);
    const at = (part: number) => Math.round(sorted[Math.floor(part * (sorted.length - 1))] ?? 0);
    report(task, 'X15', {
      seconds: SECONDS,
      'events/s': RATE * (GOOD + 1),
      'to the good': lags.length,
      'lag p50 ms': at(0.5),
      'lag p99 ms': at(0.99),
      'lag worst ms': at(1),
      'memory before MiB': Math.round(before),
      'memory growth MiB': Math.round(Math.max(...sizes) - before),
      // Once it is warm.
      'of it after a tenth of the time': Math.round(
        Math.max(...sizes) - Math.max(...sizes.slice(0, Math.ceil(sizes.length / 10))),
      ),
      'attempts at the bad': attempts,
      lost,
      'taken twice, same id': again - otherId,
      'taken twice, other id': otherId,
      'redirects followed': inner,
    });
    expect({ lost, otherId, inner }).toEqual({ lost: 0, otherId: 0, inner: 0 });
    for (const { state, deliveredUpTo, lastError } of stood)
      expect([state, deliveredUpTo, typeof lastError]).toEqual(['ACTIVE', null, 'string']);
  },
  (SECONDS + 600) * 1000,
);
