/** The live tail of the audit log over server-sent events, and what ends it (D06, D12). */
import { afterEach, expect, test } from 'vitest';
import { createApiKey } from '#features/api-keys/api-keys.commands.ts';
import { anonymous, callerOf, operator } from '../kit/as.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { type Stream, subscribe } from '../kit/sse.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);

interface Live {
  readonly auditEvents: { id: string; type: string; result: string; target: { id: string } | null };
}

const LIVE = `subscription ($filter: AuditEventFilter) {
  auditEvents(filter: $filter) { id type result target { id } } }`;

const open: Stream<Live>[] = [];
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

/** A stream that is known to be live: something that was done after it began has arrived. */
async function live(
  tenant: MadeTenant,
  caller = tenant as Parameters<typeof subscribe>[1],
  filter: object = {},
) {
  const stream = await subscribe<Live>(house, caller, LIVE, { filter });
  open.push(stream);
  expect([stream.status, stream.headers['content-type']]).toEqual([
    200,
    expect.stringContaining('text/event-stream'),
  ]);
  return stream;
}

async function begun(tenant: MadeTenant, stream: Stream<Live>): Promise<void> {
  await until(async () => {
    await make.group(tenant);
    return stream.received.length > 0;
  });
}

const types = (stream: Stream<Live>) => stream.received.map(({ auditEvents }) => auditEvents.type);

test('an event arrives when it has happened, whole, and those of other tenants do not', async () => {
  const [acme, other] = [await make.tenant(), await make.tenant()];
  const [mine, theirs] = [await live(acme), await live(other)];
  await begun(acme, mine);
  await begun(other, theirs);
  const user = await make.user(acme);
  const arrived = await until(() =>
    mine.received.find(({ auditEvents }) => auditEvents.type === 'user.create'),
  );
  expect(arrived.auditEvents).toMatchObject({ result: 'SUCCESS', target: { id: user.id } });
  await make.role(other);
  await until(() => types(theirs).includes('role.create'));
  expect(types(theirs)).not.toContain('user.create');
  expect(types(mine)).not.toContain('role.create');
  const ids = mine.received.map(({ auditEvents }) => auditEvents.id);
  expect(ids).toEqual([...new Set(ids)]);
});

test('refusals arrive as well, and nothing of what was rolled back', async () => {
  const acme = await make.tenant();
  const stream = await live(acme);
  await begun(acme, stream);
  const user = await make.user(acme);
  await mutate(acme, 'createUser', { email: user.email });
  await make.role(acme);
  await until(() => types(stream).includes('role.create'));
  const users = stream.received.filter(({ auditEvents }) => auditEvents.type === 'user.create');
  expect(users.map(({ auditEvents }) => auditEvents.result)).toEqual(['SUCCESS', 'REFUSED']);
});

test('a filter lets through what the same filter of the list would', async () => {
  const acme = await make.tenant();
  const watched = await make.user(acme);
  const stream = await live(acme, acme, { target: watched.id, result: 'SUCCESS' });
  await until(async () => {
    await mutate(acme, 'updateUser', { id: watched.id, displayName: 'Seen' });
    return stream.received.length > 0;
  });
  await mutate(acme, 'updateUser', { id: watched.id, version: 1 });
  await make.user(acme);
  await mutate(acme, 'suspendUser', { id: watched.id });
  await until(() => types(stream).includes('user.suspend'));
  expect(types(stream)).toContain('user.update');
  for (const { auditEvents } of stream.received)
    expect([auditEvents.result, auditEvents.target?.id]).toEqual(['SUCCESS', watched.id]);
});

test('D12 a stream needs a credential with the scope, as every read does', async () => {
  const acme = await make.tenant();
  const low = await make.apiKey(acme, ['users:read']);
  const bad = callerOf(house, { secret: 'nonsense', door: 'public' });
  for (const [caller, code] of [
    [anonymous(house), 'UNAUTHENTICATED'],
    [bad, 'UNAUTHENTICATED'],
    [low, 'FORBIDDEN'],
  ] as const) {
    const stream = await subscribe<Live>(house, caller, LIVE);
    await stream.ended();
    expect([stream.codes, stream.received]).toEqual([[code], []]);
  }
  const wrong = await subscribe<Live>(house, acme, LIVE, { filter: { nothing: true } });
  await wrong.ended();
  expect(wrong.codes).toEqual(['BAD_USER_INPUT']);
});

test('D12 revoking the key ends its stream', async () => {
  const acme = await make.tenant();
  const key = await make.apiKey(acme, ['audit:read']);
  const stream = await live(acme, key);
  await begun(acme, stream);
  await mutate(acme, 'revokeApiKey', { id: key.id });
  await stream.ended();
});

test('D06 losing the role ends the stream, and what happens then is not seen', async () => {
  const acme = await make.tenant();
  const person = await make.user(acme);
  const role = await make.role(acme, { scopes: ['audit:read', 'api-keys:write'] });
  await make.assign(acme, role, person);
  const ctx = await contextOf(house, { tenantId: acme.uuid, userId: person.uuid });
  const { secret } = await call(ctx, createApiKey, { name: 'tail', scopes: ['audit:read'] });
  const key = callerOf(house, { secret, door: 'public' });
  const stream = await live(acme, key);
  await begun(acme, stream);
  await mutate(acme, 'updateRole', { id: role.id, scopes: [] });
  await until(async () => (await key.gql('{ auditEvents { nodes { id } } }')).code === 'FORBIDDEN');
  const late = await make.user(acme);
  await stream.ended();
  const seen = stream.received.map(({ auditEvents }) => auditEvents.target?.id);
  expect(seen).not.toContain(late.id);
});

test('suspending the tenant ends its streams', async () => {
  const acme = await make.tenant();
  const stream = await live(acme);
  await begun(acme, stream);
  await mutate(operator(house), 'suspendTenant', { id: acme.id });
  await stream.ended();
});

test('the platform tails the tenant that it chose, and only that one', async () => {
  const [acme, other] = [await make.tenant(), await make.tenant()];
  const stream = await live(acme, acme.operator);
  await begun(acme, stream);
  await make.role(other);
  await make.user(acme);
  await until(() => types(stream).includes('user.create'));
  expect(types(stream)).not.toContain('role.create');
});

test('a client that goes away leaves nothing behind', async () => {
  const acme = await make.tenant();
  const stream = await live(acme);
  await begun(acme, stream);
  stream.close();
  await make.group(acme);
  expect((await acme.gql('{ viewer { scopes } }')).status).toBe(200);
});

test('a subscription that does not ask for a stream is told so', async () => {
  const acme = await make.tenant();
  const { status, code, text } = await acme.gql(LIVE);
  expect([status, code]).toEqual([400, 'BAD_REQUEST']);
  expect(text).toContain('text/event-stream');
});

test('I08 a tenant has fifty live streams on an instance, and others have theirs', async () => {
  const [acme, other] = [await make.tenant(), await make.tenant()];
  for (let n = 0; n < 50; n += 1) await live(acme);
  await begun(acme, open[0] as Stream<Live>);
  const beyond = await subscribe<Live>(house, acme, LIVE);
  expect(await beyond.ended()).toBe('complete');
  expect(beyond.codes).toEqual(['RATE_LIMITED']);
  const theirs = await live(other);
  await begun(other, theirs);
  open.shift()?.close();
  await until(async () => {
    const next = await subscribe<Live>(house, acme, LIVE);
    await make.group(acme);
    const arrived = await until(() => next.received.length > 0 || next.codes.length > 0);
    next.close();
    return arrived && next.codes.length === 0;
  });
});
