/** The audit log in the database: append-only for everybody, by the month, reached through its parent only. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { A, B, column, makeTenants, type Stored, storedHomes } from './stored.ts';

const INSERT = `INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, targets,
  request_id, details, personal, leaf_hash)
  VALUES ($1, $2, 'user.create', 'INFO', 'SUCCESS', now(), 'internal', '[]', 'r', '{}', '{}', sha256('x'))`;

describe.each(storedHomes)('the audit log on $name', ({ open }) => {
  let db: Stored;
  let thisMonth: string;

  beforeAll(async () => {
    db = await open();
    await makeTenants(db);
    await db.actAs('owner');
    const [now] = await db.rows<{ id: string; month: string }>(
      "SELECT uuid7_floor(now())::text AS id, 'audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') AS month",
    );
    thisMonth = String(now?.month);
    for (const [n, tenant] of [A, B].entries()) {
      await db.actAs('signet_app', tenant);
      await db.rows(INSERT, [tenant, `${String(now?.id).slice(0, -1)}${n}`]);
      await db.rows("INSERT INTO audit_targets VALUES ($1, 'user_x', $2)", [tenant, now?.id]);
    }
  });
  afterAll(() => db.close());

  const refused = (text: string, values: unknown[] = []) =>
    db.rows(text, values).then(
      () => null,
      (error: { code?: string }) => error.code,
    );

  test('a tenant reads its own events, which lie in the partition of their month', async () => {
    await db.actAs('signet_app', A);
    expect(
      await db.rows('SELECT tenant_id, tableoid::regclass::text AS part FROM audit_events'),
    ).toEqual([{ tenant_id: A, part: thisMonth }]);
    expect(await db.rows('SELECT tenant_id FROM audit_targets')).toEqual([{ tenant_id: A }]);
    expect(await refused(INSERT, [B, '0193a000-0000-7000-8000-000000000077'])).toBe('42501');
  });

  test('the rows of a partition are not reached past its parent', async () => {
    await db.actAs('signet_app', A);
    for (const part of [thisMonth, 'audit_events_default']) {
      expect(await refused(`SELECT FROM ${part}`)).toBe('42501');
      expect(
        await refused(INSERT.replace('audit_events', part), [
          A,
          '0193a000-0000-7000-8000-000000000078',
        ]),
      ).toBe('42501');
    }
  });

  test.each(['audit_events', 'audit_targets', 'audit_events_default', 'month'])(
    'nobody changes %s, not even its owner',
    async (table) => {
      const name = table === 'month' ? thisMonth : table;
      const changes = [
        `UPDATE ${name} SET tenant_id = tenant_id`,
        `DELETE FROM ${name}`,
        `TRUNCATE ${name}`,
      ];
      for (const change of changes) {
        await db.actAs('signet_app', A);
        expect(await refused(change)).toBe('42501');
        await db.actAs('owner', A);
        await expect(db.rows(change)).rejects.toThrow('append-only');
      }
      await db.actAs('owner', A);
      const [kept] = await db.rows<{ triggers: number }>(
        `SELECT count(*)::int AS triggers FROM pg_trigger WHERE tgrelid = $1::regclass AND tgname LIKE 'append_only%' AND tgenabled = 'A'`,
        [name],
      );
      expect(kept?.triggers).toBe(2);
    },
  );

  test('the run-time role makes the coming months, as often as it likes', async () => {
    await db.actAs('signet_app');
    const first = await db.rows('SELECT * FROM audit_ensure_partitions(5)');
    expect(column(first, 'outcome')).toEqual([
      'exists',
      'exists',
      'exists',
      'exists',
      'created',
      'created',
    ]);
    const again = await db.rows('SELECT * FROM audit_ensure_partitions(5)');
    expect(column(again, 'outcome')).toEqual(Array(6).fill('exists'));
    expect(await refused('SELECT * FROM audit_ensure_partitions(25)')).toBe('22023');
    expect(await refused("SELECT audit_add_partition('x', now(), now())")).toBe('42501');
    expect(await refused("SELECT isolate_tenants('users')")).toBe('42501');
  });

  test('an event that came before its month stays readable, and the months after it are made', async () => {
    await db.actAs('owner');
    const [early] = await db.rows<{ id: string }>(
      "SELECT uuid7_floor(date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '7 months 3 days')::text AS id",
    );
    await db.actAs('signet_app', A);
    await db.rows(INSERT, [A, early?.id]);
    const outcomes = await db.rows('SELECT outcome FROM audit_ensure_partitions(8)');
    expect(outcomes.slice(6)).toEqual([
      { outcome: 'created' },
      { outcome: 'left-in-default' },
      { outcome: 'created' },
    ]);
    expect(
      await db.rows(
        'SELECT tableoid::regclass::text AS part FROM audit_events WHERE tenant_id = $1 AND id = $2',
        [A, early?.id],
      ),
    ).toEqual([{ part: 'audit_events_default' }]);
  });

  test('months are whole in UTC and follow each other without a gap', async () => {
    await db.actAs('owner');
    const bounds = await db.rows(
      `SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class
       WHERE relispartition AND relkind = 'r' AND relname ~ '^audit_events_\\d' ORDER BY relname`,
    );
    const ranges = bounds.map(({ bound }) =>
      [...String(bound).matchAll(/'([0-9a-f-]{36})'/g)].map((m) => String(m[1])),
    );
    for (const [from, to] of ranges) {
      const start = timeOf(String(from));
      expect(start.toISOString()).toMatch(/-01T00:00:00\.000Z$/);
      expect(timeOf(String(to)).getTime()).toBe(
        Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1),
      );
    }
    expect(ranges.length).toBeGreaterThan(3);
  });
});

/** RFC 9562 section 5.7: the first 48 bits are Unix milliseconds. */
function timeOf(id: string): Date {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16));
}
