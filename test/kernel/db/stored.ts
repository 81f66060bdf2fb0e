/**
 * A database that holds the shipped migrations and nothing else, reached without the program's own
 * database layer: what is stored is tested here, not how it is used. The migrations run as a plain
 * owner, not as a superuser: always in memory; on PostgreSQL too when TEST_DATABASE_URL names one.
 */
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { migrationFiles } from '#prisma/stored-files.ts';
import { postgres, serverUrl } from './homes.ts';

export type Row = Record<string, unknown>;

export interface Stored {
  /** Rows of one statement. */
  rows<R extends object = Row>(text: string, values?: unknown[]): Promise<R[]>;
  /** Any number of statements, without values; rows of the last. */
  script(text: string): Promise<Row[]>;
  /** Until the next call: the owner, or the run-time role speaking for a tenant. */
  actAs(role: 'owner' | 'signet_app', tenant?: string): Promise<void>;
  close(): Promise<void>;
}

/** Ids to tell apart at a glance: tenants a and b, and things of theirs. */
export const A = '0193a000-0000-7000-8000-00000000000a';
export const B = '0193a000-0000-7000-8000-00000000000b';
export const PLATFORM = '00000000-0000-7000-8000-000000000001';

export function thing(n: number): string {
  return `0193a000-0000-7000-9000-${n.toString(16).padStart(12, '0')}`;
}

export const storedHomes: { name: string; open: () => Promise<Stored> }[] = [
  { name: 'PGlite', open: inMemory },
  ...(serverUrl ? [{ name: 'PostgreSQL', open: () => onServer(serverUrl as string) }] : []),
];

/** Two tenants, made by the run-time role as the program does it. */
export async function makeTenants(db: Stored): Promise<void> {
  for (const [id, slug] of [
    [A, 'a'],
    [B, 'b'],
  ] as const) {
    await db.actAs('signet_app', id);
    await db.rows(
      "INSERT INTO tenants (id, slug, issuer, name) VALUES ($1, $2, 'https://x/t/' || $2, $2)",
      [id, slug],
    );
  }
}

export async function addUser(
  db: Stored,
  tenant: string,
  id: string,
  email: string,
): Promise<void> {
  await db.rows(
    'INSERT INTO users (tenant_id, id, email, email_key) VALUES ($1, $2, $3::text, lower($3))',
    [tenant, id, email],
  );
}

/** One column of some rows. */
export function column(rows: Row[], name: string): unknown[] {
  return rows.map((row) => row[name]);
}

async function inMemory(): Promise<Stored> {
  const lite = await PGlite.create();
  await lite.exec(`CREATE ROLE signet_owner LOGIN CREATEROLE; ALTER DATABASE postgres OWNER TO signet_owner;
    SET SESSION AUTHORIZATION signet_owner`);
  return migrated({
    rows: async <R extends object>(text: string, values?: unknown[]) =>
      (await lite.query<R>(text, values)).rows,
    script: async (text) => ((await lite.exec(text)).at(-1)?.rows as Row[] | undefined) ?? [],
    close: () => lite.close(),
  });
}

async function onServer(url: string): Promise<Stored> {
  const { config, remove } = await postgres('session', url).create();
  const client = new pg.Client({ connectionString: config.databaseUrl });
  await client.connect();
  return migrated({
    rows: async <R extends object>(text: string, values?: unknown[]) =>
      (await client.query(text, values ?? [])).rows as R[],
    script: async (text) => {
      const results: pg.QueryResult<Row> | pg.QueryResult<Row>[] = await client.query<Row>(text);
      return (Array.isArray(results) ? results.at(-1)?.rows : results.rows) ?? [];
    },
    close: async () => {
      await client.end();
      await remove();
    },
  });
}

async function migrated(session: Omit<Stored, 'actAs'>): Promise<Stored> {
  for (const { sql } of migrationFiles()) await session.script(`BEGIN;\n${sql}\n;COMMIT;`);
  return {
    ...session,
    async actAs(role, tenant = '') {
      await session.script(role === 'owner' ? 'RESET ROLE' : `SET ROLE ${role}`);
      await session.rows("SELECT set_config('app.tenant_id', $1, false)", [tenant]);
    },
  };
}
