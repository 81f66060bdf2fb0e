/** X14, D13: two processes do what only one of them may, at the same time, again and again. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RestAnswer } from '../kit/as.ts';
import { type Made, type MadeUser, makers } from '../kit/make.ts';
import { report, scaled } from '../operations/faults.ts';
import { houseOf } from '../operations/server-process.ts';
import { openPair } from './pair.ts';

const { first, second } = await openPair();
const [here, there] = [houseOf(first), houseOf(second)];
const make = makers(here);
const ROUNDS = scaled(50, 1_000);
const PARALLEL = 10;
const LIMIT = scaled(60_000, 900_000);

type Answer = RestAnswer<{ id?: string; code?: string }>;

/** Runs all rounds, some of them at a time. */
async function rounds(race: (round: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < ROUNDS) {
      const round = next;
      next += 1;
      await race(round);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}

const outcomes = (answers: readonly Answer[]) =>
  answers.map(({ status, body }) => body?.code ?? status).sort();

test(
  'X14 one e-mail has one user, whoever asks first',
  async ({ task }) => {
    const tenant = await make.tenant();
    const seen = new Map<string, number>();
    await rounds(async (round) => {
      const body = { email: `One-${round}@example.com` };
      const other = { email: `one-${round}@EXAMPLE.com` };
      const answers = await Promise.all([
        tenant.at(here).rest<{ code?: string }>('POST', '/v1/users', { body }),
        tenant.at(there).rest<{ code?: string }>('POST', '/v1/users', { body: other }),
      ]);
      const outcome = outcomes(answers).join(' + ');
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    });
    report(task, 'X14', {
      races: ROUNDS,
      'two winners': ROUNDS - (seen.get('201 + EMAIL_TAKEN') ?? 0),
    });
    expect(Object.fromEntries(seen)).toEqual({ '201 + EMAIL_TAKEN': ROUNDS });
  },
  LIMIT,
);

test(
  'X14 one name has one group, and one slug one tenant',
  async () => {
    const tenant = await make.tenant();
    const seen = new Set<string>();
    await rounds(async (round) => {
      const body = { name: `Group ${round}` };
      const groups = await Promise.all([
        tenant.at(here).rest<{ code?: string }>('POST', '/v1/groups', { body }),
        tenant.at(there).rest<{ code?: string }>('POST', '/v1/groups', { body }),
      ]);
      seen.add(outcomes(groups).join(' + '));
      if (round % 5 > 0) return;
      const input = { slug: `race-${round}`, name: 'Race' };
      const tenants = await Promise.all(
        [here, there].map((house) => createTenant(house.url, input)),
      );
      seen.add(tenants.sort().join(' + '));
    });
    expect([...seen].sort()).toEqual(['201 + GROUP_NAME_TAKEN', '201 + SLUG_TAKEN']);
  },
  LIMIT,
);

async function createTenant(url: string, body: object): Promise<string> {
  const answer = await fetch(`${url}/internal/v1/tenants`, {
    method: 'POST',
    headers: { authorization: `Bearer ${here.internalKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { code } = (await answer.json()) as { code?: string };
  return code ?? String(answer.status);
}

/** Two owners, and two ways to take one of them away each: one must stay. */
const WAYS: ((owner: MadeUser, role: Made) => [string, string])[] = [
  (owner, role) => ['DELETE', `/v1/users/${owner.id}/roles/${role.id}`],
  (owner) => ['POST', `/v1/users/${owner.id}/suspend`],
  (owner) => ['DELETE', `/v1/users/${owner.id}`],
];

test(
  'D13 X14 a tenant keeps an owner, however two of them go at once',
  async ({ task }) => {
    let ownerless = 0;
    const seen = new Set<string>();
    await rounds(async (round) => {
      const tenant = await make.tenant();
      const role = await make.builtIn(tenant, 'owner');
      const owners = [await make.user(tenant), await make.user(tenant)] as const;
      for (const owner of owners) await make.assign(tenant.operator, role, owner);
      const way = (owner: MadeUser, n: number) =>
        (WAYS[n % WAYS.length] as (typeof WAYS)[number])(owner, role);
      const [mine, yours] = [
        way(owners[0], round),
        way(owners[1], Math.floor(round / WAYS.length)),
      ];
      const answers = await Promise.all([
        tenant.operator.at(here).rest<{ code?: string }>(...mine),
        tenant.operator.at(there).rest<{ code?: string }>(...yours),
      ]);
      seen.add(
        answers
          .map(({ status, body }) => body?.code ?? Math.floor(status / 100))
          .sort()
          .join(),
      );
      const { data } = await tenant.gql<{
        users: { nodes: { status: string; roles: { nodes: { name: string }[] } }[] };
      }>('{ users { nodes { status roles { nodes { name } } } } }');
      const left = data?.users.nodes.filter(
        (one) => one.status === 'ACTIVE' && one.roles.nodes.some(({ name }) => name === 'owner'),
      );
      if (left?.length !== 1) ownerless += 1;
    });
    report(task, 'D13', { races: ROUNDS, 'without an owner': ownerless });
    expect([...seen]).toEqual(['2,LAST_OWNER']);
    expect(ownerless).toBe(0);
  },
  LIMIT,
);

test(
  'the same Idempotency-Key at two instances at once makes one user, and both are told which',
  async () => {
    const tenant = await make.tenant();
    await rounds(async (round) => {
      const options = {
        body: { email: `idem-${round}@example.com` },
        headers: { 'idempotency-key': randomUUID() },
      };
      const answers = await Promise.all(
        [here, there, here].map((house) =>
          tenant.at(house).rest<Made>('POST', '/v1/users', options),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    });
    const { data } = await tenant.gql<{ users: { totalCount: number } }>(
      '{ users { totalCount } }',
    );
    expect(data?.users.totalCount).toBe(ROUNDS);
  },
  LIMIT,
);
