/**
 * Verifies an export of the audit log against what the log signed: every line is hashed anew, the root
 * of all of them must be the checkpoint's. One pass, in memory that does not grow with the export.
 */
import { CheckpointError, checkpointReader } from './checkpoint.ts';
import { ExportCheck } from './export-check.ts';
import { linesOf } from './lines.ts';
import type { AuditReport } from './report.ts';

export interface VerifyExportOptions {
  /** The signed note that covers the export. That of its last line where none is given; then `key` must be. */
  readonly checkpoint?: string | undefined;
  /** The log's verifier key, `name+id+key`, from where you pinned it. An empty one is refused. */
  readonly key?: string | undefined;
  /** Notes that you kept from before; the log must begin with what they say. */
  readonly earlier?: readonly string[];
  /**
   * The leaf with which the export begins, where what stands before it has left by retention; 0 unless
   * told. Nothing is proved of the events before it, but that they were those that were signed.
   */
  readonly from?: number;
}

/**
 * `chunks`: the export's bytes, such as a file's stream; of several exports one behind the other. Throws
 * `CheckpointError` when a checkpoint itself is not to be believed, `TypeError` when there is none;
 * what is wrong with the events is in the report.
 */
export async function verifyAuditExport(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { checkpoint: note, key, earlier = [], from = 0 }: VerifyExportOptions,
): Promise<AuditReport> {
  if (note === undefined && key === undefined)
    throw new TypeError(
      'Give a checkpoint or the key: who wrote an export wrote its last line too',
    );
  if (!Number.isSafeInteger(from) || from < 0)
    throw new TypeError('from must be the index of a leaf: a whole number from 0 on');
  const open = checkpointReader(key);
  const given = note === undefined ? null : open(note);
  const check = new ExportCheck(from, given?.size ?? null, earlier.map(open), open);
  for await (const line of linesOf(chunks)) check.take(line);
  const { checkpoint: own } = check;
  if (given === null && own === null)
    throw new CheckpointError(
      'CHECKPOINT_MALFORMED',
      'The export has no last line with a checkpoint: it is not whole, or no NDJSON; get the rest of it, or give a checkpoint',
    );
  return { ...check.end(given ?? open(own ?? '')), signatureChecked: key !== undefined };
}
