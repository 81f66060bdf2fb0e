/**
 * Checkpoints: what is said about a tenant's tree, signed, and never taken back. Before a new one is
 * signed the tree must still hold what the one before it said: a tree that was rewritten is not
 * signed.
 */
import type { Config } from '#kernel/config.ts';
import type { Services } from '#kernel/context.ts';
import { AuditTreeDamaged } from './audit.errors.ts';
import { type AuditKey, auditKey, openAuditKey } from './audit-keys.store.ts';
import { overTiles, rootFormula } from './audit-proofs.ts';
import { isWhole, readTree } from './audit-tree.store.ts';
import { rootOf } from './audit-tree.ts';
import { type Copied, copyNotes, forgotten, lastCopied } from './checkpoint-copies.ts';
import { checkpointNote } from './signed-note.ts';

export interface CheckpointHome extends Pick<Services, 'db' | 'vault' | 'clock' | 'log'> {
  readonly config: Pick<Config, 'publicUrl' | 'auditCheckpointsDir'>;
}

export interface CheckpointRow {
  readonly tenantId: string;
  readonly size: number;
  readonly root: Buffer;
  /** C2SP tlog-checkpoint. */
  readonly note: string;
  readonly createdAt: Date;
}

/** Of the tree as it is now: the one there is, or one that is signed now. Throws `AuditTreeDamaged`. */
export async function currentCheckpoint(
  home: CheckpointHome,
  tenantId: string,
): Promise<CheckpointRow> {
  const { db, log } = home;
  const current = () => db.inTenant(tenantId, () => readTree(db, tenantId));
  // What was said is read before what it was said of, each time: others sign and sequence meanwhile.
  const last = await latestCheckpoint(home, tenantId);
  const seen = await current();
  if (last?.size === seen.size && isWhole(seen) && last.root.equals(rootOf(seen))) return last;
  const key = await auditKey(home, tenantId);
  const copied = await lastCopied(home, tenantId, key);
  const tree = await current();
  if (copied && copied.size > tree.size) throw restored(home, tenantId, copied, tree.size);
  if (!isWhole(tree) || (last && last.size > tree.size)) throw damaged(home, tenantId, tree.size);
  const root = rootOf(tree);
  if (last?.size === tree.size && !last.root.equals(root)) throw damaged(home, tenantId, tree.size);
  const same = async (size: number, said: Buffer) =>
    said.equals(await overTiles(db, tenantId, rootFormula(size)));
  const whole = await Promise.all([
    same(tree.size, root),
    last ? same(last.size, last.root) : true,
    copied && copied.size >= 0 ? same(copied.size, copied.root) : true,
  ]).catch((error: unknown) => {
    log.error({ err: error, tenant: tenantId }, 'an audit tree could not be read');
    return [false];
  });
  if (whole.includes(false)) throw damaged(home, tenantId, tree.size);
  return sign(home, tenantId, key, { size: tree.size, root });
}

function damaged({ log }: CheckpointHome, tenant: string, size: number): AuditTreeDamaged {
  log.error({ tenant, size }, 'an audit tree is not whole, or not what was signed before');
  return new AuditTreeDamaged();
}

function restored(
  home: CheckpointHome,
  tenant: string,
  copied: Copied,
  size: number,
): AuditTreeDamaged {
  forgotten(home, tenant, copied, size);
  return new AuditTreeDamaged();
}

/** The current one; of a damaged tree the last that was signed, so that an export shows the damage. */
export async function coveringCheckpoint(
  home: CheckpointHome,
  tenantId: string,
): Promise<CheckpointRow> {
  try {
    return await currentCheckpoint(home, tenantId);
  } catch (error) {
    const last = error instanceof AuditTreeDamaged ? await latestCheckpoint(home, tenantId) : null;
    if (last) return last;
    throw error;
  }
}

/**
 * Of exactly the first `size` leaves, which may be fewer than there are: an earlier state of the tree,
 * said now. It goes to no file, where the last note counts as the newest. Throws `AuditTreeDamaged`.
 */
export async function checkpointOf(
  home: CheckpointHome,
  tenantId: string,
  size: number,
): Promise<CheckpointRow> {
  const newest = await currentCheckpoint(home, tenantId);
  if (newest.size === size) return newest;
  const root = await overTiles(home.db, tenantId, rootFormula(size));
  const known = await latestCheckpoint(home, tenantId, size);
  if (known && !known.root.equals(root)) throw new AuditTreeDamaged();
  const { publicUrl } = home.config;
  if (known) return known;
  const key = await auditKey(home, tenantId);
  return sign({ ...home, config: { publicUrl } }, tenantId, key, { size, root });
}

/** The last one that was signed; of exactly `size` leaves where that is given. */
export async function latestCheckpoint(
  { db }: Pick<CheckpointHome, 'db'>,
  tenantId: string,
  size: number | null = null,
): Promise<CheckpointRow | null> {
  const [row] = await db.inTenant(tenantId, () =>
    db.query<Omit<CheckpointRow, 'size'> & { size: string }>(LATEST, [tenantId, size]),
  );
  return row ? { ...row, size: Number(row.size) } : null;
}

async function sign(
  home: CheckpointHome,
  tenantId: string,
  key: AuditKey,
  said: { readonly size: number; readonly root: Buffer },
): Promise<CheckpointRow> {
  const { db, clock, log } = home;
  const note = checkpointNote(key, await openAuditKey(home, tenantId, key), said);
  const written = await db.inTenant(tenantId, () =>
    db.execute(WRITE, [tenantId, said.size, said.root, note, clock.now()]),
  );
  // Ed25519 signs alike every time: whoever was faster wrote the same note.
  if (written > 0)
    await copyNotes(home, tenantId, key, note).catch((error: unknown) =>
      log.error(
        { err: error, tenant: tenantId },
        'a checkpoint was not written to AUDIT_CHECKPOINTS_DIR; trying again later',
      ),
    );
  return (await latestCheckpoint(home, tenantId, said.size)) as CheckpointRow;
}

const LATEST = `
SELECT tenant_id AS "tenantId", size::text, root, note, created_at AS "createdAt" FROM audit_checkpoints
WHERE tenant_id = $1 AND ($2::bigint IS NULL OR size = $2) ORDER BY size DESC LIMIT 1`;

const WRITE = `
INSERT INTO audit_checkpoints (tenant_id, size, root, note, created_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`;
