/** The doctor's look at keys: that who wraps them works, and that the data keys which are there open. */
import type pg from 'pg';
import { configuredKeys, type KeyConfig } from '#kernel/crypto/configured-keys.ts';
import { keyrings } from '#kernel/crypto/keyrings.ts';
import { keyProblem } from '#kernel/crypto/kms/key-service.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import type { Finding } from './doctor-finding.ts';

/** What is looked at, of the newest tenants. */
const TENANTS = 1_000;

/** A key that opens nothing would show only when somebody needs what it sealed. */
export async function examineKeys(config: KeyConfig, client: pg.Client): Promise<Finding> {
  const check = config.keyProvider === 'local' ? 'master key' : 'key provider';
  const store = storeOf(client);
  const provider = configuredKeys(config);
  const broken = await provider.kid().then(() => null, problemOf);
  if (broken) return { check, state: 'fail', says: broken };
  const rings = keyrings(store, provider, TENANTS);
  const tenants = await store.inTenant(PLATFORM_TENANT_ID, () =>
    store.query<{ id: string }>(`SELECT id FROM tenants ORDER BY id DESC LIMIT ${TENANTS}`),
  );
  let opened = 0;
  for (const { id: tenant } of tenants) {
    const keys = await store.inTenant(tenant, () =>
      store.query<{ id: string }>('SELECT id FROM data_keys WHERE tenant_id = $1', [tenant]),
    );
    for (const { id } of keys) {
      try {
        await rings.find(tenant, id);
        opened += 1;
      } catch (error) {
        const why =
          keyProblem(error)?.message ??
          'set MASTER_KEY to the key that was used before, or name that in PREVIOUS_MASTER_KEYS';
        const says = `does not open a data key of tenant ${tenant}; ${why}`;
        return { check, state: 'fail', says };
      }
    }
  }
  return { check, state: 'ok', says: `opens the data keys of every tenant (${opened})` };
}

function problemOf(error: unknown): string {
  const problem = keyProblem(error);
  if (!problem) throw error;
  return problem.message;
}

function storeOf(client: pg.Client) {
  return {
    async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
      return (await client.query(text, [...values])).rows as Row[];
    },
    async inTenant<T>(tenantId: string | null, fn: () => Promise<T>): Promise<T> {
      await client.query("SELECT set_config('app.tenant_id', $1, true)", [tenantId ?? '']);
      return fn();
    },
  };
}
