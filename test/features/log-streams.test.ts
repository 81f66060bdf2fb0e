/** Log streams: what a receiver gets, in which order and under which ids, while it behaves and while not. */
import { afterAll, expect, test } from 'vitest';
import { sequenced } from '../kit/audit-export.ts';
import { openHouse } from '../kit/house.ts';
import { expectStatus, type MadeTenant, makers, run } from '../kit/make.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';
import { deadLetters, lookAt, makeStream, type Stream, turn } from './streamed.ts';

const receiver = await openReceiver();
const house = await openHouse({ env: { OUTBOUND_ALLOW: receiver.host } });
afterAll(() => receiver.close());
const make = makers(house);

/** While it waits, time passes: what failed is tried again. */
const later = <T>(look: () => T | Promise<T>) =>
  until(() => {
    house.clock.advance(500);
    return look();
  });

const caughtUp = (tenant: MadeTenant, stream: Stream) =>
  later(async () => {
    await sequenced(house, tenant);
    const now = await lookAt(tenant, stream);
    return now.pending === 0 && now;
  });

const leavesAt = (path: string) => receiver.events(path).map(({ leafIndex }) => leafIndex);
const typesAt = (path: string) => receiver.events(path).map(({ type }) => type);
const inOrder = (leaves: readonly number[]) => leaves.toSorted((a, b) => a - b);

test('K07 what happens in a tenant reaches its stream once, in the order of the log', async () => {
  const acme = await make.tenant();
  const stream = await makeStream(acme, receiver.url('/order'), { startAt: 'BEGINNING' });
  for (let n = 0; n < 5; n += 1) await make.user(acme);
  const after = await caughtUp(acme, stream);
  const leaves = leavesAt('/order');
  expect(leaves).toEqual(leaves.map((_, n) => n));
  expect(typesAt('/order').filter((type) => type === 'user.create')).toHaveLength(5);
  expect(after).toMatchObject({ state: 'ACTIVE', deliveredUpTo: leaves.at(-1), lagSeconds: 0 });
  const sent = receiver.taken('/order');
  const tenantIds = sent.flatMap(({ body }) => body.match(/tenant_\w+/g) ?? []);
  const ids = sent.map(({ headers }) => headers['signet-stream']);
  expect(new Set(tenantIds)).toEqual(new Set([acme.id]));
  expect(new Set(ids)).toEqual(new Set([stream.id]));
});

test('a filter lets types and severities through, exactly or by prefix', async () => {
  const acme = await make.tenant();
  const more = { eventTypes: ['user.*', 'group.create'], minSeverity: 'INFO' };
  const byType = await makeStream(acme, receiver.url('/types'), more);
  const grave = await makeStream(acme, receiver.url('/grave'), { minSeverity: 'WARNING' });
  const user = await make.user(acme);
  await make.group(acme, { members: [user] });
  await acme.rest('DELETE', `/v1/users/${user.id}`);
  await turn(acme, grave, 'pause');
  await turn(acme, grave, 'resume');
  await caughtUp(acme, byType);
  await caughtUp(acme, grave);
  expect(typesAt('/types')).toEqual(['user.create', 'group.create', 'user.delete']);
  const severities = receiver.events('/grave').map(({ severity }) => severity);
  expect(severities.length).toBeGreaterThan(0);
  expect(new Set([...severities, 'WARNING', 'CRITICAL'])).toEqual(new Set(['WARNING', 'CRITICAL']));
});

test('K07 what failed is sent again under its id, the same events, before what came after', async () => {
  const acme = await make.tenant();
  let asked = 0;
  receiver.answer(({ path }) => {
    if (path !== '/busy') return 200;
    asked += 1;
    return asked % 10 < 3 ? 503 : 200;
  });
  const stream = await makeStream(acme, receiver.url('/busy'), { startAt: 'BEGINNING' });
  for (let n = 0; n < 15; n += 1) {
    await make.user(acme);
    await later(() => receiver.received.filter(({ path }) => path === '/busy').length > n);
  }
  await caughtUp(acme, stream);
  const leaves = leavesAt('/busy');
  expect(leaves).toEqual(leaves.map((_, n) => n));
  const bodies = Map.groupBy(
    receiver.received.filter(({ path }) => path === '/busy'),
    ({ deliveryId }) => deliveryId,
  );
  expect([...bodies.values()].some((all) => all.length > 1)).toBe(true);
  for (const all of bodies.values()) expect(new Set(all.map(({ body }) => body)).size).toBe(1);
});

test('K07 one poisonous event is the only dead letter; it can be sent again or given up', async () => {
  const acme = await make.tenant();
  const stream = await makeStream(acme, receiver.url('/poison'), { startAt: 'BEGINNING' });
  await turn(acme, stream, 'pause');
  const users = [];
  for (let n = 0; n < 7; n += 1) users.push(await make.user(acme));
  const bad = users[3]?.id ?? '';
  receiver.answer(({ path, body }) => (path === '/poison' && body.includes(bad) ? 400 : 200));
  await turn(acme, stream, 'resume');
  const after = await caughtUp(acme, stream);
  expect(after).toMatchObject({ state: 'ACTIVE', deadLetterCount: 1 });
  const [letter, ...others] = await deadLetters(acme, stream);
  expect(others).toEqual([]);
  expect(letter).toMatchObject({ status: 400, eventId: expect.stringMatching(/^event_/) });
  const leaves = leavesAt('/poison');
  expect(leaves).toEqual(inOrder(leaves));
  expect(leaves).not.toContain(letter?.leafIndex);
  // All but that one.
  expect(leaves).toHaveLength(after.deliveredUpTo ?? 0);

  receiver.answer(() => 200);
  const replay = await run<{ count: number }>(acme, 'replayLogStreamDeadLetters', 'count', {
    id: stream.id,
    eventIds: [letter?.eventId],
  });
  expect(replay.count).toBe(1);
  await later(() => leavesAt('/poison').includes(letter?.leafIndex ?? -1));
  const again = receiver.taken('/poison').find(({ body }) => body.includes(bad));
  expect(again?.deliveryId).toBe(letter?.deliveryId);
  await caughtUp(acme, stream);
  expect(await deadLetters(acme, stream)).toEqual([]);
});

test('dead letters can be given up', async () => {
  const acme = await make.tenant();
  receiver.answer(({ path, body }) =>
    path === '/given-up' && body.includes('group.create') ? 422 : 200,
  );
  const stream = await makeStream(acme, receiver.url('/given-up'));
  await make.group(acme);
  await make.group(acme);
  await later(async () => (await lookAt(acme, stream)).deadLetterCount === 2);
  const [first] = await deadLetters(acme, stream);
  const body = { eventIds: [first?.eventId] };
  const path = `/v1/log-streams/${stream.id}/dead-letters/discard`;
  expect(expectStatus(await acme.rest('POST', path, { body }), 200)).toMatchObject({ count: 1 });
  expect(await deadLetters(acme, stream)).toHaveLength(1);
  expect(expectStatus(await acme.rest('POST', path, { body: {} }), 200)).toMatchObject({
    count: 1,
  });
  expect(await deadLetters(acme, stream)).toEqual([]);
});

test('Retry-After is honoured, up to an hour', async () => {
  const acme = await make.tenant();
  for (const [path, seconds, least, most] of [
    ['/patient', '120', 120, 121],
    ['/forever', '999999', 3_600, 3_601],
  ] as const) {
    receiver.answer((request) =>
      request.path === path
        ? (response) => response.writeHead(503, { 'retry-after': seconds }).end()
        : 200,
    );
    const stream = await makeStream(acme, receiver.url(path));
    const asked = house.clock.ms();
    await make.user(acme);
    const failed = await until(async () => {
      const now = await lookAt(acme, stream);
      return now.nextAttemptAt !== null && now;
    });
    const waits = (Date.parse(failed.nextAttemptAt ?? '') - asked) / 1000;
    expect([path, waits >= least && waits <= most]).toEqual([path, true]);
    expect(failed).toMatchObject({ attempts: 1, lastError: 'the receiver answered 503' });
    const asks = () => receiver.received.filter((request) => request.path === path).length;
    const before = asks();
    house.clock.advance((least - 1) * 1000);
    await make.user(acme);
    receiver.answer(() => 200);
    expect(asks()).toBe(before);
    await caughtUp(acme, stream);
  }
});

test('a receiver that wants no more stops its stream, which says so and can go on', async () => {
  const acme = await make.tenant();
  receiver.answer(({ path }) => (path === '/gone' ? 410 : 200));
  const stream = await makeStream(acme, receiver.url('/gone'));
  await make.user(acme);
  const stopped = await until(async () => {
    const now = await lookAt(acme, stream);
    return now.state === 'DISABLED' && now;
  });
  expect(stopped.stateReason).toContain('410');
  const log = await acme.gql<{ auditEvents: { nodes: { severity: string; details: object }[] } }>(
    '{ auditEvents(filter: { type: "log-stream.disable" }) { nodes { severity details } } }',
  );
  expect(log.data?.auditEvents.nodes).toEqual([
    { severity: 'WARNING', details: { reason: stopped.stateReason } },
  ]);
  const { deliveryId } = receiver.received.find(({ path }) => path === '/gone') ?? {};
  receiver.answer(() => 200);
  await turn(acme, stream, 'resume');
  await caughtUp(acme, stream);
  // What was being sent goes on under its id.
  expect(receiver.taken('/gone')[0]?.deliveryId).toBe(deliveryId);
  expect(typesAt('/gone')).toContain('log-stream.disable');
});

test('a receiver that rejects everything stops its stream before the log is dead letters', async () => {
  const acme = await make.tenant();
  const stream = await makeStream(acme, receiver.url('/deaf'), { startAt: 'BEGINNING' });
  await turn(acme, stream, 'pause');
  for (let n = 0; n < 25; n += 1) await make.user(acme);
  receiver.answer(({ path }) => (path === '/deaf' ? 400 : 200));
  await turn(acme, stream, 'resume');
  const stopped = await until(async () => {
    const now = await lookAt(acme, stream);
    return now.state === 'DISABLED' && now;
  });
  expect(stopped).toMatchObject({
    deadLetterCount: 20,
    stateReason: expect.stringMatching(/^20 /),
  });
  receiver.answer(() => 200);
  await turn(acme, stream, 'resume');
  const { deadLetterCount } = await caughtUp(acme, stream);
  expect(deadLetterCount).toBe(20);
  const leaves = leavesAt('/deaf');
  expect(leaves).toEqual(inOrder(leaves));
});

test('a stream that is paused keeps its place; one that goes back sends again', async () => {
  const acme = await make.tenant();
  receiver.answer(() => 200);
  const stream = await makeStream(acme, receiver.url('/back'), { startAt: 'BEGINNING' });
  await make.user(acme);
  const { deliveredUpTo } = await caughtUp(acme, stream);
  expect((await turn(acme, stream, 'pause')).state).toBe('PAUSED');
  const before = leavesAt('/back').length;
  await make.user(acme);
  await until(async () => (await lookAt(acme, stream)).pending > 0);
  expect(leavesAt('/back')).toHaveLength(before);
  await turn(acme, stream, 'resume');
  await caughtUp(acme, stream);
  const first = leavesAt('/back');
  expect(first).toEqual(first.map((_, n) => n));

  await turn(acme, stream, 'rewind', { leafIndex: deliveredUpTo });
  await caughtUp(acme, stream);
  const again = leavesAt('/back').slice(first.length);
  expect(again[0]).toBe(deliveredUpTo);
  expect(again).toEqual(again.map((_, n) => (deliveredUpTo ?? 0) + n));
  const beyond = { body: { leafIndex: 1_000_000 } };
  const path = `/v1/log-streams/${stream.id}/rewind`;
  expect((await acme.rest('POST', path, beyond)).status).toBe(422);
  expect((await acme.rest('POST', path, { body: {} })).status).toBe(422);
  const since = { body: { since: house.clock.now().toISOString() } };
  expect((await acme.rest('POST', path, since)).status).toBe(200);
});
