/** The outbox: everything that was committed, in order, at least once, to readers that may stop and go on (K07). */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createOutbox, type OutboxRow } from '#kernel/events/outbox.ts';
import { serverUrl } from '../kit/homes.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';

// Without the sequencer, which would take rows of transactions that there are not for another server's.
const house = await openHouse({ env: { ROLES: 'web' } });
const acme = await makers(house).tenant();
const { db, log } = house.services;

/** A row as an event leaves it; `xid` stands for a transaction that has not ended. */
const put = (type: string, xid = 'pg_current_xact_id()') =>
  db.query(
    `INSERT INTO outbox (xid, tenant_id, event_id, type, occurred_at) VALUES (${xid}, $1, $2, $3, now())`,
    [acme.uuid, randomUUID(), type],
  );

const reader = () => createOutbox(db, log);
const consumer = () => `test-${randomUUID()}`;

/** On a server other databases' transactions count too: what is committed may settle a little later. */
const settled = () =>
  until(async () => {
    const [open] = await db.query(
      `SELECT 1 FROM outbox
       WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()) AND type <> 'still open' LIMIT 1`,
    );
    return open === undefined;
  });

/** What a consumer gets from one look, when everything has settled. */
async function take(name: string, outbox = reader()): Promise<string[]> {
  await settled();
  return look(name, outbox);
}

async function look(name: string, outbox = reader()): Promise<string[]> {
  const taken: OutboxRow[] = [];
  const count = await outbox.consume(name, async (batch) => void taken.push(...batch));
  expect(count).toBe(taken.length);
  return taken.map(({ type }) => type);
}

/** A consumer that has seen everything so far. */
async function fresh(): Promise<string> {
  const name = consumer();
  while ((await take(name)).length > 0);
  return name;
}

test('a consumer gets what was committed, once it was, in its order; and not what was undone', async () => {
  const name = await fresh();
  await put('a');
  await db.transaction(async () => {
    await put('b');
    await put('c');
  });
  const undone = db.transaction(async () => {
    await put('undone');
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  await put('d');
  expect(await take(name)).toEqual(['a', 'b', 'c', 'd']);
  expect(await take(name)).toEqual([]);
});

test('a command leaves one entry for each of its events: ids and a name, nothing of a person', async () => {
  const name = await fresh();
  const { user } = await mutate<{ user: { id: string } }>(
    acme,
    'createUser',
    { email: 'in-the-outbox@example.com', displayName: 'Ada' },
    'user { id }',
  );
  const taken: OutboxRow[] = [];
  await settled();
  await reader().consume(name, async (batch) => void taken.push(...batch));
  expect(taken).toEqual([
    { tenantId: acme.uuid, eventId: expect.any(String), type: 'user.create' },
  ]);
  const [event] = await rows<{ targets: object[] }>(
    house,
    acme.uuid,
    'SELECT targets FROM audit_events WHERE id = $1',
    [taken[0]?.eventId],
  );
  expect(event?.targets).toEqual([{ type: 'user', id: user.id }]);
  const text = JSON.stringify(await db.query('SELECT * FROM outbox'));
  expect(text).not.toMatch(/in-the-outbox|Ada|example\.com/);
});

test('the cursor is durable: another process goes on where the first one stopped', async () => {
  const name = await fresh();
  await put('before');
  expect(await take(name, reader())).toEqual(['before']);
  await put('after');
  expect(await take(name, reader())).toEqual(['after']);
});

test('what a consumer failed to handle comes again, all of it', async () => {
  const name = await fresh();
  await put('one');
  await put('two');
  let seen = 0;
  await settled();
  const failing = reader().consume(name, async (batch) => {
    seen = batch.length;
    throw new Error('the sink is down');
  });
  await expect(failing).rejects.toThrow('the sink is down');
  expect(seen).toBe(2);
  expect(await take(name)).toEqual(['one', 'two']);
});

test('what a consumer writes is kept together with its cursor, or not at all', async () => {
  const name = await fresh();
  const mark = () =>
    db.query('INSERT INTO rate_limits (key, points) VALUES ($1, 1)', [`outbox ${name}`]);
  const marks = () => db.query('SELECT 1 FROM rate_limits WHERE key = $1', [`outbox ${name}`]);
  await put('x');
  await settled();
  const failing = reader().consume(name, async () => {
    await mark();
    throw new Error('late');
  });
  await expect(failing).rejects.toThrow('late');
  expect(await marks()).toHaveLength(0);
  await reader().consume(name, async () => void (await mark()));
  expect(await marks()).toHaveLength(1);
  expect(await take(name)).toEqual([]);
});

test('consumers do not take from each other', async () => {
  const [one, two] = [await fresh(), await fresh()];
  await put('shared');
  expect(await take(one)).toEqual(['shared']);
  expect(await take(two)).toEqual(['shared']);
});

test('nothing is taken past a transaction that is still open, whatever the order of its rows', async () => {
  const name = await fresh();
  const [{ next } = { next: '0' }] = await db.query<{ next: string }>(
    'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next',
  );
  const future = `'${BigInt(next) + 1_000_000n}'::xid8`;
  await put('still open', future);
  await put('settled');
  expect(await take(name)).toEqual(['settled']);
  await put('later');
  expect(await take(name)).toEqual(['later']);
  await db.query("DELETE FROM outbox WHERE type = 'still open'");
});

test('a consumer that is far behind catches up in batches', async () => {
  const name = await fresh();
  await db.query(
    `INSERT INTO outbox (tenant_id, event_id, type, occurred_at)
     SELECT $1, gen_random_uuid(), 'n' || n, now() FROM generate_series(1, 1100) n ORDER BY n`,
    [acme.uuid],
  );
  const batches = [await take(name), await take(name), await take(name), await take(name)];
  expect(batches.map(({ length }) => length)).toEqual([500, 500, 100, 0]);
  expect(batches.flat()).toEqual(Array.from({ length: 1100 }, (_, n) => `n${n + 1}`));
});

if (serverUrl) {
  test('on PostgreSQL a transaction that commits late is not skipped', async () => {
    const name = await fresh();
    const [opened, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const late = db.transaction(async () => {
      await put('began first');
      opened.resolve();
      await gate.promise;
    });
    await opened.promise;
    await put('committed first');
    expect(await look(name)).toEqual([]);
    gate.resolve();
    await late;
    expect(await take(name)).toEqual(['began first', 'committed first']);
  });

  test('on PostgreSQL one instance at a time advances a consumer', async () => {
    const name = await fresh();
    await put('once');
    await settled();
    const [busy, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = reader().consume(name, async () => {
      busy.resolve();
      await gate.promise;
    });
    await busy.promise;
    expect(await look(name)).toEqual([]);
    gate.resolve();
    expect(await first).toBe(1);
    expect(await take(name)).toEqual([]);
  });
}
