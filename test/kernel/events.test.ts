/** Events: their canonical bytes, which are final, and how a row is written. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Context } from '#kernel/context.ts';
import {
  type AuditRecord,
  canonicalBytes,
  canonicalJson,
  type EventDraft,
  type Json,
  leafHash,
} from '#kernel/events/event.ts';
import { openWhere } from '#kernel/events/personal.ts';
import { recordEvents } from '#kernel/events/record.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { auditLog, recordOf } from '../kit/audit-row.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { rows } from '../kit/stored.ts';

const house = await openHouse({ eventsAsPromised: false });
const make = makers(house);
const acme = await make.tenant();

test('canonical JSON is that of RFC 8785: members in the order of UTF-16, numbers and text as ECMAScript writes them', () => {
  // The example of section 3.2.2.
  const sample = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(sample)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  // The example of section 3.2.3: sorted by code units, so that the surrogates stand before U+FB33.
  const names = {
    '\u20ac': 1,
    '\r': 2,
    '\ufb33': 3,
    '1': 4,
    '\ud83d\ude00': 5,
    '\u0080': 6,
    '\u00f6': 7,
  };
  expect(canonicalJson(names)).toBe(
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  );
  const odd: [Json, string][] = [
    [[], '[]'],
    [{}, '{}'],
    [-0, '0'],
    ['', '""'],
    [[[1, [2]], { b: { d: 1, c: 2 }, a: [] }], '[[1,[2]],{"a":[],"b":{"c":2,"d":1}}]'],
    [{ a: 1, b: undefined } as unknown as Json, '{"a":1}'],
  ];
  for (const [value, text] of odd) expect(canonicalJson(value)).toBe(text);
});

const RECORD: AuditRecord = {
  tenant: 'tenant_01h2xcejqtf2nbrexx3vqjhp41',
  id: 'event_01h2xcejqtf2nbrexx3vqjhp42',
  type: 'user.create',
  severity: 'INFO',
  result: 'SUCCESS',
  reason: null,
  occurredAt: '2026-01-31T09:30:00.000Z',
  actor: { kind: 'api-key', id: 'key_01h2xcejqtf2nbrexx3vqjhp43', act: null },
  targets: [{ type: 'user', id: 'user_01h2xcejqtf2nbrexx3vqjhp44' }],
  requestId: 'req_1',
  details: { fields: ['email'] },
  personal: {},
};

test('K03 the bytes and the leaf of a record are final: proofs are made over them', () => {
  const bytes =
    '{"actor":{"act":null,"id":"key_01h2xcejqtf2nbrexx3vqjhp43","kind":"api-key"},' +
    '"details":{"fields":["email"]},"id":"event_01h2xcejqtf2nbrexx3vqjhp42",' +
    '"occurredAt":"2026-01-31T09:30:00.000Z","personal":{},"reason":null,"requestId":"req_1",' +
    '"result":"SUCCESS","severity":"INFO",' +
    '"targets":[{"id":"user_01h2xcejqtf2nbrexx3vqjhp44","type":"user"}],' +
    '"tenant":"tenant_01h2xcejqtf2nbrexx3vqjhp41","type":"user.create","v":1}';
  expect(canonicalBytes(RECORD).toString()).toBe(bytes);
  expect(leafHash(RECORD)).toEqual(
    createHash('sha256')
      .update(Buffer.from([0]))
      .update(bytes)
      .digest(),
  );
  const shuffled = Object.fromEntries(Object.entries(RECORD).reverse()) as unknown as AuditRecord;
  expect(leafHash(shuffled)).toEqual(leafHash(RECORD));
});

const target = { type: 'group', id: '0190c2a0-0000-7000-8000-000000000001' } as const;
const draft = (type: string, more: Partial<EventDraft> = {}): EventDraft => ({
  type,
  targets: [target],
  ...more,
});
const record = (ctx: Context, drafts: readonly EventDraft[]) =>
  call(ctx, (context) => recordEvents(context, drafts), undefined);

test('several events of one moment are written together, in their order, each whole', async () => {
  const ctx = await contextOf(house, { tenantId: acme.uuid });
  await record(ctx, [
    draft('test.one', { details: { n: 1, nested: { b: [1.5, null], a: 'ä' } } }),
    draft('test.two', { severity: 'CRITICAL', targets: [] }),
    draft('test.three', { result: 'REFUSED', reason: 'WHY', targets: [target, target] }),
    draft('test.four', { result: 'FAILED' }),
  ]);
  const log = await auditLog(house, acme.uuid, ctx.requestId);
  expect(log.map(({ type, severity, result, reason }) => [type, severity, result, reason])).toEqual(
    [
      ['test.one', 'INFO', 'SUCCESS', null],
      ['test.two', 'CRITICAL', 'SUCCESS', null],
      ['test.three', 'WARNING', 'REFUSED', 'WHY'],
      ['test.four', 'WARNING', 'FAILED', null],
    ],
  );
  for (const row of log) {
    expect(row.occurred_at).toEqual(house.clock.now());
    expect(leafHash(recordOf(row))).toEqual(row.leaf_hash);
    const ms = Number.parseInt(row.id.replaceAll('-', '').slice(0, 12), 16);
    expect(ms).toBe(house.clock.ms());
  }
  const targets = await rows<{ n: number }>(
    house,
    acme.uuid,
    'SELECT count(*)::int AS n FROM audit_targets WHERE event_id = ANY ($1::uuid[])',
    [log.map(({ id }) => id)],
  );
  expect(targets).toEqual([{ n: 3 }]);
});

test('an event joins the transaction that is open, and goes with it', async () => {
  const ctx = await contextOf(house, { tenantId: acme.uuid });
  const undone = ctx.db.transaction(
    async () => {
      await recordEvents(ctx, [draft('test.undone')]);
      throw new Error('undone');
    },
    { tenantId: acme.uuid },
  );
  await expect(undone).rejects.toThrow('undone');
  expect(await auditLog(house, acme.uuid, ctx.requestId)).toEqual([]);
  const outbox = await rows(house, acme.uuid, "SELECT 1 FROM outbox WHERE type = 'test.undone'");
  expect(outbox).toEqual([]);
});

test('where somebody was is sealed under the person, else under the tenant; a job was nowhere', async () => {
  const person = await make.user(acme);
  const [asPerson, asSystem] = [
    await contextOf(house, { tenantId: acme.uuid, userId: person.uuid }),
    await contextOf(house, { tenantId: acme.uuid }),
  ];
  const subjects = async (ctx: Context) => {
    await record(ctx, [draft('test.where')]);
    const [row] = await auditLog(house, acme.uuid, ctx.requestId);
    return Object.keys(row?.personal ?? {});
  };
  expect(await subjects(asPerson)).toEqual([person.id]);
  expect(await subjects(asSystem)).toEqual([acme.id]);
  const job = { ...asSystem, requestId: 'a-job', address: null, userAgent: null };
  expect(await subjects(job)).toEqual([]);
  const stranger = {
    ...asPerson,
    requestId: 'a-guest',
    tenantId: acme.uuid,
    actor: { ...asPerson.actor, tenantId: PLATFORM_TENANT_ID },
  };
  expect(await subjects(stranger)).toEqual([acme.id]);
});

test('a sealed place opens in its own row only', async () => {
  const ctx = await contextOf(house, { tenantId: acme.uuid });
  await record(ctx, [draft('test.a'), draft('test.b')]);
  const [a, b] = await auditLog(house, acme.uuid, ctx.requestId);
  const open = (id: string | undefined, personal: AuditRecord['personal'] | undefined) =>
    openWhere(ctx, acme.uuid, String(id), personal ?? {});
  expect(await open(a?.id, a?.personal)).toEqual({
    ipAddress: '192.0.2.1',
    userAgent: 'signet-test',
  });
  await expect(open(a?.id, b?.personal)).rejects.toThrow();
  const other = await make.tenant();
  expect(await openWhere(ctx, other.uuid, String(a?.id), a?.personal ?? {})).toEqual({});
});

test('an endless user agent is cut', async () => {
  const ctx: Context = {
    ...(await contextOf(house, { tenantId: acme.uuid })),
    userAgent: 'x'.repeat(100_000),
  };
  await record(ctx, [draft('test.long')]);
  const { nodes } = (
    await acme.gql<{ auditEvents: { nodes: { userAgent: string }[] } }>(
      '{ auditEvents(filter: { type: "test.long" }) { nodes { userAgent } } }',
    )
  ).data?.auditEvents ?? { nodes: [] };
  expect(nodes[0]?.userAgent).toHaveLength(512);
});
