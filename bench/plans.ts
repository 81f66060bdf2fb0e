/**
 * The plans of the list statements, as the run-time role sees them under row security. The
 * statements are the server's own: its queries run here against a database that explains each one.
 */
import pg from 'pg';
import { listApiKeys } from '#features/api-keys/api-keys.queries.ts';
import { listAuditEvents } from '#features/audit/audit.queries.ts';
import { groupsOfUsers, listGroups, usersOfGroups } from '#features/groups/groups.queries.ts';
import { listRoles, rolesOfGroups, rolesOfUsers } from '#features/roles/roles.queries.ts';
import { listTenants } from '#features/tenants/tenants.queries.ts';
import { listUsers } from '#features/users/users.queries.ts';
import type { Context } from '#kernel/context.ts';
import { pagesOf } from '#kernel/db/keyset.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { seededId } from './seed.ts';

export interface ListPlan {
  readonly list: string;
  /** 8 kB pages that execution touched. */
  readonly buffers: number;
  /** Every scan, such as `Index Scan users_pkey`. */
  readonly scans: readonly string[];
  /** Tables read whole that are larger than `SMALL`. */
  readonly whole: readonly string[];
}

/** Pages below which reading a whole table is the cheapest way. */
const SMALL = 50;

/** Full at every size of tenant, so that the plans read the same number of rows. */
const PAGE = { first: 10 };

/** A list of the API, run in the name of the context's tenant. */
type Run = (ctx: Context) => Promise<unknown>;

function lists(): Readonly<Record<string, Run>> {
  const ids = (count: number) => Array.from({ length: count }, (_, n) => seededId(n + 1));
  const audit = (filter: object) => (ctx: Context) => listAuditEvents(ctx, filter, PAGE);
  const users = (filter: object) => (ctx: Context) => listUsers(ctx, filter, PAGE);
  return {
    users: users({}),
    'users, last page': (ctx) => listUsers(ctx, {}, { last: 10 }),
    'users by status': users({ status: 'ACTIVE' }),
    'users of a status that none has': users({ status: 'SUSPENDED' }),
    'users by e-mail address': users({ email: 'user77@example.com' }),
    'users by prefix': users({ emailPrefix: 'user7' }),
    'users by a common word': users({ search: 'lovelace' }),
    'users by a rare word': users({ search: 'user77' }),
    'users by a common and a rare word': users({ search: 'ada user800' }),
    'users by two common words': users({ search: 'ada lovelace' }),
    'users by words that never meet': users({ search: 'ada user801' }),
    'users of a group': (ctx) =>
      pagesOf(ctx, { shape: usersOfGroups, column: 'm.group_id' }, ids(1), PAGE),
    groups: (ctx) => listGroups(ctx, {}, PAGE),
    'groups by prefix': (ctx) => listGroups(ctx, { namePrefix: 'group' }, PAGE),
    'groups of 50 users': (ctx) =>
      pagesOf(ctx, { shape: groupsOfUsers, column: 'm.user_id' }, ids(50), {}),
    roles: (ctx) => listRoles(ctx, {}, PAGE),
    'roles by prefix': (ctx) => listRoles(ctx, { namePrefix: 'role 1' }, PAGE),
    'roles of 50 users': (ctx) =>
      pagesOf(ctx, { shape: rolesOfUsers, column: 'ur.user_id' }, ids(50), {}),
    'roles of 50 groups': (ctx) =>
      pagesOf(ctx, { shape: rolesOfGroups, column: 'gr.group_id' }, ids(50), {}),
    'API keys': (ctx) => listApiKeys(ctx, PAGE),
    'audit events': audit({}),
    'audit events by type': audit({ type: 'user.create' }),
    'audit events by actor': audit({ actor: 'key_7' }),
    'audit events by target': audit({ target: 'user_77' }),
    'audit events that failed': audit({ result: 'FAILED' }),
    tenants: (ctx) => listTenants({ ...ctx, tenantId: PLATFORM_TENANT_ID }, {}, PAGE),
  };
}

/** Every list of a tenant, planned for its values (`custom`) or for any (`generic`, as a prepared
 * statement that has run often may be). */
export async function listPlans(
  url: string,
  tenantId: string,
  mode: 'custom' | 'generic',
): Promise<ListPlan[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SET jit = off; SET plan_cache_mode = force_${mode}_plan`);
    const sizes = await tableSizes(client);
    await client.query('SET ROLE signet_app');
    const plans: ListPlan[] = [];
    for (const [list, run] of Object.entries(lists()))
      plans.push(await explained(client, sizes, tenantId, list, run));
    return plans;
  } finally {
    await client.end();
  }
}

async function explained(
  client: pg.Client,
  sizes: ReadonlyMap<string, number>,
  tenantId: string,
  list: string,
  run: Run,
): Promise<ListPlan> {
  const nodes: PlanNode[] = [];
  const bind = (id: string | null) =>
    client.query("SELECT set_config('app.tenant_id', $1, false)", [id ?? '']);
  const db = {
    async inTenant<T>(id: string | null, fn: () => Promise<T>) {
      await bind(id);
      return fn();
    },
    async query(text: string, values: readonly unknown[] = []) {
      nodes.push(await explain(client, text, values));
      return (await client.query(text, [...values])).rows;
    },
  };
  await bind(tenantId);
  await run({ db, tenantId, memo: new Map() } as unknown as Context);
  const all = nodes.flatMap(withChildren);
  const scans = all.filter((node) => node['Node Type'].endsWith('Scan'));
  return {
    list,
    buffers: nodes.reduce((sum, n) => sum + n['Shared Hit Blocks'] + n['Shared Read Blocks'], 0),
    scans: [...new Set(scans.map(describe))].filter(Boolean),
    whole: scans
      .filter((node) => node['Node Type'] === 'Seq Scan')
      .map((node) => node['Relation Name'] ?? '')
      .filter((table) => (sizes.get(table) ?? 0) >= SMALL),
  };
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

/** Twice, so that what is counted is the statement and not the first look at the catalogues. */
async function explain(
  client: pg.Client,
  text: string,
  values: readonly unknown[],
): Promise<PlanNode> {
  const literals = values.map((value) => literal(client, value)).join(', ');
  await client.query(`PREPARE explained AS ${text}`);
  const execute = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE explained${literals ? `(${literals})` : ''}`;
  await client.query(execute);
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(execute);
  await client.query('DEALLOCATE explained');
  const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
  if (!plan) throw new Error(`no plan for ${text}`);
  return plan.Plan;
}

function literal(client: pg.Client, value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return client.escapeLiteral(`{${value.join(',')}}`);
  return client.escapeLiteral(value instanceof Date ? value.toISOString() : String(value));
}

function withChildren(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(withChildren)];
}

function describe(node: PlanNode): string {
  const what = node['Index Name'] ?? node['Relation Name'];
  // Partitions have the same plan.
  const name = what?.replace(/_(?:\d{4}_\d\d|default)(?=_|$)/, '_*');
  return name ? `${node['Node Type']} ${name}` : '';
}

async function tableSizes(client: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ name: string; pages: number }>(
    "SELECT relname AS name, relpages AS pages FROM pg_class WHERE relkind IN ('r', 'p')",
  );
  return new Map(rows.map(({ name, pages }) => [name, pages]));
}
