/**
 * The live tail over two instances: what is committed on one is read on the other, whose process is
 * killed, again and again. The SDK's loop goes on where it stood, at whoever is there.
 */
import { expect, test } from 'vitest';
import { encodeId } from '#kernel/ids.ts';
import {
  createClient,
  listAuditEvents,
  paginate,
  TypedDocumentString,
} from '../../sdk/generated/sdk.ts';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';
import { durations, report, scaled } from '../operations/faults.ts';
import { houseOf, startServer } from '../operations/server-process.ts';
import { writing } from './load.ts';
import { openPair } from './pair.ts';

const KILLS = scaled(2, 10);
const EVENTS = scaled(60, 500);

const pair = await openPair();
const servers = [pair.first, pair.second];

interface Seen {
  readonly auditEvents: { readonly id: string; readonly occurredAt: string };
}

const TAIL = new TypedDocumentString<Seen, { after?: string | null }>(
  `subscription ($after: ID) {
    auditEvents(filter: { types: ["user.*"], result: SUCCESS }, after: $after) { id occurredAt } }`,
);
const START = encodeId('event', '00000000-0000-0000-0000-000000000000');

test(
  'D12 a tail that loses its instance goes on at the other: nothing is missing, nothing comes twice',
  async ({ task }) => {
    const tenant = await makers(houseOf(pair.first)).tenant();
    let reading = 0;
    const opened: (string | null)[] = [];
    const client = createClient({
      url: 'http://signet.test/graphql',
      apiKey: tenant.secret,
      // As a balancer does: each connection goes to whoever is there.
      fetch: (url, init) => {
        const headers = new Headers(init?.headers);
        if (headers.get('accept') === 'text/event-stream')
          opened.push(headers.get('last-event-id'));
        const at = servers[reading % servers.length];
        return fetch(String(url).replace('http://signet.test', at?.url ?? ''), init);
      },
    });
    const seen: string[] = [];
    const late: number[] = [];
    const stop = new AbortController();
    const tailing = (async () => {
      for await (const { auditEvents } of client.subscribe(TAIL, {}, { signal: stop.signal })) {
        seen.push(auditEvents.id);
        late.push(Date.now() - Date.parse(auditEvents.occurredAt));
      }
    })().catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    await until(() => opened.length > 0);
    const load = writing(
      servers.map((server) => tenant.at(houseOf(server))),
      6,
    );
    // The tail stands once it shows something.
    await until(() => seen.length > 0, { timeout: 30_000 });
    for (let kill = 0; kill < KILLS; kill += 1) {
      await load.more(EVENTS);
      const victim = reading % servers.length;
      const { port } = servers[victim] as (typeof servers)[number];
      reading += 1;
      await servers[victim]?.end('SIGKILL');
      await load.more(EVENTS);
      servers[victim] = await startServer({ home: pair.home, port });
    }
    await load.more(EVENTS);
    await load.stop();

    const log: string[] = [];
    const all = { types: ['user.*'], result: 'SUCCESS' as const };
    for await (const event of paginate(client, listAuditEvents, all)) log.push(event.id);
    expect(log.length).toBeGreaterThanOrEqual(load.acknowledged.size);
    const replayed: string[] = [];
    for await (const { auditEvents } of client.subscribe(TAIL, { after: START })) {
      replayed.push(auditEvents.id);
      if (replayed.length === log.length) break;
    }
    expect(new Set(replayed)).toEqual(new Set(log));
    const since = replayed.slice(replayed.indexOf(seen[0] ?? ''));
    await until(() => seen.length >= since.length, {
      timeout: 30_000,
      what: 'the tail to catch up',
    });
    expect(seen).toEqual(since);
    stop.abort();
    await tailing;
    expect(opened.filter((position) => position !== null).length).toBeGreaterThanOrEqual(KILLS);
    const { median, worst } = durations(late);
    report(task, 'D12', {
      kills: KILLS,
      events: seen.length,
      missing: 0,
      twice: 0,
      'median ms from the event to its reader': median,
      'worst ms, over a kill': worst,
    });
  },
  scaled(240_000, 900_000),
);
