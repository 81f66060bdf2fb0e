/**
 * Whether lists and searches stay as fast: a tenant of a million users beside one of a thousand,
 * and a database of ten thousand tenants beside one of ten. The sides take turns, request by request.
 */
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { encodeId } from '#kernel/ids.ts';
import { type BenchDatabase, startCluster } from './cluster.ts';
import { type OurServer, startOurs } from './contestants.ts';
import { type ListPlan, listPlans } from './plans.ts';
import { cpuBusy, median, printTable } from './report.ts';
import { seed, seededId } from './seed.ts';

const SCOPES = ['users:read', 'groups:read', 'roles:read', 'audit:read'];
const LIMIT = 1.25;
const BUFFER_LIMIT = 2;

/** A tenant at a server, and the secret of a key of it. */
interface Side {
  readonly server: OurServer;
  readonly database: BenchDatabase;
  readonly tenantId: string;
  readonly secret: string;
}

interface Sides {
  /** 1,000 users among 10 tenants. */
  readonly small: Side;
  /** 1,000,000 users among 10 tenants. */
  readonly users: Side;
  /** 1,000 users among 10,000 tenants. */
  readonly tenants: Side;
}

export interface ScaleOptions {
  readonly users: number;
  readonly tenants: number;
  /** Requests of each kind to each side. */
  readonly requests: number;
}

export async function scale(options: ScaleOptions): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  try {
    const cluster = await startCluster();
    closing.push(cluster.stop);
    console.log('Seeding; this takes minutes ...');
    const few = await cluster.database('signet_bench_few');
    await seed(few.url, { tenants: 10, users: options.users, usersEach: 1000 });
    const many = await cluster.database('signet_bench_many');
    await seed(many.url, { tenants: options.tenants, users: 1000, usersEach: 20 });
    const busy = cpuBusy();
    const sides: Sides = {
      small: await side(few, seededId(2), closing),
      users: await side(few, seededId(1), closing),
      tenants: await side(many, seededId(1), closing),
    };
    await printMedians(sides, options);
    for (const mode of ['custom', 'generic'] as const) await printPlans(sides, mode);
    console.log(`\nThe machine was ${busy()} busy, our own processes included.`);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** With a server of its own: one that served two tenants in turn would bind its connection anew each time. */
async function side(
  database: BenchDatabase,
  tenantId: string,
  closing: (() => Promise<void>)[],
): Promise<Side> {
  const server = await startOurs(database);
  closing.push(server.stop);
  return { server, database, tenantId, secret: await server.apiKey(tenantId, SCOPES) };
}

const USERS = 'nodes { id email displayName status } pageInfo { endCursor hasNextPage }';

/** `[user]` and `[group]` become ids of the tenant, another each time. */
const QUERIES: Readonly<Record<string, string>> = {
  users: `{ users(first: 50) { ${USERS} } }`,
  'last page of users': `{ users(last: 50) { ${USERS} } }`,
  'users by status': `{ users(first: 50, filter: { status: ACTIVE }) { ${USERS} } }`,
  'users with groups and roles':
    '{ users(first: 50) { nodes { id email groups { nodes { id name roles { nodes { id name } } } } } } }',
  'users by prefix': `{ users(first: 20, filter: { emailPrefix: "user7" }) { ${USERS} } }`,
  'search: an address': `{ users(first: 20, filter: { search: "User[n]@example.com" }) { ${USERS} } }`,
  'search: a common word': `{ users(first: 20, filter: { search: "lovelace" }) { ${USERS} } }`,
  'search: a rare word': `{ users(first: 20, filter: { search: "user[n]" }) { ${USERS} } }`,
  'search: a common and a rare word': `{ users(first: 20, filter: { search: "ada user800" }) { ${USERS} } }`,
  'search: words that never meet': `{ users(first: 20, filter: { search: "ada user801" }) { ${USERS} } }`,
  'search: two common words': `{ users(first: 10, filter: { search: "ada lovelace" }) { ${USERS} } }`,
  groups: '{ groups(first: 50) { nodes { id name } } }',
  'members of a group': `{ group(id: "[group]") { members(first: 20) { ${USERS} } } }`,
  'audit events': '{ auditEvents(first: 20) { nodes { id type } } }',
};

async function printMedians(sides: Sides, { requests, users, tenants }: ScaleOptions) {
  const rows: string[][] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const [name, query] of Object.entries(QUERIES)) {
    const times: Record<keyof Sides, number[]> = { small: [], users: [], tenants: [] };
    for (let n = 0; n < requests + WARM_UP; n += 1)
      for (const key of [...KEYS.slice(n % 3), ...KEYS.slice(0, n % 3)]) {
        const ms = await timed(agent, sides[key], filled(query, n));
        if (n >= WARM_UP) times[key].push(ms);
      }
    const [small, large, many] = [median(times.small), median(times.users), median(times.tenants)];
    rows.push([
      name,
      small.toFixed(2),
      large.toFixed(2),
      ...verdict(large / small, LIMIT),
      many.toFixed(2),
      ...verdict(many / small, LIMIT),
    ]);
  }
  agent.destroy();
  console.log(
    `\nMedian milliseconds of ${requests} requests, one at a time; ratios to be <= ${LIMIT}`,
  );
  const head = ['', '1,000 users', count(users, 'users'), 'ratio', '', count(tenants, 'tenants')];
  printTable([...head, 'ratio', ''], rows);
}

const WARM_UP = 30;
const KEYS = ['small', 'users', 'tenants'] as const;

function filled(query: string, n: number): string {
  const user = 1 + ((n * 37) % 1000);
  return query
    .replace('[n]', String(user))
    .replace('[group]', encodeId('group', seededId(1 + (n % 100))));
}

function timed(agent: Agent, { server, secret }: Side, query: string): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
    const sent = request(
      `${server.url}/graphql`,
      { method: 'POST', agent, headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => {
          const good = response.statusCode === 200 && !text.includes('"errors"');
          if (good && text.includes('"nodes"')) resolve(performance.now() - started);
          else
            reject(new Error(`${query} is answered ${response.statusCode} ${text.slice(0, 500)}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify({ query }));
  });
}

async function printPlans(sides: Sides, mode: 'custom' | 'generic'): Promise<void> {
  const plansOf = ({ database, tenantId }: Side) => listPlans(database.url, tenantId, mode);
  const small = await plansOf(sides.small);
  const large = await plansOf(sides.users);
  const many = await plansOf(sides.tenants);
  console.log(
    `\nPlans under row security as signet_app, ${mode}: buffers, ratios to be <= ${BUFFER_LIMIT}`,
  );
  printTable(
    [
      '',
      '1,000',
      'users',
      'ratio',
      '',
      'tenants',
      'ratio',
      '',
      'scans in the tenant of many users',
    ],
    small.map((plan, i) => {
      const [big, wide] = [large[i] as ListPlan, many[i] as ListPlan];
      const whole = [...new Set([...plan.whole, ...big.whole, ...wide.whole])];
      return [
        plan.list,
        String(plan.buffers),
        ...buffers(plan, big),
        ...buffers(plan, wide),
        (whole.length > 0 ? `WHOLE TABLE ${whole.join(', ')}; ` : '') + big.scans.join(', '),
      ];
    }),
    'text',
  );
}

/** A larger index is a level deeper: a few pages more are no sign of anything. */
function buffers(small: ListPlan, large: ListPlan): string[] {
  const ratio = large.buffers / small.buffers;
  const met = ratio <= BUFFER_LIMIT || large.buffers - small.buffers <= FEW;
  return [String(large.buffers), ratio.toFixed(2), met ? 'met' : 'MISSED'];
}

const FEW = 10;

function verdict(ratio: number, limit: number): [string, string] {
  return [ratio.toFixed(2), ratio <= limit ? 'met' : 'MISSED'];
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}`;
}
