/**
 * Retention: months of the audit log leave the database as archives, whole and the oldest first. A month
 * is dropped only after its archives were read back from the disk and make the root of the stored
 * tree; leaves, tiles and checkpoints stay, and with them every proof. Whatever it is killed in, it is
 * run again and goes on.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Unavailable } from '#kernel/errors.ts';
import { encodeId } from '#kernel/ids.ts';
import { archiveName, type Expected, readArchive, writeArchive } from './archive-file.ts';
import { type CheckpointHome, checkpointOf } from './audit-checkpoints.store.ts';
import { exportEnd, WRITERS } from './audit-export.formats.ts';
import { exportPages } from './audit-export.queries.ts';
import type { LeafRange } from './audit-export-page.ts';
import type { Month } from './audit-months.ts';
import { frontierFormula, overTiles } from './audit-proofs.ts';
import {
  type Archived,
  archivedTo,
  dropMonth,
  MonthChanged,
  type MonthShare,
  shareOf,
  storedMonths,
} from './audit-retention.store.ts';

export interface ArchiveHome extends CheckpointHome {
  /** Where archives are written: a folder a tenant. */
  readonly folder: string;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  readonly tenants: () => AsyncIterable<string>;
  /** Throws `ArchiveRefused` while somebody still waits for these events. */
  readonly mayLeave: (month: Month, shares: readonly MonthShare[]) => Promise<void>;
  readonly say: (line: string) => void;
}

/** Nothing of the month was dropped; the message says why and what to do. */
export class ArchiveRefused extends Error {
  override readonly name = 'ArchiveRefused';
}

/** Months that ended before `before`. Throws `ArchiveRefused`, `ArchiveWrong` or `AuditTreeDamaged`. */
export async function archiveMonths(home: ArchiveHome, before: Month): Promise<Month[]> {
  const months = (await storedMonths(home.db)).filter(({ name }) => name < before.name);
  const ends = new Map<string, number>();
  for (const month of months) await archiveMonth(home, month, ends);
  return months;
}

/** `ends`: where a tenant's archives of this run end, also those that a dry run only speaks of. */
async function archiveMonth(
  home: ArchiveHome,
  month: Month,
  ends: Map<string, number>,
): Promise<void> {
  const { db, say, dryRun } = home;
  const shares = await sharesOf(home, month);
  await home.mayLeave(month, shares);
  const archives: Archived[] = [];
  for (const { tenantId, events, end } of shares) {
    const from = Math.max(ends.get(tenantId) ?? 0, await archivedTo(db, tenantId));
    // All of them stand before the end of an earlier archive.
    if (end <= from) continue;
    const range = { from, to: end };
    const path = join(home.folder, encodeId('tenant', tenantId), archiveName(range));
    const sha256 = dryRun ? null : await archive(home, tenantId, range, path);
    const done = sha256 ? `, verified, SHA-256 ${sha256.toString('hex')}` : '';
    say(`${month.name}: ${events} events, leaves ${from} to ${end - 1}: ${path}${done}`);
    ends.set(tenantId, end);
    if (sha256) archives.push({ tenantId, ...range, sha256 });
  }
  const all = shares.reduce((sum, { events }) => sum + events, 0);
  if (!dryRun) await drop(home, month, shares, archives);
  say(`${month.name}: ${all} events ${dryRun ? 'would leave' : 'have left'} the database`);
}

async function sharesOf(home: ArchiveHome, month: Month): Promise<MonthShare[]> {
  const shares: MonthShare[] = [];
  for await (const tenantId of home.tenants()) {
    const share = await shareOf(home.db, tenantId, month);
    if (!share) continue;
    if (share.leaves < share.events)
      throw new ArchiveRefused(
        `${month.name}: ${share.events - share.leaves} events of ${encodeId('tenant', tenantId)} have no leaf in the tree yet; run a server with the role jobs for a moment, then this again`,
      );
    shares.push(share);
  }
  return shares;
}

/** Writes the file unless it is there, and reads it back. Answers its hash. */
async function archive(
  home: ArchiveHome,
  tenantId: string,
  range: LeafRange,
  path: string,
): Promise<Buffer> {
  const { db } = home;
  const [before, after] = await Promise.all([
    overTiles(db, tenantId, frontierFormula(range.from)),
    overTiles(db, tenantId, frontierFormula(range.to)),
  ]);
  const { note } = await checkpointOf(home, tenantId, range.to);
  const closing = WRITERS.NDJSON.end(exportEnd(range, false, note, before));
  const expected: Expected = { ...range, before, after, closing: closing.trimEnd() };
  if (!(await isThere(path))) await writeArchive(path, chunks(home, tenantId, range, closing));
  return readArchive(path, expected);
}

async function* chunks(
  { db }: ArchiveHome,
  tenantId: string,
  range: LeafRange,
  closing: string,
): AsyncGenerator<string, void, undefined> {
  for await (const page of exportPages({ db, tenantId }, range, null))
    yield WRITERS.NDJSON.page(
      page.map((event) => ({ event })),
      false,
    );
  yield closing;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: { code?: string }) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

const TRIES = 100;
const PAUSE_MS = 1_000;

/** Tries again while somebody reads or writes in the log just then. */
async function drop(
  { db, clock }: ArchiveHome,
  month: Month,
  shares: readonly MonthShare[],
  archives: readonly Archived[],
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await dropMonth(db, month, shares, archives, clock.now());
      return;
    } catch (error) {
      if (error instanceof MonthChanged)
        throw new ArchiveRefused(
          `${month.name}: ${error.message}; nothing was dropped, run it again`,
        );
      const { code } = (error as { cause?: { code?: string } }).cause ?? {};
      if (!(error instanceof Unavailable) || code !== LOCK_NOT_AVAILABLE) throw error;
      if (tries === TRIES)
        throw new ArchiveRefused(
          `${month.name}: the log was in use by long transactions all the time and nothing was dropped; run it again when it is quieter (pg_stat_activity shows them)`,
        );
    }
    await delay(PAUSE_MS);
  }
}

const LOCK_NOT_AVAILABLE = '55P03';
