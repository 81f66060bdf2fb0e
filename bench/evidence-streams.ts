/**
 * Log streams: how many events a second reach a receiver on this machine, and how long an event is on
 * its way while the receiver of another tenant hangs, errs or drips. Everything in one process and one
 * PostgreSQL: the writers, the sequencer, the worker and the receivers.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '#kernel/config.ts';
import type { Services } from '#kernel/context.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { decodeId, encodeId } from '#kernel/ids.ts';
import { createLog } from '#kernel/log.ts';
import { systemContext } from '#kernel/system-context.ts';
import { start } from '../src/app/start.ts';
import { startCluster } from './cluster.ts';
import type { EvidenceOptions } from './evidence.ts';
import { median, printTable, quantile, shown, spread } from './report.ts';

const GOOD = 9;
/** Of each tenant, a second. */
const RATE = 100;
const TICK_MS = 100;
/** Unless fewer are asked for. */
const BACKLOG = 20_000;

export async function streams(options: EvidenceOptions): Promise<void> {
  const cluster = await startCluster();
  const sink = await openSink();
  const key = `internal_${randomBytes(24).toString('hex')}`;
  const { url } = await cluster.database('signet_bench');
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: url,
    DATA_DIR: tmpdir(),
    INTERNAL_KEY: key,
    MASTER_KEY: randomBytes(32).toString('base64'),
    OUTBOUND_ALLOW: `127.0.0.1:${sink.port}`,
    RATE_LIMIT_PER_MINUTE: '0',
    LOG_LEVEL: 'error',
  });
  const { masterKey } = config;
  if (!masterKey) throw new Error('a bench has a key');
  const log = createLog({ level: 'error', hide: [] });
  const running = await start({ ...config, internalKey: key, masterKey }, log);
  const home: Home = { services: running.services, origin: running.internalUrl, key, sink };
  try {
    await throughput(home, options);
    await neighbours(home, options);
  } finally {
    await running.stop();
    sink.close();
    await cluster.stop();
  }
}

interface Home {
  readonly services: Services;
  readonly origin: string;
  readonly key: string;
  readonly sink: Sink;
}

async function throughput(home: Home, { rounds, events }: EvidenceOptions): Promise<void> {
  const backlog = Math.min(events, BACKLOG);
  const rows: string[][] = [];
  for (const count of [1, 6]) {
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1)
      rates.push(await drained(home, `/${count}-${round}`, { count, backlog }));
    const name = count === 1 ? 'one stream' : `${count} streams of one tenant, together`;
    rows.push([name, shown(median(rates), 0), spread(rates), '5000']);
  }
  console.log(
    `\nEvents delivered a second, of a backlog of ${backlog} a stream, to a local receiver`,
  );
  printTable(['', 'events/s', '', 'target'], rows);
}

/** Events a second over all streams of a new tenant. */
async function drained(
  home: Home,
  path: string,
  { count, backlog }: { readonly count: number; readonly backlog: number },
): Promise<number> {
  const tenant = await newTenant(home);
  const ids: unknown[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await newStream(home, tenant, `${path}-${n}`));
  await Promise.all(ids.map((id) => ask(home, tenant, `/v1/log-streams/${id}/pause`, {})));
  for (let n = 0; n < backlog; n += 500) await write(home.services, tenant, 500);
  const enough = async () =>
    Number((await ask(home, tenant, `/v1/log-streams/${ids[0]}`))['pending']) >= backlog;
  while (!(await enough())) await delay(50);
  const before = home.sink.events();
  const began = performance.now();
  await Promise.all(ids.map((id) => ask(home, tenant, `/v1/log-streams/${id}/resume`, {})));
  while (home.sink.events() - before < backlog * count) await delay(5);
  return (home.sink.events() - before) / ((performance.now() - began) / 1000);
}

async function neighbours(home: Home, { seconds }: EvidenceOptions): Promise<void> {
  const rows: string[][] = [];
  const lasts = Math.max(seconds, 10);
  for (const bad of ['nothing', 'hang', 'err', 'drip']) {
    const tenants: string[] = [];
    for (let n = 0; n <= GOOD; n += 1) {
      const tenant = await newTenant(home);
      await newStream(home, tenant, n === GOOD ? `/bad-${bad}-x` : `/good-${bad}-${n}`);
      tenants.push(tenant);
    }
    home.sink.lags.length = 0;
    const end = performance.now() + lasts * 1000;
    while (performance.now() < end) {
      const tick = delay(TICK_MS);
      for (const tenant of tenants) await write(home.services, tenant, (RATE * TICK_MS) / 1000);
      await tick;
    }
    await delay(1_000);
    const lags = [...home.sink.lags];
    const at = (share: number) => shown(quantile(lags, share), 0);
    rows.push([`beside one that does ${bad}`, String(lags.length), at(0.5), at(0.99), '5000']);
  }
  console.log(
    `\nFrom an event to its receiver, ms: ${GOOD} tenants with ${RATE} events/s each, for ${lasts} s, beside a tenth`,
  );
  printTable(['', 'events', 'p50', 'p99', 'target'], rows);
}

/** In one transaction, as a busy tenant's commands would. */
async function write(services: Services, tenant: string, count: number): Promise<void> {
  const drafts = Array.from({ length: count }, (_, n) => ({
    type: 'user.update',
    targets: [{ type: 'tenant' as const, id: tenant }],
    details: { fields: ['displayName'], n },
  }));
  await recordEvents(systemContext(services, tenant), drafts);
}

interface Sink {
  readonly port: number;
  /** How many events came. */
  events(): number;
  /** Of the good ones: ms since they happened. */
  readonly lags: number[];
  close(): void;
}

/** A path that begins with /bad- says what is done to it. */
async function openSink(): Promise<Sink> {
  const lags: number[] = [];
  let events = 0;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const [, bad] = /^\/bad-(\w+)/.exec(request.url ?? '') ?? [];
    if (bad !== undefined) return misbehave(bad, response);
    const came = JSON.parse(Buffer.concat(parts).toString()) as { occurredAt: string }[];
    events += came.length;
    const now = Date.now();
    for (const { occurredAt } of came) lags.push(now - Date.parse(occurredAt));
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { port, lags, events: () => events, close };
}

function misbehave(how: string, response: ServerResponse): void {
  if (how === 'nothing') response.end();
  if (how === 'err') response.writeHead(500).end();
  if (how !== 'drip') return;
  response.writeHead(200);
  const more = setInterval(() => response.write('.'), 1_000);
  response.once('close', () => clearInterval(more));
}

/** A GET without a body. */
async function ask(
  { origin, key }: Home,
  tenant: string | null,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${origin}/internal${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(tenant ? { 'x-tenant-id': encodeId('tenant', tenant) } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

let made = 0;

/** Its uuid. */
async function newTenant(home: Home): Promise<string> {
  made += 1;
  const tenant = await ask(home, null, '/v1/tenants', { slug: `bench-${made}`, name: 'Bench' });
  return decodeId('tenant', String(tenant['id'])) ?? '';
}

async function newStream(home: Home, tenant: string, path: string): Promise<unknown> {
  const settings = { url: `http://127.0.0.1:${home.sink.port}${path}` };
  const made = await ask(home, tenant, '/v1/log-streams', { name: path, kind: 'HTTP', settings });
  return made['id'];
}
