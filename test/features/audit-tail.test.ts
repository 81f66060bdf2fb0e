/** The live tail of the audit log goes on where its reader lost it, without a gap or a repetition. */
import { afterEach, expect, test } from 'vitest';
import { encodeId } from '#kernel/ids.ts';
import { sequenced } from '../kit/audit-export.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { type Stream, subscribe } from '../kit/sse.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);

interface Live {
  readonly auditEvents: { readonly id: string; readonly type: string };
}

const TAIL = `subscription ($filter: AuditEventFilter, $after: ID) {
  auditEvents(filter: $filter, after: $after) { id type } }`;
const START = encodeId('event', '00000000-0000-0000-0000-000000000000');

const open: Stream<Live>[] = [];
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

async function tail(
  tenant: MadeTenant,
  variables: object = {},
  headers: Record<string, string> = {},
) {
  const stream = await subscribe<Live>(house, tenant, TAIL, variables, headers);
  open.push(stream);
  return stream;
}

const idsOf = (stream: Stream<Live>) => stream.received.map(({ auditEvents }) => auditEvents.id);
const shows = (stream: Stream<Live>, ids: readonly string[]) =>
  until(() => ids.every((id) => idsOf(stream).includes(id)));

async function groups(tenant: MadeTenant, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await make.group(tenant);
}

/** The whole log, the oldest first, as the list has it. */
async function logged(tenant: MadeTenant): Promise<string[]> {
  const list = '{ auditEvents(last: 100) { nodes { id } } }';
  const { data } = await tenant.gql<{ auditEvents: { nodes: { id: string }[] } }>(list);
  return (data?.auditEvents.nodes ?? []).map(({ id }) => id).reverse();
}

test('every event says where it stands, and the stream says so before the first', async () => {
  const tenant = await make.tenant();
  await sequenced(house, tenant);
  const stream = await tail(tenant);
  await until(() => stream.ids.length === 1);
  await groups(tenant, 3);
  const all = await logged(tenant);
  await shows(stream, all.slice(-3));
  expect(stream.ids.slice(1)).toEqual(idsOf(stream));
  expect(all).toContain(stream.ids[0]);
});

test('who comes now is shown nothing of before, also what has no leaf yet', async () => {
  for (let n = 0; n < 8; n += 1) {
    const tenant = await make.tenant();
    await groups(tenant, 2);
    const stream = await tail(tenant);
    await until(() => stream.ids.length > 0);
    const role = await make.role(tenant);
    await until(() => stream.received.length > 0);
    expect(role.id).toMatch(/^role_/);
    expect(stream.received.map(({ auditEvents }) => auditEvents.type)).toEqual(['role.create']);
    stream.close();
  }
});

test('after an event come all that were recorded after it, those that are there and those that come', async () => {
  const tenant = await make.tenant();
  await groups(tenant, 5);
  const before = await logged(tenant);
  const stream = await tail(tenant, { after: before[2] });
  await shows(stream, before.slice(3));
  await groups(tenant, 2);
  const all = await logged(tenant);
  await shows(stream, all.slice(3));
  expect(idsOf(stream)).toEqual(all.slice(3));
});

test('D12 a lost stream goes on at Last-Event-ID, which is later than what it once began after', async () => {
  const tenant = await make.tenant();
  const lost = await tail(tenant, { after: START });
  await groups(tenant, 2);
  const before = await logged(tenant);
  await shows(lost, before);
  expect(idsOf(lost)).toEqual(before);
  lost.close();
  await groups(tenant, 150);
  const newest = await make.role(tenant);
  const stream = await tail(tenant, { after: START }, { 'last-event-id': lost.ids.at(-1) ?? '' });
  await until(() => stream.received.at(-1)?.auditEvents.type === 'role.create');
  const together = [...idsOf(lost), ...idsOf(stream)];
  expect(newest.id).toMatch(/^role_/);
  expect(together.length).toBe(before.length + 151);
  expect(new Set(together).size).toBe(together.length);
});

test('where nothing passes the filter the stream still stands further on', async () => {
  const tenant = await make.tenant();
  const stream = await tail(tenant, { after: START, filter: { types: ['role.*'] } });
  await groups(tenant, 3);
  const newest = (await logged(tenant)).at(-1);
  await until(() => stream.ids.at(-1) === newest);
  expect(stream.received).toEqual([]);
  await make.role(tenant);
  await until(() => stream.received.length === 1);
  expect(stream.ids.at(-1)).toBe(idsOf(stream)[0]);
});

test('an event that has just been committed is no less a beginning', async () => {
  const tenant = await make.tenant();
  for (let n = 0; n < 5; n += 1) {
    await make.group(tenant);
    const newest = (await logged(tenant)).at(-1);
    const stream = await tail(tenant, { after: newest });
    await make.role(tenant);
    await until(() => stream.received.length > 0);
    expect(stream.received[0]?.auditEvents.type).toBe('role.create');
    stream.close();
  }
});

test('an event of nobody, of another tenant, or no event at all is no beginning', async () => {
  const [tenant, other] = [await make.tenant(), await make.tenant()];
  const [theirs] = await logged(other);
  const user = await make.user(tenant);
  for (const after of [theirs, user.id, encodeId('event', tenant.uuid), 'yesterday', '\u0000']) {
    const stream = await tail(tenant, { after });
    expect(await stream.ended()).toBe('complete');
    expect([stream.codes, stream.received]).toEqual([['INVALID_INPUT'], []]);
  }
  const filtered = await tail(tenant, { filter: { types: ['*'] } });
  expect(await filtered.ended()).toBe('complete');
  expect(filtered.codes).toEqual(['INVALID_INPUT']);
});

test('what is too long ago is said to be, with what to do instead', async () => {
  const tenant = await make.tenant();
  await groups(tenant, 1);
  const [first] = await logged(tenant);
  await until(async () => (await sizeOf(tenant)) === 3);
  await rows(
    house,
    tenant.uuid,
    `UPDATE audit_trees SET size = size + 100001,
       frontier = decode(repeat('00', (32 * bit_count(int8send(size + 100001)))::int), 'hex') WHERE tenant_id = $1`,
    [tenant.uuid],
  );
  const stream = await tail(tenant, { after: first });
  await stream.ended();
  expect([stream.codes, stream.received]).toEqual([['AUDIT_TAIL_TOO_OLD'], []]);
});

async function sizeOf(tenant: MadeTenant): Promise<number> {
  const trees = 'SELECT size::int FROM audit_trees WHERE tenant_id = $1';
  const [tree] = await rows<{ size: number }>(house, tenant.uuid, trees, [tenant.uuid]);
  return tree?.size ?? 0;
}

test('one tail too many of a tenant is refused before what it missed is read', async () => {
  const tenant = await make.tenant();
  await groups(tenant, 5);
  await sequenced(house, tenant);
  const MOST = 50;
  const opened = await Promise.all(Array.from({ length: MOST }, () => tail(tenant)));
  await until(() => opened.every((stream) => stream.ids.length > 0));
  const refused = await tail(tenant, { after: START });
  await refused.ended();
  expect([refused.codes, refused.received]).toEqual([['RATE_LIMITED'], []]);
});
