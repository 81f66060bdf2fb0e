/** What the owner of the database does who has taken the audit log's triggers away. */
import type { Instance } from './house.ts';
import type { MadeTenant } from './make.ts';
import { asOwner, rows } from './stored.ts';

const TABLES = ['audit_events', 'audit_leaves', 'audit_tiles', 'audit_trees', 'audit_checkpoints'];

export async function tamper(
  house: Instance,
  tenant: Pick<MadeTenant, 'uuid'>,
  ...statements: string[]
): Promise<void> {
  const partitions = await rows<{ name: string }>(
    house,
    tenant.uuid,
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_events'::regclass",
  );
  const all = [...TABLES, ...partitions.map(({ name }) => name)];
  const triggers = (state: string) =>
    all.map((table) => `ALTER TABLE ${table} ${state} TRIGGER ALL`);
  await asOwner(
    house,
    tenant.uuid,
    ...triggers('DISABLE'),
    ...statements,
    ...triggers('ENABLE'),
    // ENABLE alone makes an ALWAYS trigger one that a replica's session passes by.
    ...(await always(house, tenant.uuid, all)),
  );
}

async function always(house: Instance, tenantId: string, tables: string[]): Promise<string[]> {
  const found = await rows<{ table: string; trigger: string }>(
    house,
    tenantId,
    `SELECT tgrelid::regclass::text AS "table", tgname AS trigger FROM pg_trigger
     WHERE tgenabled = 'A' AND tgrelid = ANY ($1::text[]::regclass[])`,
    [tables],
  );
  return found.map(({ table, trigger }) => `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${trigger}`);
}

/** Takes a tile's hashes and the frontier away; answers how to put them back. */
export async function damageTree(
  house: Instance,
  tenant: MadeTenant,
): Promise<() => Promise<void>> {
  // The embedded database's owner sees the rows of all tenants.
  const own = `tenant_id = '${tenant.uuid}'`;
  const [tile] = await rows<{ hex: string }>(
    house,
    tenant.uuid,
    "SELECT encode(hashes, 'hex') AS hex FROM audit_tiles WHERE level = 0 AND tile_index = 0",
  );
  const [tree] = await rows<{ hex: string }>(
    house,
    tenant.uuid,
    "SELECT encode(frontier, 'hex') AS hex FROM audit_trees",
  );
  await tamper(
    house,
    tenant,
    `UPDATE audit_tiles SET hashes = substring(hashes FROM 1 FOR 32) WHERE level = 0 AND ${own}`,
    `UPDATE audit_trees SET frontier = '' WHERE ${own}`,
  );
  return () =>
    tamper(
      house,
      tenant,
      `UPDATE audit_tiles SET hashes = '\\x${tile?.hex}' WHERE level = 0 AND ${own}`,
      `UPDATE audit_trees SET frontier = '\\x${tree?.hex}' WHERE ${own}`,
    );
}
