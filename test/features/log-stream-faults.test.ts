/** K07: what is wrong on our side holds up no stream in silence, and what has left the log is told. */
import { afterAll, expect, test } from 'vitest';
import { operator } from '../kit/as.ts';
import { sequenced } from '../kit/audit-export.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { asOwner } from '../kit/stored.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { tamper } from '../kit/tamper.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';
import { lookAt, makeStream, type Stream, turn } from './streamed.ts';

const receiver = await openReceiver();
const house = await openHouse({
  env: { OUTBOUND_ALLOW: receiver.host },
  eventsAsPromised: false,
});
afterAll(() => receiver.close());
const make = makers(house);

const caughtUp = (tenant: MadeTenant, stream: Stream) =>
  until(async () => {
    house.clock.advance(1_000);
    await sequenced(house, tenant);
    return (await lookAt(tenant, stream)).pending === 0;
  });

const passedOver = async (tenant: MadeTenant) => {
  const { data } = await tenant.gql<{ auditEvents: { nodes: { details: object }[] } }>(
    '{ auditEvents(filter: { type: "log-stream.pass-over" }) { nodes { severity details } } }',
  );
  return data?.auditEvents.nodes;
};

interface Line {
  readonly type: string;
  readonly where?: object | null;
}

test('K07 an event whose address does not open is sent without, and says so', async () => {
  const acme = await make.tenant();
  for (let n = 0; n < 3; n += 1) await make.user(acme);
  await sequenced(house, acme);
  await tamper(
    house,
    acme,
    `UPDATE audit_events SET personal = jsonb_build_object(
       (SELECT min(k) FROM jsonb_object_keys(personal) k), 'AAAA')
     WHERE id = (SELECT id FROM audit_events WHERE type = 'user.create' AND personal <> '{}' ORDER BY id LIMIT 1)`,
  );
  const more = { startAt: 'BEGINNING', where: true };
  const stream = await makeStream(acme, receiver.url('/unreadable'), more);
  await caughtUp(acme, stream);
  const lines = receiver.events('/unreadable') as readonly unknown[] as Line[];
  const users = lines.filter(({ type }) => type === 'user.create');
  expect(users.map(({ where }) => where)).toEqual([
    null,
    { ipAddress: expect.any(String) },
    { ipAddress: expect.any(String) },
  ]);
  expect(await lookAt(acme, stream)).toMatchObject({ state: 'ACTIVE' });
  expect(await metrics()).toMatch(/signet_log_stream_unreadable_total\{kind="HTTP"\} 1/);
});

test('K07 a fault of ours stands in the stream and among the figures, in plain words', async () => {
  const acme = await make.tenant();
  const stream = await makeStream(acme, receiver.url('/fault'));
  await caughtUp(acme, stream);
  await asOwner(
    house,
    acme.uuid,
    `UPDATE log_streams SET secrets = '\\x00', version = version + 1`,
  );
  await make.user(acme);
  const broken = await until(async () => {
    house.clock.advance(1_000);
    const now = await lookAt(acme, stream);
    return now.lastError !== null && now;
  });
  expect(broken).toMatchObject({
    state: 'ACTIVE',
    lastError: 'something is wrong on our side; nothing is lost, and it is tried again',
  });
  const figures = await metrics();
  expect(figures).toMatch(/signet_log_streams\{kind="HTTP",state="FAILING"\} [1-9]/);
  expect(figures).toMatch(/signet_log_stream_attempts_total\{kind="HTTP",outcome="fault"\} [1-9]/);
  await run(acme, 'updateLogStream', 'logStream { id }', { id: stream.id, secrets: {} });
  await caughtUp(acme, stream);
  await until(async () => !(await metrics()).includes('state="FAILING"'));
});

test('K07 what has left the log before it was taken is passed over, and told', async () => {
  const acme = await make.tenant();
  await make.user(acme);
  receiver.answer(({ path }) => (path === '/left' ? 503 : 200));
  const stream = await makeStream(acme, receiver.url('/left'), { startAt: 'BEGINNING' });
  await until(() => receiver.received.some(({ path }) => path === '/left'));
  const frozen = receiver.received.find(({ path }) => path === '/left')?.events ?? [];
  expect(frozen.length).toBeGreaterThan(0);
  await tamper(
    house,
    acme,
    `DELETE FROM audit_events WHERE id <= (${idOf(frozen.at(-1)?.leafIndex)})`,
  );
  receiver.answer(() => 200);
  await caughtUp(acme, stream);
  expect(
    receiver.events('/left').every(({ leafIndex }) => leafIndex > (frozen.at(-1)?.leafIndex ?? 0)),
  ).toBe(true);
  expect(await passedOver(acme)).toEqual([
    {
      severity: 'WARNING',
      details: { fromLeaf: 0, toLeaf: frozen.at(-1)?.leafIndex, events: frozen.length },
    },
  ]);
  expect((await lookAt(acme, stream)).lastError).toBe(
    `${frozen.length} events have left the log before the receiver took them`,
  );

  // Nobody had frozen these: they lie before the place that the stream goes back to.
  const { deliveredUpTo } = await lookAt(acme, stream);
  await tamper(house, acme, `DELETE FROM audit_events WHERE id <= (${idOf(deliveredUpTo)})`);
  await turn(acme, stream, 'rewind', { leafIndex: 0 });
  await until(async () => (await passedOver(acme))?.length === 2);
  await caughtUp(acme, stream);
  expect(receiver.events('/left').map(({ type }) => type)).toContain('log-stream.pass-over');
});

const idOf = (leaf: number | null | undefined) =>
  `SELECT event_id FROM audit_leaves WHERE leaf_index = ${leaf} AND tenant_id = current_setting('app.tenant_id')::uuid`;

async function metrics(): Promise<string> {
  const headers = { authorization: `Bearer ${operator(house).secret}` };
  return (await send(house.internalUrl, { path: '/metrics', headers })).text;
}
