/** Proofs for whoever asks: that an event is in the log, and that a log begins with an earlier one. */
import type { Context } from '#kernel/context.ts';
import {
  AuditEventNotSequenced,
  AuditLeafNotCovered,
  AuditSizeUnknown,
  AuditTreeDamaged,
} from './audit.errors.ts';
import { getAuditEvent } from './audit.queries.ts';
import {
  type CheckpointRow,
  currentCheckpoint,
  latestCheckpoint,
} from './audit-checkpoints.store.ts';
import {
  consistencyFormula,
  inclusionFormula,
  overTiles,
  rootFormula,
  TilesDamaged,
} from './audit-proofs.ts';
import { isWhole, readTree } from './audit-tree.store.ts';

export interface InclusionProof {
  readonly tenantId: string;
  readonly leafIndex: number;
  readonly leafHash: Buffer;
  readonly size: number;
  readonly root: Buffer;
  readonly hashes: readonly Buffer[];
  /** The one that says this root; null when none was signed of this size. */
  readonly checkpoint: CheckpointRow | null;
}

export interface ConsistencyProof {
  readonly tenantId: string;
  readonly from: number;
  readonly to: number;
  readonly hashes: readonly Buffer[];
}

/** Null when the tenant has no such event. `size`: of the tree to prove it in; the current checkpoint's unless told. */
export async function proveInclusion(
  ctx: Context,
  eventId: string,
  size: number | null,
): Promise<InclusionProof | null> {
  const { db, tenantId } = ctx;
  const leaf = await leafOf(ctx, eventId);
  if (!leaf) {
    if (await getAuditEvent(ctx, eventId)) throw new AuditEventNotSequenced();
    return null;
  }
  const checkpoint =
    size === null
      ? await currentCheckpoint(ctx, tenantId)
      : await latestCheckpoint(ctx, tenantId, await knownSize(ctx, 'size', 1, size));
  const of = size ?? checkpoint?.size ?? 0;
  if (leaf.index >= of) throw new AuditLeafNotCovered(leaf.index, of);
  const [hashes, root] = await Promise.all([
    overTiles(db, tenantId, inclusionFormula(leaf.index, of)),
    overTiles(db, tenantId, rootFormula(of)),
  ]).catch(damaged);
  if (checkpoint && !checkpoint.root.equals(root)) throw new AuditTreeDamaged();
  return {
    tenantId,
    leafIndex: leaf.index,
    leafHash: leaf.hash,
    size: of,
    root,
    hashes,
    checkpoint,
  };
}

/** `to`: the size of the later tree; the current checkpoint's unless told. */
export async function proveConsistency(
  ctx: Context,
  from: number,
  to: number | null,
): Promise<ConsistencyProof> {
  const { db, tenantId } = ctx;
  const later =
    to === null ? (await currentCheckpoint(ctx, tenantId)).size : await knownSize(ctx, 'to', 1, to);
  if (!Number.isInteger(from) || from < 1 || from > later)
    throw new AuditSizeUnknown('from', 1, later);
  const hashes = await overTiles(db, tenantId, consistencyFormula(from, later)).catch(damaged);
  return { tenantId, from, to: later, hashes };
}

function damaged(error: unknown): never {
  throw error instanceof TilesDamaged ? new AuditTreeDamaged() : error;
}

async function knownSize(ctx: Context, name: string, least: number, size: number): Promise<number> {
  const { db, tenantId } = ctx;
  const tree = await readTree(db, tenantId);
  if (!isWhole(tree)) throw new AuditTreeDamaged();
  if (!Number.isInteger(size) || size < least || size > tree.size)
    throw new AuditSizeUnknown(name, least, tree.size);
  return size;
}

async function leafOf({ db, tenantId }: Context, eventId: string) {
  const [row] = await db.query<{ index: string; hash: Buffer }>(
    'SELECT leaf_index::text AS index, leaf_hash AS hash FROM audit_leaves WHERE tenant_id = $1 AND event_id = $2',
    [tenantId, eventId],
  );
  return row ? { index: Number(row.index), hash: row.hash } : null;
}
