#!/usr/bin/env node
/**
 * `signet audit verify`: an export of the audit log against a signed checkpoint, without the server.
 * Ends with 0 when everything is as it was signed, 1 when it is not, 2 when it could not be told.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { CheckpointError, splitCheckpoints } from './checkpoint.ts';
import { printable } from './printable.ts';
import { type AuditReport, verifyAuditExport } from './verify-export.ts';

const USAGE = `Use: signet audit verify EXPORT CHECKPOINT [--key KEY] [--earlier FILE]...

  EXPORT      the exported events, NDJSON; a name that ends in .gz is unpacked, - is the standard input
  CHECKPOINT  the signed note that covers them; of a file with several the last one counts, the others are earlier ones
  --key       the log's verifier key (name+id+key), or a file that holds it
  --earlier   a note, or several, that you kept from before; the log must begin with them`;

/** Could not be told: how it was called, or what could not be read. */
class CannotTell extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  const [noun, verb, exported, note, ...more] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (noun !== 'audit' || verb !== 'verify' || !exported || !note || more.length > 0)
    throw new CannotTell(USAGE);
  const notes = await notesIn(note);
  const earlier = await Promise.all((values.earlier ?? []).map(notesIn));
  const kept = [...notes.slice(0, -1), ...earlier.flat()];
  const report = await verifyAuditExport(bytesOf(exported), {
    checkpoint: notes.at(-1) ?? '',
    earlier: kept,
    key: values.key === undefined ? undefined : await keyIn(values.key),
  });
  tell(report);
  if (kept.length > 0)
    console.log(`${report.earlierCompared} of ${kept.length} earlier checkpoints were compared`);
  return report.verified ? 0 : 1;
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        earlier: { type: 'string', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new CannotTell(`${messageOf(error)}\n${USAGE}`);
  }
}

function tell({ verified, events, checkpoint, signatureChecked, problems }: AuditReport): void {
  for (const { code, message, line, leafIndex, eventId } of problems) {
    const where = [
      line === undefined ? '' : `line ${line}`,
      leafIndex === undefined ? '' : `leaf ${leafIndex}`,
      printable(eventId ?? ''),
    ].filter(Boolean);
    console.log([code, where.join(', '), printable(message)].filter(Boolean).join(': '));
  }
  const of = `${events} events, checkpoint of ${checkpoint.size} leaves of ${printable(checkpoint.origin)}`;
  console.log(verified ? `verified: ${of}` : `NOT VERIFIED: ${of}`);
  if (!signatureChecked)
    console.log(
      'The signature of the checkpoint was not checked, anybody could have written it: pass --key',
    );
}

async function notesIn(file: string): Promise<string[]> {
  const bytes = await readFile(file);
  try {
    if (!isUtf8(bytes)) throw new CheckpointError('CHECKPOINT_MALFORMED', 'The file is not UTF-8');
    const notes = splitCheckpoints(bytes.toString('utf8'));
    if (notes.length > 0) return notes;
    throw new CheckpointError('CHECKPOINT_MALFORMED', 'The file holds no checkpoint');
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    throw new CheckpointError(error.code, `${file}: ${error.message}`);
  }
}

async function keyIn(text: string): Promise<string> {
  // A blank one, such as of a variable that is not set, is no file and no key: it is refused as a key.
  return text.includes('+') || text.trim() === '' ? text : await readFile(text, 'utf8');
}

function bytesOf(file: string): AsyncIterable<Uint8Array> {
  if (file === '-') return process.stdin;
  const stream = createReadStream(file, { highWaterMark: 1 << 20 });
  if (!file.endsWith('.gz')) return stream;
  const unpacked = createGunzip({ chunkSize: 1 << 18 });
  stream.on('error', (error) => unpacked.destroy(error));
  return stream.pipe(unpacked);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const code = error instanceof CheckpointError ? `${error.code}: ` : '';
  // Our own lines are kept as lines; nothing else in them reaches the terminal as it is.
  const text = error instanceof CannotTell ? error.message : printable(messageOf(error));
  console.error(`${code}${text}`);
  process.exitCode = error instanceof CheckpointError ? 1 : 2;
}
