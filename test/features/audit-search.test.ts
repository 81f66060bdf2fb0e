/** Searching the audit log: kinds of events, words, requests; and pages of what is looked through. */
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse();
const make = makers(house);

interface Event {
  readonly id: string;
  readonly type: string;
  readonly reason: string | null;
  readonly requestId: string;
}
interface Page {
  readonly nodes: Event[];
  readonly pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

const SEARCH = `query ($filter: AuditEventFilter, $first: Int, $after: String, $last: Int, $before: String) {
  auditEvents(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    nodes { id type reason requestId }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

async function search(tenant: MadeTenant, filter: object, more: object = {}): Promise<Page> {
  const { data, text } = await tenant.gql<{ auditEvents: Page }>(SEARCH, { filter, ...more });
  if (!data) throw new Error(text);
  return data.auditEvents;
}

const found = async (tenant: MadeTenant, filter: object) =>
  (await search(tenant, filter)).nodes.map(({ type, reason }) => reason ?? type);

test('several types, and all that begin alike', async () => {
  const tenant = await make.tenant();
  const user = await make.user(tenant);
  await make.group(tenant);
  await mutate(tenant, 'suspendUser', { id: user.id });
  expect(await found(tenant, { types: ['user.*'] })).toEqual(['user.suspend', 'user.create']);
  expect(await found(tenant, { types: ['user.create', 'group.*'] })).toEqual([
    'group.create',
    'user.create',
  ]);
  expect(await found(tenant, { types: ['user.*'], type: 'user.suspend' })).toEqual([
    'user.suspend',
  ]);
  // No type of the noun `use`, and no other noun that begins so.
  expect(await found(tenant, { types: ['use.*', 'tenant.delete'] })).toEqual([]);
  const query = 'types=user.suspend&types=group.*';
  const rest = await tenant.rest<{ items: Event[] }>('GET', `/v1/audit-events?${query}`);
  expect(rest.body.items.map(({ type }) => type)).toEqual(['user.suspend', 'group.create']);
});

test('a severity and what is above it', async () => {
  const tenant = await make.tenant();
  const user = await make.user(tenant);
  await mutate(tenant, 'suspendUser', { id: user.id });
  await mutate(tenant, 'createUser', { email: user.email });
  expect(await found(tenant, { minSeverity: 'WARNING' })).toEqual(['EMAIL_TAKEN']);
  expect(await found(tenant, { minSeverity: 'NOTICE' })).toEqual([
    'EMAIL_TAKEN',
    'user.suspend',
    'api-key.create',
    'tenant.create',
  ]);
  expect((await found(tenant, { minSeverity: 'INFO' })).length).toBe(5);
  expect(await found(tenant, { minSeverity: 'CRITICAL' })).toEqual([]);
});

test('words in the type, the reason, the ids and the details, whatever their case', async () => {
  const tenant = await make.tenant();
  const user = await make.user(tenant);
  const role = await make.role(tenant, { scopes: ['users:read', 'groups:read'] });
  await mutate(tenant, 'createUser', { email: user.email });
  await mutate(tenant, 'updateUser', { id: user.id, displayName: 'Zebulon' });
  expect(await found(tenant, { text: 'email_taken' })).toEqual(['EMAIL_TAKEN']);
  expect(await found(tenant, { text: 'DisplayName' })).toEqual(['user.update']);
  expect(await found(tenant, { text: `${user.id} UPDATE` })).toEqual(['user.update']);
  // Signs of patterns are signs of texts.
  for (const text of ['email%taken', 'emai_', '%', '____'])
    expect([text, await found(tenant, { text })]).toEqual([text, []]);
  expect(await found(tenant, { text: role.id })).toEqual(['role.create']);
  expect(await found(tenant, { text: 'groups:read', type: 'role.create' })).toEqual([
    'role.create',
  ]);
  expect(await found(tenant, { text: 'users:read role nowhere' })).toEqual([]);
  // What is personal is no part of what is searched: neither the value, nor where somebody was.
  for (const text of ['Zebulon', user.email, '127.0.0.1'])
    expect(await found(tenant, { text })).toEqual([]);
});

test('K02 what one request did is found by its id, as the answer and the logs name it', async () => {
  const tenant = await make.tenant();
  const { headers } = await tenant.rest('POST', '/v1/groups', { body: { name: 'Ops' } });
  const requestId = String(headers['x-request-id']);
  expect(await found(tenant, { requestId })).toEqual(['group.create']);
  expect(await found(tenant, { requestId: `${requestId}0` })).toEqual([]);
  expect(await found(tenant, { requestId: '\u0000' })).toEqual([]);
});

test('searches that make no sense are refused with what is wrong', async () => {
  const tenant = await make.tenant();
  for (const [filter, field] of [
    [{ types: [] }, 'filter.types'],
    [{ types: ['*'] }, 'filter.types'],
    [{ types: ['user*'] }, 'filter.types'],
    [{ types: ['user.%'] }, 'filter.types'],
    [{ types: Array(51).fill('user.create') }, 'filter.types'],
    [{ text: ' ' }, 'filter.text'],
    [{ text: '{}' }, 'filter.text'],
    [{ text: 'a b c d e f g h i' }, 'filter.text'],
    [{ text: 'x'.repeat(513) }, 'filter.text'],
  ] as const) {
    const { code, text } = await tenant.gql(SEARCH, { filter });
    expect([filter, code, text.includes(field)]).toEqual([filter, 'INVALID_INPUT', true]);
  }
  const count = '{ auditEvents(filter: { text: "user" }) { totalCount } }';
  expect((await tenant.gql(count)).code).toBe('TOO_COSTLY');
});

test('a search by text looks at 20,000 events for a page, says where it stopped, and misses none', async () => {
  const tenant = await make.tenant();
  await make.group(tenant);
  await rows(house, tenant.uuid, MANY, [tenant.uuid, 45_000]);
  house.clock.advance(1_000);
  await run(tenant, 'createRole', 'role { id }', { name: 'Late', scopes: ['users:read'] });
  const pages: Page[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page = await search(tenant, { text: 'create' }, { after });
    pages.push(page);
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage) break;
  }
  const types = pages.map(({ nodes }) => nodes.map(({ type }) => type));
  expect(types).toEqual([['role.create'], [], ['group.create', 'api-key.create', 'tenant.create']]);
  const back = await search(tenant, { text: 'group.create' }, { last: 5 });
  expect([back.nodes.length, back.pageInfo.hasPreviousPage]).toEqual([1, true]);
  const more = { last: 5, before: back.pageInfo.startCursor };
  expect((await search(tenant, { text: 'group.create' }, more)).nodes).toEqual([]);
  // Two at a time: what is found is paged as every list is.
  const first = await search(tenant, { text: 'update' }, { first: 2 });
  const second = await search(
    tenant,
    { text: 'update' },
    { first: 2, after: first.pageInfo.endCursor },
  );
  const ids = [...first.nodes, ...second.nodes].map(({ id }) => id);
  expect(new Set(ids).size).toBe(4);
  expect(ids).toEqual(ids.toSorted().reverse());
});

/** A tenant's busy month, by numbers: events that nobody looks for, later than those before. */
const MANY = `
INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, targets,
  request_id, details, personal, leaf_hash)
SELECT $1, (left(newest.id::text, 13) || '-7fff-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
  'group.update', 'INFO', 'SUCCESS', newest.occurred_at, 'system', '[]', 'req_many',
  '{"fields": ["name"]}', '{}', decode(repeat('00', 32), 'hex')
FROM generate_series(1, $2::int) n,
  (SELECT id, occurred_at FROM audit_events WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1) newest`;
