/** Reading the audit log: pages, filters, and what of a person can be forgotten. */
import { expect, test } from 'vitest';
import { createUser } from '#features/users/users.commands.ts';
import { encodeId } from '#kernel/ids.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { everythingStored, rows } from '../kit/stored.ts';

const house = await openHouse({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
const make = makers(house);

interface Event {
  readonly id: string;
  readonly type: string;
  readonly reason: string | null;
  readonly occurredAt: string;
  readonly actor: { id: string | null };
  readonly ipAddress: string | null;
}

const LIST = `query ($filter: AuditEventFilter, $first: Int, $after: String, $last: Int) {
  auditEvents(filter: $filter, first: $first, after: $after, last: $last) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id type severity result reason occurredAt actor { kind id onBehalfOf } target { type id }
      targets { type id } requestId ipAddress userAgent details } } }`;

interface Page {
  readonly totalCount: number;
  readonly nodes: Event[];
  readonly pageInfo: { hasNextPage: boolean; endCursor: string };
}

async function list(tenant: MadeTenant, variables: object): Promise<Page> {
  const { data, text } = await tenant.gql<{ auditEvents: Page }>(LIST, variables);
  if (!data) throw new Error(text);
  return data.auditEvents;
}

const found = async (tenant: MadeTenant, filter: object) =>
  (await list(tenant, { filter })).nodes.map(({ type, reason }) => reason ?? type);

test('events are listed the newest first, page by page, the same over REST', async () => {
  const tenant = await make.tenant();
  for (let n = 0; n < 5; n += 1) {
    house.clock.advance(1_000);
    await make.group(tenant, { name: `Group ${n}` });
  }
  const walked: Event[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page = await list(tenant, { first: 3, after });
    walked.push(...page.nodes);
    expect(page.totalCount).toBe(7);
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
    house.clock.advance(1_000);
    if (walked.length === 3) expect(page.nodes[0]?.type).toBe('group.create');
  }
  expect(walked.map(({ type }) => type)).toEqual([
    ...Array(5).fill('group.create'),
    'api-key.create',
    'tenant.create',
  ]);
  const times = walked.map(({ occurredAt }) => occurredAt);
  expect(times).toEqual(times.toSorted().reverse());
  expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const rest = await tenant.rest<{ items: Event[] }>('GET', '/v1/audit-events?first=3');
  expect(rest.body.items).toEqual(walked.slice(0, 3));
  const one = await tenant.rest<Event>('GET', `/v1/audit-events/${walked[0]?.id}`);
  expect(one.body).toEqual(walked[0]);
  const last = await list(tenant, { last: 1 });
  expect(last.nodes[0]).toEqual(walked.at(-1));
});

test('K02 an event tells who, what, when, where, on what, and how it ended', async () => {
  const tenant = await make.tenant();
  const headers = { 'x-forwarded-for': '203.0.113.77', 'user-agent': 'canary/1.0' };
  const made = await tenant.rest<{ id: string }>('POST', '/v1/users', {
    body: { email: 'seen@example.com' },
    headers,
  });
  const { nodes } = await list(tenant, { first: 1 });
  expect(nodes).toEqual([
    {
      id: expect.stringMatching(/^event_/),
      type: 'user.create',
      severity: 'INFO',
      result: 'SUCCESS',
      reason: null,
      occurredAt: house.clock.now().toISOString(),
      actor: { kind: 'api-key', id: tenant.keyId, onBehalfOf: null },
      target: { type: 'user', id: made.body.id },
      targets: [{ type: 'user', id: made.body.id }],
      requestId: made.headers['x-request-id'],
      ipAddress: '203.0.113.77',
      userAgent: 'canary/1.0',
      details: {},
    },
  ]);
  const stored = (await everythingStored(house)).join('\n');
  for (const text of ['203.0.113.77', 'canary/1.0', Buffer.from('canary/1.0').toString('hex')])
    expect(stored.includes(text)).toBe(false);
});

test('each filter, and all of them together', async () => {
  const tenant = await make.tenant();
  const start = house.clock.now();
  house.clock.advance(10_000);
  const user = await make.user(tenant);
  const key = await make.apiKey(tenant, ['users:write', 'users:read']);
  house.clock.advance(10_000);
  const middle = house.clock.now();
  await mutate(key, 'suspendUser', { id: user.id });
  await mutate(key, 'createUser', { email: user.email });
  house.clock.advance(10_000);
  const end = house.clock.now();
  expect(await found(tenant, { type: 'user.suspend' })).toEqual(['user.suspend']);
  expect(await found(tenant, { severity: 'WARNING' })).toEqual(['EMAIL_TAKEN']);
  expect(await found(tenant, { severity: 'INFO' })).toEqual(['user.create']);
  expect(await found(tenant, { result: 'REFUSED' })).toEqual(['EMAIL_TAKEN']);
  expect(await found(tenant, { result: 'FAILED' })).toEqual([]);
  expect(await found(tenant, { actor: key.id })).toEqual(['EMAIL_TAKEN', 'user.suspend']);
  expect(await found(tenant, { target: user.id })).toEqual(['user.suspend', 'user.create']);
  expect(await found(tenant, { target: key.id })).toEqual(['api-key.create']);
  expect(await found(tenant, { since: middle })).toEqual(['EMAIL_TAKEN', 'user.suspend']);
  expect(await found(tenant, { since: start, until: middle })).toEqual([
    'api-key.create',
    'user.create',
    'api-key.create',
    'tenant.create',
  ]);
  expect(await found(tenant, { since: end })).toEqual([]);
  expect(await found(tenant, { since: '1960-01-01T00:00:00Z', type: 'user.suspend' })).toEqual([
    'user.suspend',
  ]);
  expect(await found(tenant, { until: '1960-01-01T00:00:00Z' })).toEqual([]);
  const all = {
    type: 'user.suspend',
    severity: 'NOTICE',
    result: 'SUCCESS',
    actor: key.id,
    target: user.id,
    since: middle,
    until: end,
  };
  expect(await found(tenant, all)).toEqual(['user.suspend']);
  expect((await list(tenant, { filter: { target: user.id }, first: 1 })).totalCount).toBe(2);
  const query = new URLSearchParams({
    target: user.id,
    since: middle.toISOString(),
    result: 'SUCCESS',
  });
  const rest = await tenant.rest<{ items: Event[] }>('GET', `/v1/audit-events?${query}`);
  expect(rest.body.items.map(({ type }) => type)).toEqual(['user.suspend']);
});

test('filters that make no sense find nothing or are refused, and never fail', async () => {
  const tenant = await make.tenant();
  for (const filter of [
    { type: 'a\u0000' },
    { actor: '\u0000' },
    { target: 'x\u0000' },
    { type: '' },
    { target: 'nobody' },
  ])
    expect(await found(tenant, filter)).toEqual([]);
  const answer = async (filter: object) => (await tenant.gql(LIST, { filter })).code;
  for (const filter of [
    { since: 'yesterday' },
    { severity: 'LOUD' },
    { ipAddress: '1.2.3.4' },
    { details: {} },
  ])
    expect(await answer(filter)).toBe('BAD_USER_INPUT');
  expect((await tenant.rest('GET', '/v1/audit-events?since=yesterday')).status).toBe(400);
});

test("an event of another tenant is answered as missing, and the log holds the tenant's own only", async () => {
  const [one, two] = [await make.tenant(), await make.tenant()];
  const user = await make.user(two);
  const [theirs] = (await list(two, { first: 1 })).nodes;
  expect((await one.rest('GET', `/v1/audit-events/${theirs?.id}`)).status).toBe(404);
  expect(await found(one, { target: user.id })).toEqual([]);
  expect((await list(one, {})).nodes.map(({ type }) => type)).toEqual([
    'api-key.create',
    'tenant.create',
  ]);
});

test('who may not read the log reads none of it', async () => {
  const tenant = await make.tenant();
  const key = await make.apiKey(tenant, ['users:read', 'users:write']);
  expect((await key.gql(LIST)).code).toBe('FORBIDDEN');
  expect((await key.rest('GET', '/v1/audit-events')).status).toBe(403);
});

test('erasing a person makes where they were unreadable, and leaves what they did provable', async () => {
  const tenant = await make.tenant();
  const person = await make.user(tenant);
  await make.assign(tenant, await make.role(tenant, { scopes: ['users:write'] }), person);
  const ctx = await contextOf(house, { tenantId: tenant.uuid, userId: person.uuid });
  await call(ctx, createUser, { email: 'by-person@example.com' });
  const read = async () => (await list(tenant, { filter: { actor: person.id } })).nodes;
  const [before] = await read();
  expect(before).toMatchObject({ ipAddress: '192.0.2.1', userAgent: 'signet-test' });
  const leaves = () =>
    rows<{ leaf: string; personal: object }>(
      house,
      tenant.uuid,
      "SELECT encode(leaf_hash, 'hex') AS leaf, personal FROM audit_events ORDER BY id",
    );
  const kept = await leaves();
  expect(Object.keys(kept.at(-1)?.personal ?? {})).toEqual([person.id]);
  await house.services.vault.eraseSubject(tenant.uuid, person.uuid);
  const [after] = await read();
  expect(after).toEqual({ ...before, ipAddress: null, userAgent: null });
  expect(await leaves()).toEqual(kept);
  const others = (await list(tenant, { first: 100 })).nodes.filter(
    ({ actor }) => actor.id !== person.id,
  );
  expect(others.every(({ ipAddress }) => ipAddress !== null)).toBe(true);
});

test('K04 no secret is in the audit log nor in the logs', async () => {
  const tenant = await make.tenant();
  const key = await make.apiKey(tenant, ['users:read']);
  const { body } = await tenant.rest<{ secret: string }>('POST', `/v1/api-keys/${key.id}/rotate`, {
    headers: { 'idempotency-key': 'a-key-of-the-client' },
  });
  await tenant.gql(`{ user(id: "${key.secret}") { id } }`);
  await tenant.rest('GET', `/v1/users/${key.secret}`);
  await tenant.rest('GET', `/v1/users?email=${key.secret}`);
  await mutate(tenant, 'createUser', { email: key.secret, secret: key.secret });
  const log = await rows<{ line: string }>(
    house,
    tenant.uuid,
    'SELECT row_to_json(e)::text AS line FROM audit_events e',
  );
  const texts = [...log.map(({ line }) => line), ...house.log].join('\n');
  expect(texts).toContain(encodeId('tenant', tenant.uuid));
  for (const secret of [
    tenant.secret,
    key.secret,
    body.secret,
    house.internalKey,
    'a-key-of-the-client',
  ])
    expect(texts.includes(secret.split('_')[2] ?? secret)).toBe(false);
});
