/** Live readers of the outbox: from now on, whoever committed it, until they end. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createOutbox } from '#kernel/events/outbox.ts';
import { createTails } from '#kernel/events/tails.ts';
import { serverUrl } from '../kit/homes.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const acme = await makers(house).tenant();
const { db, log } = house.services;

const put = (type: string) =>
  db.query(
    'INSERT INTO outbox (tenant_id, event_id, type, occurred_at) VALUES ($1, $2, $3, now())',
    [acme.uuid, randomUUID(), type],
  );

const reader = () => createOutbox(db, log);

test('a tail begins now, gets what is committed from then on, and ends with its signal', async () => {
  const outbox = reader();
  const over = new AbortController();
  const seen: string[] = [];
  await put('too early');
  const tail = (async () => {
    for await (const { type } of outbox.tail(acme.uuid, over.signal)) seen.push(type);
  })();
  await until(async () => {
    await put('probe');
    return seen.length > 0;
  });
  await put('live');
  outbox.wake();
  await until(() => seen.includes('live'));
  expect(seen).not.toContain('too early');
  expect(seen.slice(0, -1).every((type) => type === 'probe')).toBe(true);
  over.abort();
  await tail;
});

test('a tail also finds what another process committed, without being woken', async () => {
  const outbox = reader();
  const seen: string[] = [];
  const tail = (async () => {
    for await (const { type } of outbox.tail(acme.uuid, new AbortController().signal))
      seen.push(type);
  })();
  await until(async () => {
    await put('from elsewhere');
    return seen.length > 0;
  });
  outbox.stop();
  await tail;
});

test.runIf(serverUrl)(
  'on PostgreSQL a tail is spared what was committed before it and settles later',
  async () => {
    const [opened, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const late = db.transaction(async () => {
      await put('began before');
      opened.resolve();
      await gate.promise;
    });
    await opened.promise;
    await put('committed before');
    let asked = 0;
    const query: typeof db.query = async (...statement) => {
      const answer = await db.query<never>(...statement);
      asked += 1;
      return answer;
    };
    const outbox = createOutbox({ ...db, query }, log);
    const seen: string[] = [];
    const tail = outbox.tail(acme.uuid, new AbortController().signal);
    const first = tail.next();
    // Where the readers begin, what this one has missed, and a first look.
    await until(() => asked >= 3);
    gate.resolve();
    await late;
    await put('after');
    for (let row = await first; !row.done; row = await tail.next()) {
      seen.push(row.value.type);
      if (row.value.type === 'after') outbox.stop();
    }
    expect(seen).toEqual(['began before', 'after']);
  },
);

test('K07 a tail goes on when the database was restored on a server with lower numbers', async () => {
  const server = { snapshot: '900:900:', rows: [] as { xid: string; seq: string }[] };
  const tails = createTails(
    {
      snapshot: async () => server.snapshot,
      after: async ({ xid }) =>
        server.rows
          .filter((row) => BigInt(row.xid) > BigInt(xid))
          .map((row) => ({ ...row, tenant_id: acme.uuid, event_id: randomUUID(), type: row.xid })),
      batch: 500,
    },
    log,
  );
  const over = new AbortController();
  const seen: string[] = [];
  const tail = (async () => {
    for await (const { type } of tails.open(acme.uuid, over.signal)) seen.push(type);
  })();
  await until(() => {
    tails.wake();
    server.rows = [{ xid: '901', seq: '1' }];
    return seen.includes('901');
  });
  server.rows = [];
  server.snapshot = '100:100:';
  for (let xid = 101; !seen.some((type) => type.startsWith('1')); xid += 1) {
    server.rows = [...server.rows, { xid: String(xid), seq: String(xid) }];
    server.snapshot = `${xid + 1}:${xid + 1}:`;
    tails.wake();
    await until(() => seen.length > 1, { timeout: 100 }).catch(() => undefined);
    if (xid > 300) throw new Error('the tail is dead');
  }
  over.abort();
  await tail;
});
