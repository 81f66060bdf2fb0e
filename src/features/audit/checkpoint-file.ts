/**
 * Checkpoints outside the database: one file a tenant, one note after the other, an empty line between
 * two. Whoever rewrites the database does not rewrite these, if they lie where only this process
 * appends.
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeId } from '#kernel/ids.ts';

/** One write in append mode: two processes do not mix their notes. Makes the folder. */
export async function appendCheckpoint(
  folder: string,
  tenantId: string,
  note: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${encodeId('tenant', tenantId)}.checkpoints`);
  await appendFile(file, `${note}\n`, { mode: 0o640, flush: true });
}
