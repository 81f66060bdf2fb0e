/** Text messages as files, for trying things out: they hold codes, so only their owner reads them. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '#kernel/log.ts';
import type { SmsProvider } from '#kernel/sms.ts';

export function fileSms(dataDir: string, log: Log): SmsProvider {
  const folder = join(dataDir, 'sms');
  log.info({ folder }, 'text messages are written to files: SMS_URL names no gateway');
  return {
    async send({ to, text, id }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(folder, 0o700);
      // Whole or not at all; an attempt that is repeated writes the same file.
      const file = join(folder, `${id}.txt`);
      const draft = `${file}.${randomBytes(4).toString('hex')}`;
      try {
        await writeFile(draft, `To: ${to}\n\n${text}\n`, { mode: 0o600, flag: 'wx' });
        await rename(draft, file);
      } finally {
        await rm(draft, { force: true });
      }
      log.info({ file }, 'a text message was written');
    },
  };
}
