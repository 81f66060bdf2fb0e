/**
 * The checkpoints outside the database and those in it: the file gets whatever it lacks, and says what
 * the database has forgotten.
 */
import type { Config } from '#kernel/config.ts';
import type { Services } from '#kernel/context.ts';
import type { AuditKey } from './audit-keys.store.ts';
import { appendCheckpoints, lastCheckpoints } from './checkpoint-file.ts';
import { saidBy } from './signed-note.ts';

type Home = Pick<Services, 'db' | 'log'> & {
  readonly config: Pick<Config, 'auditCheckpointsDir'>;
};

/** What the file says last of the tenant's log; `size` -1 where there is no note in it. */
export interface Copied {
  readonly size: number;
  readonly root: Buffer;
}

const NOTHING: Copied = { size: -1, root: Buffer.alloc(0) };
/** In one write. */
const PAGE = 500;

/** Null where no file is kept, or it may only be appended to. */
export async function lastCopied(
  { config, log }: Home,
  tenantId: string,
  key: AuditKey,
): Promise<Copied | null> {
  if (!config.auditCheckpointsDir) return null;
  try {
    const notes = await lastCheckpoints(config.auditCheckpointsDir, tenantId);
    const said = notes.map((note) => saidBy(key, note)).filter((one) => one !== null);
    return said.reduce<Copied>((most, one) => (one.size > most.size ? one : most), NOTHING);
  } catch (error) {
    log.warn(
      { err: error, tenant: tenantId },
      'the checkpoints in AUDIT_CHECKPOINTS_DIR cannot be read',
    );
    return null;
  }
}

/** What an operator is told: it is not mended by waiting. */
export function forgotten({ log }: Home, tenant: string, copied: Copied, size: number): void {
  log.error(
    { tenant, size, signed: copied.size },
    "the database was restored to a state before a checkpoint in AUDIT_CHECKPOINTS_DIR; events since are lost, and nothing is signed until the tenant's file there is moved away",
  );
}

/** Appends what is stored and not in the file; `fresh` alone where that cannot be told. */
export async function copyNotes(
  home: Home,
  tenantId: string,
  key: AuditKey,
  fresh: string | null = null,
): Promise<void> {
  const { db, config } = home;
  const folder = config.auditCheckpointsDir;
  if (!folder) return;
  const last = await lastCopied(home, tenantId, key);
  if (last === null) {
    if (fresh !== null) await appendCheckpoints(folder, tenantId, [fresh]);
    return;
  }
  for (let { size } = last, more = true; more; ) {
    const notes = await db.inTenant(tenantId, () =>
      db.query<{ size: string; note: string }>(LACKING, [tenantId, size]),
    );
    if (notes.length > 0)
      await appendCheckpoints(
        folder,
        tenantId,
        notes.map(({ note }) => note),
      );
    size = Number(notes.at(-1)?.size);
    more = notes.length === PAGE;
  }
}

const LACKING = `
SELECT size::text, note FROM audit_checkpoints WHERE tenant_id = $1 AND size > $2 ORDER BY size LIMIT ${PAGE}`;
