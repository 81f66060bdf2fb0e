/**
 * Checkpoints outside the database: one file a tenant, one note after the other, an empty line between
 * two. Whoever rewrites the database does not rewrite these, if they lie where only this process
 * appends.
 */
import { appendFile, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeId } from '#kernel/ids.ts';

/** Enough for some dozen notes. */
const TAIL_BYTES = 16_384;

/** One write in append mode: two processes do not mix their notes. Makes the folder. */
export async function appendCheckpoints(
  folder: string,
  tenantId: string,
  notes: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = notes.map((note) => `${note}\n`).join('');
  await appendFile(fileOf(folder, tenantId), text, { mode: 0o640, flush: true });
}

/** The last notes, none when there is no file. Throws when it may not be read. */
export async function lastCheckpoints(folder: string, tenantId: string): Promise<string[]> {
  const file = await open(fileOf(folder, tenantId), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, from);
    const text = buffer.subarray(0, bytesRead).toString();
    return text.match(/[^\n]+\n\d+\n[^\n]+\n\n\u2014 [^\n]+\n/g) ?? [];
  } finally {
    await file.close();
  }
}

function fileOf(folder: string, tenantId: string): string {
  return join(folder, `${encodeId('tenant', tenantId)}.checkpoints`);
}
