/** Sweeps: what is over goes, in every tenant; what is not over stays. */
import { randomBytes, randomUUID } from 'node:crypto';
import { refreshTokenGrant } from 'openid-client';
import { expect, test } from 'vitest';
import { sweepApiKeySecrets } from '#features/api-keys/api-keys.jobs.ts';
import { ensureAuditPartitions } from '#features/audit/audit.jobs.ts';
import { SEQUENCER } from '#features/audit/audit-sequencer.ts';
import { sweepOutbox } from '#features/audit/outbox-sweep.jobs.ts';
import { sweepInitialAccessTokens } from '#features/client-registrations/client-registrations.jobs.ts';
import { sweepClientSecrets } from '#features/clients/clients.jobs.ts';
import { makeGrant, revokeGrants } from '#features/grants/grants.commands.ts';
import { sweepGrants } from '#features/grants/grants.jobs.ts';
import { sweepSessions } from '#features/sessions/sessions.jobs.ts';
import { sweepSignInFlows } from '#features/sign-in/sign-in.jobs.ts';
import type { Job } from '#kernel/jobs/job.ts';
import { sweepIdempotencyKeys, sweepRateLimits } from '#kernel/jobs/sweeps.ts';
import { sweepIssuers } from '#protocols/oidc/oidc.jobs.ts';
import { anonymous } from '../kit/as.ts';
import { browser } from '../kit/browser.ts';
import { contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeTenant, makers, run as mutate } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { begin, follow, makeClient, redeem, relyingParty } from '../kit/relying-party.ts';
import { until } from '../kit/until.ts';

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

test('initial access tokens are forgotten a month after they were over', async () => {
  const [tenant] = tenants;
  await make.initialAccessToken(tenant);
  const tokens = () => within(tenant, () => count('initial_access_tokens'));
  clock.advance(37 * DAY_MS - 60_000);
  await run(sweepInitialAccessTokens);
  expect(await tokens()).toBe(1);
  clock.advance(61_000);
  await run(sweepInitialAccessTokens);
  expect(await tokens()).toBe(0);
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

/** The audit log's tree has whatever was committed, settled or not: a server's settling waits for other databases. */
const sequenced = () =>
  until(
    async () =>
      (await count(
        'outbox o, outbox_cursors c WHERE c.consumer = $1 AND (o.xid, o.seq) > (c.xid, c.seq)',
        [SEQUENCER],
      )) === 0,
  );

test('events leave the outbox after a day, when every durable reader has had them', async () => {
  const [tenant] = tenants;
  await sequenced();
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
  await sequenced();
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

test('F02 F07 what issuers kept goes when it is over, but not what tells that something was stolen', async () => {
  const [, tenant] = tenants;
  const config = await relyingParty(house, tenant, await makeClient(tenant));
  const ada = await person(house, make, tenant);
  const refused = { error: 'invalid_grant' };
  const signIn = async () => {
    const begun = await begin(config);
    const { url } = await follow(browser(house), begun.url, ada);
    return { begun, url: url as URL, tokens: await redeem(config, url as URL, begun) };
  };
  const left = async () => {
    await run(sweepIssuers);
    return within(tenant, async () => ({
      codes: await count('oauth_codes'),
      tokens: await count('oauth_tokens'),
      interactions: await count('oauth_interactions'),
      sessions: await count('oauth_sessions'),
      spent: await count('oauth_spent'),
    }));
  };
  const [one, two] = [await signIn(), await signIn()];
  const spend = 'INSERT INTO oauth_spent VALUES ($1, $2, $3)';
  const over = new Date(clock.ms() + 60_000);
  await within(tenant, () => db.execute(spend, [tenant.uuid, randomBytes(32), over]));
  const next = await refreshTokenGrant(config, two.tokens.refresh_token ?? '');
  const before = await left();
  expect(before).toMatchObject({ codes: 2, sessions: 2, spent: 1 });
  clock.advance(3_600_000);
  expect(await left()).toMatchObject({ codes: 2, interactions: 0, spent: 1 });
  await expect(redeem(config, one.url, one.begun)).rejects.toMatchObject(refused);
  const given = one.tokens.refresh_token ?? '';
  await expect(refreshTokenGrant(config, given)).rejects.toMatchObject(refused);
  const stolen = two.tokens.refresh_token ?? '';
  await expect(refreshTokenGrant(config, stolen)).rejects.toMatchObject(refused);
  await expect(refreshTokenGrant(config, next.refresh_token ?? '')).rejects.toMatchObject(refused);
  clock.advance(DAY_MS);
  expect(await left()).toMatchObject({ codes: 0, sessions: 0, spent: 0 });
  clock.advance(366 * DAY_MS);
  expect(await left()).toMatchObject({ tokens: 0 });
});
