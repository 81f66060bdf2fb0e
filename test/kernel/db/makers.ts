import { randomUUID } from 'node:crypto';
import type { Database } from '#kernel/db/database.ts';

/** Rows made by plain SQL, without any of the features. Return the id. */
export async function makeTenant(db: Database): Promise<string> {
  const id = randomUUID();
  await db.inTenant(id, () =>
    db.execute('INSERT INTO tenants (id, slug, issuer, name) VALUES ($1, $2, $2, $2)', [
      id,
      `t-${id}`,
    ]),
  );
  return id;
}

export async function makeUser(db: Database, tenantId: string): Promise<string> {
  const id = randomUUID();
  await db.inTenant(tenantId, () => insertUser(db, tenantId, id));
  return id;
}

/** In the name of whoever calls. */
export function insertUser(db: Database, tenantId: string, id: string): Promise<number> {
  return db.execute(
    'INSERT INTO users (tenant_id, id, email, email_key, display_name, name_key) VALUES ($1, $2, $3, $3, $4, $4)',
    [tenantId, id, `${id}@example.com`, `user ${id}`],
  );
}
