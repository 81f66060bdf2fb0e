/**
 * K07: streams of one tenant while everything dies: receivers that are busy, one event that nobody takes,
 * workers that are killed, and a database that crashes. What was committed is written down here.
 */

import { Webhook } from 'standardwebhooks';
import { afterAll, expect, test } from 'vitest';
import type { EventDraft, Severity } from '#kernel/events/event.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { systemContext } from '#kernel/system-context.ts';
import { startHouse } from '../kit/house.ts';
import { expectStatus, makers } from '../kit/make.ts';
import { openReceiver, type Received } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';
import { report, scaled } from '../operations/faults.ts';
import { MASTER_KEY, type ServerProcess, startServer } from '../operations/server-process.ts';
import { createCluster } from './cluster.ts';

const EVENTS = scaled(2_000, 20_000);
const KILLS = scaled(3, 10);
const WRITERS = 4;

const cluster = await createCluster();
const receiver = await openReceiver();
const env = { OUTBOUND_ALLOW: receiver.host, MASTER_KEY, LOG_LEVEL: 'info' };
const home = { env: { DATA_DIR: '/nonexistent', DATABASE_URL: cluster.url } };
const workers: ServerProcess[] = [];
// Who writes and who is asked is another process than who delivers.
const house = await startHouse({
  home: { ...home, remove: async () => undefined },
  env: { ...env, ROLES: 'web' },
});
afterAll(async () => {
  for (const worker of workers) await worker.end('SIGKILL');
  await house.stop().catch(() => undefined);
  await receiver.close();
  await cluster.remove();
});

const TYPES = ['user.create', 'user.update', 'group.create', 'session.start', 'token.issue'];
const SEVERITIES: readonly Severity[] = ['INFO', 'INFO', 'NOTICE', 'WARNING', 'CRITICAL'];
/** Passes every filter but the last one's. */
const POISON = 'user.create';

interface Filter {
  readonly eventTypes?: readonly string[];
  readonly minSeverity?: Severity;
}

const FILTERS: readonly (Filter & { readonly kind: 'HTTP' | 'STANDARD_WEBHOOKS' })[] = [
  { kind: 'HTTP' },
  { kind: 'HTTP', eventTypes: ['user.*'] },
  { kind: 'HTTP', minSeverity: 'WARNING' },
  { kind: 'STANDARD_WEBHOOKS', eventTypes: ['user.create', 'session.*'] },
  { kind: 'STANDARD_WEBHOOKS', minSeverity: 'NOTICE' },
  { kind: 'HTTP', eventTypes: ['token.issue', 'group.*'], minSeverity: 'NOTICE' },
];

const takes = ({ eventTypes = [], minSeverity = 'INFO' }: Filter, type: string, severity: string) =>
  ['INFO', 'NOTICE', 'WARNING', 'CRITICAL'].indexOf(severity) >=
    ['INFO', 'NOTICE', 'WARNING', 'CRITICAL'].indexOf(minSeverity) &&
  (eventTypes.length === 0 ||
    eventTypes.some((one) =>
      one.endsWith('*') ? type.startsWith(one.slice(0, -1)) : one === type,
    ));

function drafts(from: number, count: number): EventDraft[] {
  return Array.from({ length: count }, (_, n) => {
    const poisoned = from + n === Math.floor(EVENTS / 3);
    return {
      type: poisoned ? POISON : (TYPES[(from + n) % TYPES.length] ?? ''),
      severity: poisoned ? 'CRITICAL' : (SEVERITIES[(from + n * 7) % SEVERITIES.length] ?? 'INFO'),
      targets: [],
      details: poisoned ? { n: from + n, poison: 'skull' } : { n: from + n },
    } as const;
  });
}

async function write(tenantId: string): Promise<void> {
  const batch = 50;
  let next = 0;
  const writer = async () => {
    for (let from = next; from < EVENTS; from = next) {
      next += batch;
      const ctx = systemContext(house.services, tenantId);
      const some = drafts(from, Math.min(batch, EVENTS - from));
      // A crash of the database refuses some; whoever is refused asks again.
      await until(() => recordEvents(ctx, some).then(() => true), { timeout: 60_000 });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

async function begin(): Promise<ServerProcess> {
  const worker = await startServer({ home, env: { ...env, ROLES: 'jobs' } });
  workers.push(worker);
  return worker;
}

test(
  'K07 nothing is missing, out of order or sent under two ids, whatever dies',
  async ({ task }) => {
    const acme = await makers(house).tenant();
    const ids: string[] = [];
    const secrets: (string | null)[] = [];
    for (const [n, { kind, ...filter }] of FILTERS.entries()) {
      const body = { name: `${n}`, kind, settings: { url: receiver.url(`/${n}`) }, ...filter };
      const made = await acme.rest<{ id: string; secret: string | null }>(
        'POST',
        '/v1/log-streams',
        { body: { ...body, startAt: 'BEGINNING' } },
      );
      expectStatus(made, 201);
      ids.push(made.body.id);
      secrets.push(made.body.secret);
    }
    // A third of the answers, by a rule and not by chance.
    let asked = 0;
    receiver.answer(({ body }) => {
      if (body.includes('skull')) return 400;
      asked += 1;
      return asked % 10 < 3 ? 503 : 200;
    });

    const began = performance.now();
    let worker = await begin();
    const writing = write(acme.uuid);
    const seen = () => FILTERS.reduce((sum, _, n) => sum + receiver.events(`/${n}`).length, 0);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = receiver.received.length;
      await until(() => receiver.received.length > before + 5, { timeout: 60_000 });
      expect((await worker.end('SIGKILL')).signal).toBe('SIGKILL');
      worker = await begin();
      if (kill === Math.floor(KILLS / 2)) {
        await cluster.stop('immediate');
        await cluster.start();
      }
    }
    await writing;
    const stream = (id: string) =>
      acme.rest<{ pending: number; deadLetterCount: number; state: string }>(
        'GET',
        `/v1/log-streams/${id}`,
      );
    await until(
      async () => (await Promise.all(ids.map(stream))).every(({ body }) => body.pending === 0),
      { timeout: scaled(180_000, 900_000) },
    ).catch(async (error: unknown) => {
      const [streams, work] = await Promise.all([
        Promise.all(ids.map(async (id) => (await stream(id)).body)),
        house.services.db.query('SELECT * FROM log_stream_work'),
      ]);
      const left = JSON.stringify({ streams, work }, null, 1);
      throw new Error(`not at the end of the log: ${left}\n${worker.output()}`, { cause: error });
    });
    const ms = performance.now() - began;

    const stored = await house.services.db.inTenant(acme.uuid, () =>
      house.services.db.query<{ type: string; severity: string; leaf: string; poison: boolean }>(
        `SELECT e.type, e.severity, l.leaf_index AS leaf, e.details ? 'poison' AS poison
         FROM audit_leaves l JOIN audit_events e ON e.tenant_id = l.tenant_id AND e.id = l.event_id
         WHERE l.tenant_id = $1 ORDER BY l.leaf_index`,
        [acme.uuid],
      ),
    );
    expect(stored.length).toBeGreaterThanOrEqual(EVENTS);
    const poisoned = stored.filter(({ poison }) => poison);
    expect(poisoned.length).toBeGreaterThanOrEqual(1);
    for (const [n, filter] of FILTERS.entries()) {
      const due = stored.filter(({ type, severity }) => takes(filter, type, severity));
      const got = receiver.events(`/${n}`).map(({ leafIndex }) => leafIndex);
      // In the order in which they were first taken: complete, and never back.
      expect([n, got]).toEqual([n, due.filter(({ poison }) => !poison).map(({ leaf }) => +leaf)]);
      const dead = due.filter(({ poison }) => poison).map(({ leaf }) => Number(leaf));
      const letters = await acme.rest<{ items: { leafIndex: number; status: number }[] }>(
        'GET',
        `/v1/log-streams/${ids[n]}/dead-letters`,
      );
      expect(letters.body.items.map(({ leafIndex }) => leafIndex)).toEqual(dead);
    }
    const drifted = driftOf(receiver.received);
    const unsigned = receiver.received.filter((one) => !isSigned(one, secrets));
    const deliveries = new Set(receiver.received.map(({ deliveryId }) => deliveryId)).size;
    const again = FILTERS.reduce(
      (sum, _, n) => sum + receiver.taken(`/${n}`).length - uniqueOf(receiver.taken(`/${n}`)),
      0,
    );
    report(task, 'K07', {
      events: stored.length,
      delivered: seen(),
      kills: KILLS,
      'database crashes': 1,
      deliveries,
      attempts: receiver.received.length,
      'taken twice, same id': again,
      'ids with other content': drifted.length,
      'bad signatures': unsigned.length,
      'dead letters': 'the poisoned event alone',
      'events/s': Math.round(seen() / (ms / 1000)),
    });
    expect({ drifted, unsigned: unsigned.length }).toEqual({ drifted: [], unsigned: 0 });
  },
  scaled(420_000, 1_800_000),
);

function uniqueOf(all: readonly Received[]): number {
  return new Set(all.map(({ deliveryId }) => deliveryId)).size;
}

/** Ids under which different bodies came. */
function driftOf(all: readonly Received[]): string[] {
  const first = new Map<string, string>();
  const drifted: string[] = [];
  for (const { deliveryId, body } of all) {
    const known = first.get(deliveryId) ?? body;
    first.set(deliveryId, known);
    if (known !== body) drifted.push(deliveryId);
  }
  return drifted;
}

function isSigned({ path, headers, body }: Received, secrets: readonly (string | null)[]): boolean {
  const secret = secrets[Number(path.slice(1))];
  if (!secret) return true;
  const id = String(headers['webhook-id']);
  const timestamp = new Date(Number(headers['webhook-timestamp']) * 1000);
  return new Webhook(secret).sign(id, timestamp, body) === headers['webhook-signature'];
}
