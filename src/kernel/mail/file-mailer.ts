/** Messages as files, for trying things out: they hold links and codes, so only their owner reads them. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Mailbox } from '#kernel/config-mail.ts';
import type { Log } from '#kernel/log.ts';
import type { Mailer } from '#kernel/mail.ts';
import { compose } from './compose.ts';

export function fileMailer(dataDir: string, from: Mailbox, log: Log): Mailer {
  const folder = join(dataDir, 'mail');
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    async send(mail) {
      const { message } = await transport.sendMail(compose(mail, from));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(folder, 0o700);
      // Whole or not at all; an attempt that is repeated writes the same file.
      const file = join(folder, `${mail.messageId}.eml`);
      const draft = `${file}.${randomBytes(4).toString('hex')}`;
      try {
        await writeFile(draft, message as Buffer, { mode: 0o600, flag: 'wx' });
        await rename(draft, file);
      } finally {
        await rm(draft, { force: true });
      }
      log.info({ file }, 'a message was written');
    },
    close: () => undefined,
  };
}
