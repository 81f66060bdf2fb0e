/** X17: a cold start over 10,000 tenants, 100,000 users and a million audit events. Only `test:full`. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { newSecret } from '#features/api-keys/api-keys.model.ts';
import { type Database, openDatabase } from '#kernel/db/database.ts';
import { newId } from '#kernel/ids.ts';
import { callerOf } from '../kit/as.ts';
import { createHome } from '../kit/homes.ts';
import { durations, report } from '../operations/faults.ts';
import { houseOf, spawnServer } from '../operations/server-process.ts';

const TENANTS = 10_000;
const USERS = 10;
const EVENTS = 100;
/** Tenants that are asked for the first time. */
const ASKED = 200;

const home = await createHome();
afterAll(() => home.remove());

interface Filled {
  readonly tenant: string;
  readonly secret: string;
}

async function fill(db: Database): Promise<Filled[]> {
  const filled: Filled[] = [];
  for (let n = 0; n < TENANTS; n += 1) {
    const tenant = newId();
    const key = newId();
    const { secret, hash } = newSecret(key);
    await db.transaction(
      async () => {
        await db.execute(
          "INSERT INTO tenants (id, slug, name, issuer) VALUES ($1, $2, 'Tenant', 'https://x.example.com')",
          [tenant, `tenant-${n}`],
        );
        await db.execute(
          `INSERT INTO users (tenant_id, id, email, email_key)
           SELECT $1::uuid, gen_random_uuid(), n || '@example.com', n || '@example.com' FROM generate_series(1, $2::int) n`,
          [tenant, USERS],
        );
        await db.execute(
          "INSERT INTO api_keys (tenant_id, id, name, prefix, scopes, created_by_kind) VALUES ($1, $2, 'k', 'p', $3, 'internal')",
          [tenant, key, ['users:read', 'audit:read']],
        );
        await db.execute(
          'INSERT INTO api_key_secrets (tenant_id, id, api_key_id, hash) VALUES ($1, $2, $3, $4)',
          [tenant, newId(), key, hash],
        );
        await db.execute(AUDIT, [tenant, randomBytes(4).toString('hex'), EVENTS]);
      },
      { tenantId: tenant },
    );
    filled.push({ tenant, secret });
  }
  return filled;
}

const AUDIT = `
INSERT INTO audit_events (tenant_id, id, type, severity, result, occurred_at, actor_kind, targets,
  request_id, details, personal, leaf_hash)
SELECT $1::uuid,
  (left(uuid7_floor(now() - n * interval '1 minute')::text, 14) || '7' || right(md5($2::text || n), 3) || '-8'
    || left(md5(n || $2::text), 3) || '-' || right(md5($2::text || 'x' || n), 12))::uuid,
  'user.create', 'INFO', 'SUCCESS', now(), 'internal', '[]', 'r', '{}', '{}', sha256('x')
FROM generate_series(1, $3::int) n`;

test('X17 a cold start over much data is quick, and small', async ({ task }) => {
  const db = await openDatabase(
    {
      databaseUrl: home.env.DATABASE_URL,
      dataDir: '',
      databasePoolSize: 4,
      databasePooling: 'session',
    },
    { info: () => undefined, warn: () => undefined, error: () => undefined },
  );
  const filled = await fill(db);
  await db.close();

  const began = performance.now();
  const server = await spawnServer({ home });
  await server.ready();
  const readyMs = performance.now() - began;

  const step = Math.floor(TENANTS / ASKED);
  const firsts: number[] = [];
  for (const { secret } of filled.filter((_, n) => n % step === 0)) {
    const caller = callerOf(houseOf(server), { secret, door: 'public' });
    const asked = performance.now();
    const users = await caller.rest<{ data: unknown[] }>('GET', '/v1/users');
    firsts.push(performance.now() - asked);
    expect(users.status).toBe(200);
    expect((await caller.rest('GET', '/v1/audit-events')).status).toBe(200);
  }
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  const rss = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  report(task, 'X17', {
    tenants: TENANTS,
    users: TENANTS * USERS,
    events: TENANTS * EVENTS,
    'ready ms': Math.round(readyMs),
    'RSS MiB': rss,
    'first request ms median': durations(firsts).median,
    'first request ms worst': durations(firsts).worst,
  });
  expect((await server.end('SIGTERM')).code).toBe(0);
}, 900_000);
