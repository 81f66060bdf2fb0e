/** What a PostgreSQL database holds of a tenant's users, and what its audit log says about them. */
import { openDatabase } from '#kernel/db/database.ts';
import { encodeId } from '#kernel/ids.ts';

export interface StoredUsers {
  /** Typed ids. */
  readonly users: ReadonlySet<string>;
  /** Targets of the creations in the audit log. */
  readonly audited: ReadonlySet<string>;
}

export async function storedUsers(databaseUrl: string, tenantId: string): Promise<StoredUsers> {
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const config = {
    databaseUrl,
    dataDir: '',
    databasePoolSize: 1,
    databasePooling: 'session',
  } as const;
  const db = await openDatabase(config, silent, { migrate: false });
  try {
    return await db.inTenant(tenantId, async () => {
      const users = await db.query<{ id: string }>('SELECT id FROM users');
      const audited = await db.query<{ target: string }>(
        `SELECT t.target FROM audit_targets t JOIN audit_events e ON e.tenant_id = t.tenant_id AND e.id = t.event_id
         WHERE e.type = 'user.create' AND e.result = 'SUCCESS'`,
      );
      return {
        users: new Set(users.map(({ id }) => encodeId('user', id))),
        audited: new Set(audited.map(({ target }) => target)),
      };
    });
  } finally {
    await db.close();
  }
}
