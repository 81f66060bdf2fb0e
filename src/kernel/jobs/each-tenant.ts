/** For sweeps: the tenants one by one, since nobody sees the rows of more than one. */
import type { Database } from '#kernel/db/database.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';

const PAGE = 500;

/** Runs `work` in the name of every tenant, deleted ones included; stops early when `signal` aborts. */
export async function eachTenant(
  db: Database,
  signal: AbortSignal,
  work: (tenantId: string) => Promise<unknown>,
): Promise<void> {
  for await (const id of allTenants(db)) {
    if (signal.aborted) return;
    await db.inTenant(id, () => work(id));
  }
}

/** Their uuids, deleted ones included. */
export async function* allTenants(db: Database): AsyncGenerator<string, void, undefined> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const page = await db.inTenant(PLATFORM_TENANT_ID, () =>
      db.query<{ id: string }>('SELECT id FROM tenants WHERE id > $1 ORDER BY id LIMIT $2', [
        after,
        PAGE,
      ]),
    );
    for (const { id } of page) yield id;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.id;
  }
}

/** Repeats a statement that writes at most `batch` rows until it finds fewer. Returns how many in all. */
export async function inBatches(
  batch: number,
  signal: AbortSignal,
  write: () => Promise<number>,
): Promise<number> {
  for (let all = 0; ; ) {
    const written = await write();
    all += written;
    if (written < batch || signal.aborted) return all;
  }
}
