/**
 * Now and then every tenant is looked at: a tree that grew while nobody remembered it is signed, and a
 * note that did not reach its file does. What a process that died had in hand is so not lost.
 */
import { Unavailable } from '#kernel/errors.ts';
import { eachTenant } from '#kernel/jobs/each-tenant.ts';
import type { CheckpointHome } from './audit-checkpoints.store.ts';
import { auditKey } from './audit-keys.store.ts';
import { copyNotes, forgotten, lastCopied } from './checkpoint-copies.ts';

/** `due` hears of the tenants whose tree is larger than what was signed. */
export async function goRound(
  home: CheckpointHome,
  signal: AbortSignal,
  due: (tenantId: string) => void,
): Promise<void> {
  await eachTenant(home.db, signal, async (tenantId) => {
    try {
      const sizes = await sizesOf(home, tenantId);
      if (sizes === null) return;
      if (sizes.size > sizes.signed) due(tenantId);
      if (home.config.auditCheckpointsDir) await lookAtFile(home, tenantId);
    } catch (error) {
      // A database that is away is away for the others too; a file is one tenant's.
      if (error instanceof Unavailable) throw error;
      home.log.error({ err: error, tenant: tenantId }, 'checkpoints of a tenant cannot be copied');
    }
  });
}

/** The file is read before the database, in which a note is stored before it is appended. */
async function lookAtFile(home: CheckpointHome, tenantId: string): Promise<void> {
  const key = await auditKey(home, tenantId);
  const copied = await lastCopied(home, tenantId, key);
  if (copied === null) return;
  const signed = (await sizesOf(home, tenantId))?.signed ?? 0;
  if (copied.size > signed) forgotten(home, tenantId, copied, signed);
  if (copied.size < signed) await copyNotes(home, tenantId, key);
}

/** Null where there is no tree, or an empty one. */
async function sizesOf(
  { db }: CheckpointHome,
  tenantId: string,
): Promise<{ readonly size: number; readonly signed: number } | null> {
  const [row] = await db.query<{ size: string; signed: string }>(SIZES, [tenantId]);
  return row ? { size: Number(row.size), signed: Number(row.signed) } : null;
}

const SIZES = `
SELECT t.size::text, coalesce((SELECT c.size FROM audit_checkpoints c WHERE c.tenant_id = t.tenant_id
  ORDER BY c.size DESC LIMIT 1), 0)::text AS signed
FROM audit_trees t WHERE t.tenant_id = $1 AND t.size > 0`;
