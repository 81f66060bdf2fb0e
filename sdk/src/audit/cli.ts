#!/usr/bin/env node
/**
 * `signet audit verify`: an export of the audit log against a signed checkpoint, without the server.
 * Ends with 0 when everything is as it was signed, 1 when it is not, 2 when it could not be told.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { CheckpointError, splitCheckpoints } from './checkpoint.ts';
import { printable } from './printable.ts';
import type { AuditReport } from './report.ts';
import { verifyAuditExport } from './verify-export.ts';

const USAGE = `Use: signet audit verify EXPORT... [CHECKPOINT] [--key KEY] [--earlier FILE]... [--from LEAF]

  EXPORT      the exported events, NDJSON; a name that ends in .gz is unpacked, - is the standard input.
              Of several, archives of retention and what follows them, each goes on where the one before ended
  CHECKPOINT  the signed note that covers them; of a file with several the last one counts, the others are earlier
              ones. Without it that of the last line counts, and --key is needed
  --key       the log's verifier key (name+id+key), or a file that holds it
  --earlier   a note, or several, that you kept from before; the log must begin with them
  --from      the leaf with which the first EXPORT begins, where the archives before it are not at hand`;

/** Could not be told: how it was called, or what could not be read. */
class CannotTell extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  const [noun, verb, ...files] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (noun !== 'audit' || verb !== 'verify' || files.length === 0) throw new CannotTell(USAGE);
  const note = files.length > 1 && !(await isExport(files.at(-1) ?? '')) ? files.pop() : undefined;
  const notes = note === undefined ? [] : await notesIn(note);
  if (notes.length === 0 && values.key === undefined) throw new CannotTell(OWN_WORD);
  const earlier = await Promise.all((values.earlier ?? []).map(notesIn));
  const kept = [...notes.slice(0, -1), ...earlier.flat()];
  const report = await verifyAuditExport(bytesOf(files), {
    checkpoint: notes.at(-1),
    earlier: kept,
    key: values.key === undefined ? undefined : await keyIn(values.key),
    from: leafIn(values.from),
  });
  tell(report);
  if (kept.length > 0)
    console.log(`${report.earlierCompared} of ${kept.length} earlier checkpoints were compared`);
  return report.verified ? 0 : 1;
}

const OWN_WORD =
  'Without a CHECKPOINT that of the last line counts, which whoever wrote the file could have written: pass --key';

/** By its first byte: a note begins with the name of a log. */
async function isExport(file: string): Promise<boolean> {
  if (file === '-' || file.endsWith('.gz')) return true;
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, 0);
    return buffer.toString() === '{';
  } finally {
    await handle.close();
  }
}

function leafIn(text = '0'): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CannotTell(`--from: must be the index of a leaf, such as 1200\n${USAGE}`);
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        earlier: { type: 'string', multiple: true },
        from: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new CannotTell(`${messageOf(error)}\n${USAGE}`);
  }
}

function tell(report: AuditReport): void {
  const { verified, events, from, checkpoint, signatureChecked, problems } = report;
  for (const { code, message, line, leafIndex, eventId } of problems) {
    const where = [
      line === undefined ? '' : `line ${line}`,
      leafIndex === undefined ? '' : `leaf ${leafIndex}`,
      printable(eventId ?? ''),
    ].filter(Boolean);
    console.log([code, where.join(', '), printable(message)].filter(Boolean).join(': '));
  }
  const of = `${events} events, checkpoint of ${checkpoint.size} leaves of ${printable(checkpoint.origin)}`;
  const since = from > 0 ? ` from leaf ${from} on` : '';
  console.log(verified ? `verified${since}: ${of}` : `NOT VERIFIED: ${of}`);
  if (verified && from > 0)
    console.log(`The ${from} events before it were not looked at: pass their archives for that`);
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

/** One behind the other; a file may lack the end of its last line. */
async function* bytesOf(files: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const file of files) {
    yield* streamOf(file);
    yield LF;
  }
}

const LF = Buffer.from('\n');

function streamOf(file: string): AsyncIterable<Uint8Array> {
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
