/** Sweeps: what is over goes, in every tenant; what is not over stays. */
import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { sweepApiKeySecrets } from '#features/api-keys/api-keys.jobs.ts';
import { ensureAuditPartitions } from '#features/audit/audit.jobs.ts';
import { sweepClientSecrets } from '#features/clients/clients.jobs.ts';
import { makeGrant, revokeGrants } from '#features/grants/grants.commands.ts';
import { sweepGrants } from '#features/grants/grants.jobs.ts';
import { sweepSessions } from '#features/sessions/sessions.jobs.ts';
import { sweepSignInFlows } from '#features/sign-in/sign-in.jobs.ts';
import type { Job } from '#kernel/jobs/job.ts';
import { sweepIdempotencyKeys, sweepOutbox, sweepRateLimits } from '#kernel/jobs/sweeps.ts';
import { anonymous } from '../kit/as.ts';
import { contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers, run as mutate } from '../kit/make.ts';

const house = await openHouse();
const { services, clock } = house;
const { db } = services;
const make = makers(house);
const tenants = [await make.tenant(), await make.tenant()] as const;

const DAY_MS = 86_400_000;
const run = (job: Job) => job.run(services, {}, new AbortController().signal);
const within = <T>(tenant: MadeTenant, fn: () => Promise<T>) => db.inTenant(tenant.uuid, fn);

async function count(text: string, values: unknown[] = []): Promise<number> {
  const [row] = await db.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${text}`, values);
  return row?.n ?? 0;
}

test('answers that may be repeated no more are forgotten, more than one batch, in every tenant', async () => {
  for (const [tenant, over] of [[tenants[0], 1_500] as const, [tenants[1], 1] as const])
    await within(tenant, () =>
      db.execute(
        `INSERT INTO idempotency_keys (tenant_id, id, request_hash, created_at, expires_at)
         SELECT $1::uuid, sha256(n::text::bytea), sha256('x'), now() - interval '1 day', now() - interval '1 second'
         FROM generate_series(1, $2::int) n
         UNION ALL SELECT $1::uuid, sha256('live'), sha256('x'), now(), now() + interval '1 minute'`,
        [tenant.uuid, over],
      ),
    );
  await run(sweepIdempotencyKeys);
  for (const tenant of tenants)
    expect(await within(tenant, () => count('idempotency_keys'))).toBe(1);
});

test('secrets that were rotated out are deleted when their overlap is over', async () => {
  const [tenant] = tenants;
  const key = await make.apiKey(tenant, ['users:read']);
  await mutate(tenant, 'rotateApiKey', 'apiKey { id }', { id: key.id, overlapSeconds: 60 });
  const secrets = () => within(tenant, () => count('api_key_secrets'));
  const before = await secrets();
  await run(sweepApiKeySecrets);
  expect(await secrets()).toBe(before);
  expect((await key.gql('{ viewer { scopes } }')).status).toBe(200);
  clock.advance(61_000);
  await run(sweepApiKeySecrets);
  expect(await secrets()).toBe(before - 1);
});

test('secrets of clients go when their overlap is over, grants a month after they were revoked', async () => {
  const [tenant] = tenants;
  const client = await make.client(tenant);
  const user = await make.user(tenant);
  await mutate(tenant, 'rotateClientSecret', 'secret', { id: client.id, overlapSeconds: 60 });
  const ctx = await contextOf(house, { tenantId: tenant.uuid });
  const given = { userId: user.uuid, clientId: client.uuid, sessionId: null, scopes: [] };
  const grants = await within(tenant, async () => [
    await makeGrant(ctx, given),
    await makeGrant(ctx, given),
  ]);
  await within(tenant, () => revokeGrants(ctx, { id: grants[0]?.id ?? '' }));
  const left = async () => {
    await run(sweepClientSecrets);
    await run(sweepGrants);
    return within(tenant, async () => [
      await count('oauth_client_secrets'),
      await count('oauth_grants'),
    ]);
  };
  expect(await left()).toEqual([2, 2]);
  clock.advance(61_000);
  expect(await left()).toEqual([1, 2]);
  clock.advance(30 * DAY_MS);
  expect(await left()).toEqual([1, 1]);
});

test('events leave the outbox after a day, when every durable reader has had them', async () => {
  const [tenant] = tenants;
  await db.query('DELETE FROM outbox');
  await make.user(tenant);
  await make.user(tenant);
  const [first] = await db.query<{ xid: string; seq: string }>(
    'SELECT xid::text, seq::text FROM outbox ORDER BY xid, seq LIMIT 1',
  );
  await run(sweepOutbox);
  expect(await count('outbox')).toBe(2);
  clock.advance(DAY_MS + 1_000);
  await make.user(tenant);
  await db.query('INSERT INTO outbox_cursors VALUES ($1, $2::text::xid8, $3)', [
    'slow reader',
    first?.xid,
    first?.seq,
  ]);
  await run(sweepOutbox);
  expect(await count('outbox')).toBe(2);
  await db.query(
    "UPDATE outbox_cursors SET xid = pg_current_xact_id(), seq = 0 WHERE consumer = 'slow reader'",
  );
  await run(sweepOutbox);
  expect(await count('outbox')).toBe(1);
});

test('counters of windows that are over are deleted', async () => {
  const keys = [randomUUID(), randomUUID()];
  await db.query('INSERT INTO rate_limits (key, points, expire) VALUES ($1, 1, $3), ($2, 1, $4)', [
    ...keys,
    Date.now() - 1,
    Date.now() + 60_000,
  ]);
  await run(sweepRateLimits);
  expect(await count('rate_limits WHERE key = ANY($1)', [keys])).toBe(1);
});

test('the audit log has its months ahead, also after they were made', async () => {
  await run(ensureAuditPartitions);
  await run(ensureAuditPartitions);
  const months = await count(
    "pg_class WHERE relname ~ '^audit_events_[0-9]{4}_[0-9]{2}$' AND relkind = 'r'",
  );
  expect(months).toBeGreaterThanOrEqual(4);
});

test('a sweep that is told to stop goes no further', async () => {
  const aborted = AbortSignal.abort();
  await within(tenants[0], () =>
    db.execute(
      "INSERT INTO idempotency_keys VALUES ($1, $2, $2, NULL, now(), now() - interval '1 day')",
      [tenants[0].uuid, randomBytes(32)],
    ),
  );
  await sweepIdempotencyKeys.run(services, {}, aborted);
  expect(await within(tenants[0], () => count('idempotency_keys'))).toBe(2);
});

test('sign-ins go when they are over, sessions a month later', async () => {
  const [tenant] = tenants;
  const user = await make.user(tenant);
  await make.session(tenant, user);
  const start = `mutation { startSignIn(input: { tenant: "${tenant.slug}" }) { __typename } }`;
  await anonymous(house).gql(start);
  const left = () =>
    within(tenant, async () => [await count('sessions'), await count('sign_in_flows')]);
  const sweep = async () => {
    await run(sweepSessions);
    await run(sweepSignInFlows);
  };
  await sweep();
  expect(await left()).toEqual([1, 1]);
  clock.advance(8 * DAY_MS);
  await sweep();
  expect(await left()).toEqual([1, 0]);
  clock.advance(30 * DAY_MS);
  await sweep();
  expect(await left()).toEqual([0, 0]);
});
