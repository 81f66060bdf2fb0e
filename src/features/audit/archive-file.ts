/**
 * An archive as it lies in a folder: the lines of an NDJSON export, packed. It has its name only when it
 * is whole and on the disk; read back, it is held against the stored tree.
 */
import { createHash, hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { LeafRange } from './audit-export-page.ts';
import { grow, type Tree } from './audit-tree.ts';

/** The file is not what was to be archived: it was changed, or the log was. */
export class ArchiveWrong extends Error {
  override readonly name = 'ArchiveWrong';
}

/** Sorted by name, pieces are in their order. */
export function archiveName({ from, to }: LeafRange): string {
  const padded = (leaf: number) => String(leaf).padStart(12, '0');
  return `${padded(from)}-${padded(to)}.ndjson.gz`;
}

/** Makes the folder. Throws `ArchiveWrong` where a file begins with the same leaf and ends with another. */
export async function writeArchive(path: string, chunks: AsyncIterable<string>): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [beginning = ''] = basename(path).split('-');
  // Of a run that was killed.
  for (const name of await readdir(folder))
    if (name.endsWith(PART)) await rm(join(folder, name), { force: true });
    else if (name.startsWith(`${beginning}-`))
      throw new ArchiveWrong(
        `${join(folder, name)}: ends elsewhere than the archive that is to begin with the same leaf; a run that was killed left it before an event came late to its month, or it is of another installation`,
      );
  const draft = `${path}.${process.pid}${PART}`;
  // Flushed: a file that is not on the disk is no reason to drop anything.
  const file = createWriteStream(draft, { mode: 0o600, flush: true });
  await pipeline(Readable.from(chunks), createGzip(), file);
  await rename(draft, path);
}

const PART = '.part';

/** That a name is in the folder for good. */
async function synced(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

export interface Expected extends LeafRange {
  /** The roots of the perfect subtrees of the first `from` and of the first `to` leaves. */
  readonly before: readonly Buffer[];
  readonly after: readonly Buffer[];
  /** The line that closes it. */
  readonly closing: string;
}

/** Answers the hash of the file. Throws `ArchiveWrong`. */
export async function readArchive(path: string, expected: Expected): Promise<Buffer> {
  const { from, to, before, after, closing } = expected;
  // Also of a file that an earlier run wrote, and was killed.
  await synced(dirname(path));
  await synced(dirname(dirname(path)));
  let tree: Tree = { size: from, frontier: before };
  let closed = false;
  const wrong = (what: string) => new ArchiveWrong(`${path}: ${what}`);
  for await (const line of linesOf(unpacked(path, wrong))) {
    if (closed) throw wrong('goes on after the line that closes it');
    if (tree.size < to) tree = grow(tree, [leafOf(line, tree.size, wrong)]);
    else if (`${line}` === closing) closed = true;
    else throw wrong('is closed by another line than it must be');
  }
  if (!closed) throw wrong(`ends after leaf ${tree.size - 1}, without the line that closes it`);
  if (!Buffer.concat([...tree.frontier]).equals(Buffer.concat([...after])))
    throw wrong('its events do not have the root that the stored tree has at its end');
  const sha256 = createHash('sha256');
  await pipeline(createReadStream(path), sha256);
  return sha256.digest();
}

async function* unpacked(
  path: string,
  wrong: (what: string) => Error,
): AsyncGenerator<Buffer, void, undefined> {
  const packed = createReadStream(path);
  const chunks = createGunzip({ chunkSize: 1 << 18 });
  packed.on('error', (error) => chunks.destroy(error));
  try {
    for await (const chunk of packed.pipe(chunks)) yield chunk as Buffer;
  } catch (error) {
    const { code } = error as { code?: string };
    throw code?.startsWith('Z_') ? wrong('cannot be unpacked') : error;
  } finally {
    packed.destroy();
  }
}

/** RFC 9162 section 2.1.1, from nothing but the line. */
function leafOf(line: Buffer, index: number, wrong: (what: string) => Error): Buffer {
  const end = Math.max(line.lastIndexOf(',"leafIndex":'), 0);
  const leaf = hash(
    'sha256',
    Buffer.concat([Buffer.of(0), line.subarray(0, end), Buffer.from('}')]),
    'buffer',
  );
  const outside = `,"leafIndex":${index},"leafHash":"${leaf.toString('base64')}"}`;
  if (line.toString('utf8', end) !== outside)
    throw wrong(`leaf ${index} is missing, or its event is not the one that was sequenced`);
  return leaf;
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let start = 0;
    for (let end = all.indexOf(LF); end >= 0; end = all.indexOf(LF, start)) {
      yield all.subarray(start, end);
      start = end + 1;
    }
    rest = Buffer.from(all.subarray(start));
  }
  if (rest.length > 0) yield rest;
}

const LF = 0x0a;
