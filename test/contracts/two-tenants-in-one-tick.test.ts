/**
 * I10: what runs side by side never mixes. Requests of several tenants leave in one tick, through
 * every door, and the program's own reads and writes interleave on the same connections.
 */
import { expect, test } from 'vitest';
import { decodeId } from '#kernel/ids.ts';
import type { Caller } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { type Furnished, furnish } from './fixtures.ts';

const house = await openHouse();
const make = makers(house);
const { db } = house.services;
const tenants = [
  await furnish(make, 'acme-mark'),
  await furnish(make, 'blue-mark'),
  await furnish(make, 'coal-mark'),
];

const NESTED = `{ users { nodes { email groups { nodes { name roles { nodes { name } } } } roles { nodes { name } } } }
  groups { nodes { description members { nodes { displayName } } } } tenant { slug } }`;

/** Each answers a text that should hold the own marks only. */
const reads: readonly ((
  caller: Caller,
  own: Furnished,
) => Promise<{ status: number; text: string }>)[] = [
  (caller) => caller.gql(NESTED),
  (caller) => caller.persisted('ListUsersWithGroups', { first: 50 }),
  (caller) => caller.rest('GET', '/v1/users'),
  (caller, { ids }) => caller.rest('GET', `/v1/users/${ids.user}`),
  (caller, { ids }) =>
    caller.gql('query ($id: ID!) { node(id: $id) { ... on User { email } } }', { id: ids.user }),
  (caller) => caller.persisted('ListGroups'),
  (caller) => caller.gql('{ tenant { slug name } }'),
];

function strange(text: string, own: Furnished): readonly string[] {
  return tenants
    .filter((one) => one !== own)
    .flatMap((one) => one.marks.filter((mark) => text.includes(mark)));
}

test('I10 parallel requests of several tenants see their own rows, and all of them', async () => {
  const asked = Array.from({ length: 12 }, (_, round) =>
    tenants.flatMap((own) => {
      const callers = [own.tenant, own.tenant.operator];
      return reads.map(async (read, n) => {
        const answer = await read(callers[(round + n) % 2] as Caller, own);
        return { n, own, answer };
      });
    }),
  ).flat();
  const answers = await Promise.all(asked);
  expect(answers.length).toBe(12 * tenants.length * reads.length);
  for (const { n, own, answer } of answers) {
    expect([n, answer.status]).toEqual([n, 200]);
    expect([n, answer.text.includes(own.marks[0] as string)]).toEqual([n, true]);
    expect([n, strange(answer.text, own)]).toEqual([n, []]);
  }
});

test('I10 parallel writes land where they were sent, also when some of them fail', async () => {
  const writes = Array.from({ length: 10 }, (_, n) =>
    tenants.flatMap((own) => [
      // The same address in every tenant: one wins in each.
      own.tenant.rest('POST', '/v1/users', { body: { email: 'same@example.com' } }),
      make.user(own.tenant, { email: `w${n}.${own.tenant.slug}@example.com` }),
    ]),
  ).flat();
  await Promise.all(writes);
  for (const own of tenants) {
    const { data } = await own.tenant.gql<{ users: { nodes: { email: string }[] } }>(
      '{ users(first: 100) { nodes { email } } }',
    );
    const emails = data?.users.nodes.map(({ email }) => email) ?? [];
    expect(emails.filter((email) => email === 'same@example.com')).toHaveLength(1);
    expect(emails.filter((email) => email.startsWith('w'))).toHaveLength(10);
    expect(
      emails.filter((email) => email !== 'same@example.com' && !email.includes(own.tenant.slug)),
    ).toEqual([]);
  }
});

test('I10 reads by unique key in one tick are not batched across tenants', async () => {
  const all = tenants.flatMap((reader) =>
    tenants.map((owner) => ({ reader, owner, id: uuidOf(owner) })),
  );
  const found = await Promise.all(
    all.map(({ reader, owner, id }) =>
      db.inTenant(reader.tenant.uuid, () =>
        db.prisma.user.findUnique({ where: { tenantId_id: { tenantId: owner.tenant.uuid, id } } }),
      ),
    ),
  );
  expect(found.map((row) => row?.id ?? null)).toEqual(
    all.map(({ reader, owner, id }) => (reader === owner ? id : null)),
  );
});

test('I10 transactions, plain statements and Prisma interleave without leaving their tenant', async () => {
  const seen = await Promise.all(
    Array.from({ length: 8 }, () => tenants)
      .flat()
      .map((own, n) =>
        db.inTenant(own.tenant.uuid, async () => {
          const read = async () => ({
            sql: await db.query<{ tenant_id: string }>('SELECT DISTINCT tenant_id FROM users'),
            prisma: await db.prisma.group.findMany({ select: { tenantId: true } }),
          });
          const { sql, prisma } = n % 2 ? await db.transaction(read) : await read();
          return {
            own: own.tenant.uuid,
            seen: [...sql.map((row) => row.tenant_id), ...prisma.map((row) => row.tenantId)],
          };
        }),
      ),
  );
  for (const { own, seen: ids } of seen) expect([...new Set(ids)]).toEqual([own]);
});

test('I10 after nobody, and after a failure, a connection carries no tenant', async () => {
  const failed = tenants.map((own) =>
    db.inTenant(own.tenant.uuid, () => db.query('SELECT 1 / 0')).catch((error: Error) => error),
  );
  const nobody = tenants.map(() => db.inTenant(null, () => db.query('SELECT id FROM users')));
  expect((await Promise.all(failed)).every((error) => error instanceof Error)).toBe(true);
  expect((await Promise.all(nobody)).flat()).toEqual([]);
});

function uuidOf({ ids }: Furnished): string {
  const uuid = decodeId('user', ids.user);
  if (!uuid) throw new Error(ids.user);
  return uuid;
}
