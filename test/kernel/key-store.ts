/** The two tables that the vault needs, in an engine of their own, without tenants' walls. */
import { PGlite } from '@electric-sql/pglite';
import type { KeyStore } from '#kernel/crypto/subject-salts.ts';

export async function openKeyStore(): Promise<{ engine: PGlite; store: KeyStore }> {
  const engine = await PGlite.create();
  await engine.exec(`
    CREATE TABLE data_keys (tenant_id uuid, id uuid, provider_kid text NOT NULL,
      wrapped bytea NOT NULL, created_at timestamptz(3) NOT NULL, PRIMARY KEY (tenant_id, id));
    CREATE TABLE subject_keys (tenant_id uuid, subject uuid, salt bytea NOT NULL,
      PRIMARY KEY (tenant_id, subject));`);
  const store: KeyStore = {
    async query<Row>(text: string, values: unknown[] = []) {
      const { rows } = await engine.query<Record<string, unknown>>(text, values);
      return rows.map(withBuffers) as Row[];
    },
    inTenant: (_, run) => run(),
  };
  return { engine, store };
}

function withBuffers(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? Buffer.from(value) : value,
  ]);
  return Object.fromEntries(entries);
}
