/** Mailers as the environment makes them, and what they are given to send. */
import { Writable } from 'node:stream';
import { afterEach } from 'vitest';
import { loadConfig } from '#kernel/config.ts';
import { createLog } from '#kernel/log.ts';
import type { MailNotSent } from '#kernel/mail/mail-not-sent.ts';
import type { MailTimes } from '#kernel/mail/smtp-mailer.ts';
import { createMailer, type Mail, type Mailer } from '#kernel/mail.ts';
import { guardedConnect } from '#kernel/outbound-socket.ts';

/** A mailer until the end of the test, and the lines that it logs. */
export function mailerOf(
  env: Record<string, string>,
  connect = guardedConnect(),
  times: MailTimes = { connect: 5_000, silence: 5_000, whole: 10_000 },
): Mailer & { readonly log: readonly string[] } {
  const log: string[] = [];
  const lines = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      log.push(line);
      done();
    },
  });
  const config = loadConfig({ PUBLIC_URL: 'https://id.signet.test', ...env });
  const made = createMailer(config, createLog({ level: 'debug' }, lines), connect, times);
  open.push(made);
  return { ...made, log };
}

/** For servers that never answer. */
export const BRIEF: MailTimes = { connect: 300, silence: 300, whole: 600 };
const open: Mailer[] = [];

/** Call it at the top level of the file. */
export function closeMailers(): void {
  afterEach(() => {
    for (const mailer of open.splice(0)) mailer.close();
  });
}

let made = 0;

export function mail(change: Partial<Mail> = {}): Mail {
  made += 1;
  return {
    to: { name: 'Ada Lovelace', address: 'ada@example.com' },
    subject: 'Grüße',
    text: 'Hello\n',
    html: '<p>Hello</p>',
    messageId: `message-${made}`,
    ...change,
  };
}

/** Why it was not sent; an error when it was. */
export function failure(sending: Promise<void>): Promise<MailNotSent> {
  return sending.then(
    () => Promise.reject(new Error('it was sent')),
    (error: MailNotSent) => error,
  );
}
