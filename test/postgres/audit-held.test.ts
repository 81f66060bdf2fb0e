/**
 * K03 K07 What holds the sequencer: a transaction that stays open anywhere on the server is seen and
 * named; a tenant that holds its own streams' rows is waited for by nobody.
 */
import pg from 'pg';
import { expect, test } from 'vitest';
import { sequencedSize } from '#features/audit/audit-sequence.queries.ts';
import { examineEvidence } from '../../src/app/doctor-evidence.ts';
import { fixedClock } from '../kit/clock.ts';
import { allSequenced } from '../kit/events.ts';
import { serverUrl } from '../kit/homes.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse({ clock: fixedClock(new Date(Date.now() - 600_000)) });
const make = makers(house);

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'forgotten' });
  await client.connect();
  return client;
}

async function gauge(name: string): Promise<number> {
  const { text } = await send(house.internalUrl, {
    path: '/metrics',
    headers: { authorization: `Bearer ${house.internalKey}` },
  });
  return Number(new RegExp(`^signet_${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

test('K07 a transaction that stays open in another database is told by the metrics and named by the doctor', async () => {
  const acme = await make.tenant();
  await until(async () => (await gauge('audit_unsequenced_events')) === 0);
  const elsewhere = await connected(serverUrl as string);
  const ours = await connected(house.home.env.DATABASE_URL as string);
  try {
    await elsewhere.query('BEGIN; SELECT pg_current_xact_id()');
    const { rows: found } = await elsewhere.query('SELECT pg_backend_pid() AS pid');
    const [{ pid }] = found as [{ pid: number }];
    await make.user(acme);
    house.clock.advance(300_000);
    expect(await gauge('audit_unsequenced_events')).toBeGreaterThanOrEqual(1);
    expect(await gauge('audit_unsequenced_seconds')).toBeGreaterThanOrEqual(300);
    const { state, says } = await until(async () => {
      const finding = await examineEvidence(ours);
      // Other tests' transactions on this server end soon.
      return finding.says.includes(String(pid)) && finding;
    });
    expect(state).toBe('warn');
    expect(says).toContain(`the transaction of process ${pid} (forgotten) in database`);
    await elsewhere.query('COMMIT');
    await until(async () => (await gauge('audit_unsequenced_events')) === 0);
    expect((await examineEvidence(ours)).state).toBe('ok');
  } finally {
    await elsewhere.end();
    await ours.end();
  }
});

test('K07 K05 who holds the rows of its own streams holds up no tenant, and is woken afterwards', async () => {
  const [holder, other] = [await make.tenant(), await make.tenant()];
  // What was recorded so far wakes no stream any more.
  await allSequenced(house, holder.uuid);
  const streams = await rows<{ id: string }>(
    house,
    holder.uuid,
    `WITH made AS (
       INSERT INTO log_streams (tenant_id, id, name, kind, settings, secrets, created_at, updated_at)
       VALUES ($1, gen_random_uuid(), 'held', 'HTTP', '{}', '', now(), now()) RETURNING id)
     INSERT INTO log_stream_work (stream_id, tenant_id, kind, state, due_at, idle, served_at, lease_until)
     SELECT id, $1, 'HTTP', 'ACTIVE', 'infinity', true, now(), 'infinity' FROM made RETURNING stream_id AS id`,
    [holder.uuid],
  );
  const work = async () => {
    const [row] = await rows<{ woken: string; idle: boolean }>(
      house,
      holder.uuid,
      'SELECT woken, idle FROM log_stream_work WHERE stream_id = $1',
      [streams[0]?.id],
    );
    return row as { woken: string; idle: boolean };
  };
  const client = await connected(house.home.env.DATABASE_URL as string);
  const sequencer = await connected(house.home.env.DATABASE_URL as string);
  try {
    // Who locks a row has a transaction of its own, and holds what is written later: so this comes after.
    await sequencer.query('BEGIN; SELECT 1 FROM outbox_cursors FOR UPDATE');
    await make.user(holder);
    await make.user(other);
    await client.query('BEGIN; SELECT 1 FROM log_stream_work FOR UPDATE');
    await sequencer.query('COMMIT');
    for (const tenant of [holder, other])
      await until(
        async () =>
          (await sequencedSize(house.services, tenant.uuid)) ===
          BigInt((await rows(house, tenant.uuid, 'SELECT 1 FROM audit_events')).length),
        { timeout: 30_000 },
      );
    expect(await work()).toEqual({ woken: '0', idle: true });
    await client.query('COMMIT');
    await until(async () => (await work()).idle === false, { timeout: 30_000 });
    await until(
      async () => (await house.services.db.query('SELECT 1 FROM log_stream_wakes')).length === 0,
      { timeout: 30_000 },
    );
  } finally {
    await client.end();
    await sequencer.end();
  }
});
