/**
 * Now and then every tenant is looked at: a tree that grew while nobody remembered it is signed, and a
 * note that did not reach its file does. What a process that died had in hand is so not lost.
 */
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
    const [row] = await home.db.query<{ size: string; signed: string }>(SIZES, [tenantId]);
    if (!row) return;
    if (Number(row.size) > Number(row.signed)) due(tenantId);
    if (home.config.auditCheckpointsDir) await lookAtFile(home, tenantId, Number(row.signed));
  });
}

async function lookAtFile(home: CheckpointHome, tenantId: string, signed: number): Promise<void> {
  const key = await auditKey(home, tenantId);
  const copied = await lastCopied(home, tenantId, key);
  if (copied === null) return;
  if (copied.size > signed) forgotten(home, tenantId, copied, signed);
  if (copied.size < signed) await copyNotes(home, tenantId, key);
}

const SIZES = `
SELECT t.size::text, coalesce((SELECT c.size FROM audit_checkpoints c WHERE c.tenant_id = t.tenant_id
  ORDER BY c.size DESC LIMIT 1), 0)::text AS signed
FROM audit_trees t WHERE t.tenant_id = $1 AND t.size > 0`;
