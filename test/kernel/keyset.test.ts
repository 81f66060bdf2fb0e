/** Keyset pages: every window of a list, forward and backward, over ties, nested, and nothing but the list. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Context } from '#kernel/context.ts';
import { type ListShape, type Page, type PageRequest, page, pagesOf } from '#kernel/db/keyset.ts';
import { newId } from '#kernel/ids.ts';
import { contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';

const house = await openHouse();
const make = makers(house);
const [acme, other] = [await make.tenant(), await make.tenant()];
const ctx = await contextOf(house, { tenantId: acme.uuid });
const { db } = ctx;

interface Row {
  readonly id: string;
  readonly name: string;
}

const select = 'g.id, g.name_key AS name';
const byId: ListShape = {
  name: 'test-by-id',
  select,
  from: 'groups g',
  tenant: 'g.tenant_id',
  order: [{ column: 'g.id', property: 'id', type: 'uuid' }],
};
/** Descriptions tie; the id decides. */
const byText: ListShape = {
  ...byId,
  name: 'test-by-text',
  select: `${select}, g.description`,
  order: [
    { column: 'g.description', property: 'description', type: 'text' },
    { column: 'g.id', property: 'id', type: 'uuid' },
  ],
};
const newestFirst: ListShape = { ...byId, name: 'test-newest-first', descending: true };
const textDown: ListShape = { ...byText, name: 'test-text-down', descending: true };

/** Eleven rows whose descriptions are not in the order of their ids and repeat. */
const TEXTS = ['b', 'a', 'ä', 'b', '', 'a', 'B', 'b', '%', 'a b', '\u{1F600}'];
const insert = (text: string, tenantId = acme.uuid) =>
  db.inTenant(tenantId, () =>
    db.query(
      'INSERT INTO groups (tenant_id, id, name, name_key, description) VALUES ($1, $2, $3, $3, $4)',
      [tenantId, newId(), randomUUID(), text],
    ),
  );
for (const text of TEXTS) await insert(text);
for (const text of ['a', 'b']) await insert(text, other.uuid);

const read = (shape: ListShape, request: PageRequest, context: Context = ctx) =>
  db.inTenant(context.tenantId, () => page<Row>(context, shape, [], request));
const ids = ({ rows }: Page<Row>) => rows.map(({ id }) => id);
const everything = async (shape: ListShape) => ids(await read(shape, { first: 100 }));

/** The context, with an ear on what is asked of the database. */
function spying(hear: (text: string) => unknown): Context {
  const query: typeof db.query = (text, values) => {
    hear(text);
    return db.query(text, values);
  };
  return { ...ctx, db: { ...db, query } };
}

const SHAPES = [byId, byText, newestFirst, textDown];

test.each(SHAPES)('$name: pages of any size walk the whole list, from both ends', async (shape) => {
  const all = await everything(shape);
  expect(new Set(all).size).toBe(TEXTS.length);
  for (let size = 1; size <= TEXTS.length + 1; size += 1) {
    const forward: string[] = [];
    for (let after: string | null = null; ; ) {
      const found: Page<Row> = await read(shape, { first: size, after });
      forward.push(...ids(found));
      expect(found.hasPreviousPage).toBe(after !== null);
      if (!found.hasNextPage) break;
      after = found.cursor(found.rows.at(-1) as Row);
    }
    expect(forward).toEqual(all);
    const backward: string[] = [];
    for (let before: string | null = null; ; ) {
      const found: Page<Row> = await read(shape, { last: size, before });
      backward.unshift(...ids(found));
      expect(found.hasNextPage).toBe(before !== null);
      if (!found.hasPreviousPage) break;
      before = found.cursor(found.rows[0] as Row);
    }
    expect(backward).toEqual(all);
  }
});

test('a descending list is the ascending one from behind, ties included', async () => {
  expect(await everything(newestFirst)).toEqual((await everything(byId)).toReversed());
  expect(await everything(textDown)).toEqual((await everything(byText)).toReversed());
});

test.each(SHAPES)(
  '$name: any stretch between two cursors, from either end of it',
  async (shape) => {
    const all = await everything(shape);
    const whole = await read(shape, { first: 100 });
    const cursors = whole.rows.map((row) => whole.cursor(row));
    for (let from = 0; from < all.length; from += 2)
      for (let to = from; to < all.length; to += 3) {
        const between = all.slice(from + 1, to);
        const window = { after: cursors[from] as string, before: cursors[to] as string };
        const first = await read(shape, { first: 2, ...window });
        const last = await read(shape, { last: 2, ...window });
        expect(ids(first)).toEqual(between.slice(0, 2));
        expect(ids(last)).toEqual(between.slice(-2));
        expect([first.hasNextPage, last.hasPreviousPage]).toEqual(
          Array(2).fill(between.length > 2),
        );
        expect(await db.inTenant(acme.uuid, first.total)).toBe(all.length);
      }
  },
);

test('the total counts what the conditions leave, whatever the page', async () => {
  const conditions = [
    { sql: 'g.description = ANY (?::text[])', values: [['a', 'b']] },
    { sql: 'g.description <> ? AND g.name_key <> ?', values: ['b', 'nobody'] },
  ];
  const found = await db.inTenant(acme.uuid, () => page<Row>(ctx, byId, conditions, { first: 1 }));
  const total = await db.inTenant(acme.uuid, found.total);
  expect([found.rows.length, found.hasNextPage, total]).toEqual([1, true, 2]);
});

test('a page names its tenant itself, besides what the database would hide', async () => {
  const foreign = await contextOf(house, { tenantId: other.uuid });
  expect((await read(byId, {}, foreign)).rows).toHaveLength(2);
  const unbound = await db.inTenant(other.uuid, () => page<Row>(ctx, byId, [], {}));
  expect([unbound.rows.length, await db.inTenant(other.uuid, unbound.total)]).toEqual([0, 0]);
});

test('one statement reads the same page for many parents, as one page each would', async () => {
  const users: string[] = [];
  for (let n = 0; n < 4; n += 1) users.push((await make.user(acme)).uuid);
  const groups = await everything(byId);
  for (const [n, user] of users.entries())
    for (const group of groups.slice(0, n * 2))
      await db.inTenant(acme.uuid, () =>
        db.query('INSERT INTO group_members (tenant_id, group_id, user_id) VALUES ($1, $2, $3)', [
          acme.uuid,
          group,
          user,
        ]),
      );
  const nested: ListShape = {
    ...byId,
    name: 'test-nested',
    from: 'group_members m JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id',
    tenant: 'm.tenant_id',
  };
  const windows: PageRequest[] = [{ first: 3 }, { last: 2 }, {}];
  for (const request of windows) {
    const sent: string[] = [];
    const spied = spying((text) => sent.push(text));
    const pages = await db.inTenant(acme.uuid, () =>
      pagesOf<Row>(spied, { shape: nested, column: 'm.user_id' }, users, request),
    );
    expect(sent).toHaveLength(1);
    for (const [n, user] of users.entries()) {
      const own = [{ sql: 'm.user_id = ?', values: [user] }];
      const alone = await db.inTenant(acme.uuid, () => page<Row>(ctx, nested, own, request));
      const found = pages[n] as Page<Row>;
      expect(ids(found)).toEqual(ids(alone));
      expect([found.hasNextPage, found.hasPreviousPage]).toEqual([
        alone.hasNextPage,
        alone.hasPreviousPage,
      ]);
      expect(await db.inTenant(acme.uuid, found.total)).toBe(n * 2);
      const [row] = found.rows;
      if (row) expect(found.cursor(row)).toBe(alone.cursor(row));
    }
  }
});

test('the text of a statement depends on the shape of the request only, so that it is prepared once', async () => {
  const texts = new Set<string>();
  const spied = spying((text) => texts.add(text));
  const whole = await read(byText, { first: 100 });
  for (const row of whole.rows)
    for (const first of [1, 7, 100]) await read(byText, { first, after: whole.cursor(row) }, spied);
  expect(texts.size).toBe(1);
});

test('D09 a cursor tells nothing it should not, and opens only its own list of its own tenant', async () => {
  const whole = await read(byText, { first: 100 });
  const cursor = whole.cursor(whole.rows[3] as Row);
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain(acme.uuid);
  const foreign = await contextOf(house, { tenantId: other.uuid });
  const refused = { code: 'INVALID_CURSOR', message: expect.stringContaining('after') };
  await expect(read(byText, { after: cursor }, foreign)).rejects.toMatchObject(refused);
  for (const shape of [byId, newestFirst, textDown])
    await expect(read(shape, { after: cursor })).rejects.toMatchObject(refused);
  const bytes = Buffer.from(cursor, 'base64url');
  for (let at = 0; at < bytes.length; at += 1) {
    const edited = Buffer.from(bytes);
    edited.writeUInt8(edited.readUInt8(at) ^ 1, at);
    await expect(read(byText, { after: edited.toString('base64url') })).rejects.toMatchObject(
      refused,
    );
  }
});

test('first and last are 1 to 100, and not both', async () => {
  for (const request of [
    { first: 0 },
    { last: 0 },
    { first: 101 },
    { last: -1 },
    { first: 1.5 },
    { first: Number.NaN },
    { first: 1, last: 1 },
  ])
    await expect(read(byId, request)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  for (const request of [
    { first: null, last: null },
    { after: null, before: null },
  ])
    expect((await read(byId, request)).rows).toHaveLength(TEXTS.length);
});
