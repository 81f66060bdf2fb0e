/** What the owner of the database does to the audit log who has taken its triggers away. */
import type { House } from './house.ts';
import type { MadeTenant } from './make.ts';
import { asOwner, rows } from './stored.ts';

const TABLES = ['audit_events', 'audit_leaves', 'audit_tiles', 'audit_trees', 'audit_checkpoints'];

export async function tamper(
  house: House,
  { uuid }: MadeTenant,
  ...statements: string[]
): Promise<void> {
  const partitions = await rows<{ name: string }>(
    house,
    uuid,
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_events'::regclass",
  );
  const tables = [...TABLES, ...partitions.map(({ name }) => name)];
  const triggers = (state: string) =>
    tables.map((table) => `ALTER TABLE ${table} ${state} TRIGGER ALL`);
  await asOwner(house, uuid, ...triggers('DISABLE'), ...statements, ...triggers('ENABLE'));
}
