/**
 * Owns how a message leaves the process: by the operator's mail server or, where none is named, as
 * a file for whoever runs the process. What is written in it belongs to the features; that it goes
 * to one recipient and can be told apart from its own repetition is seen to here.
 */
import type { Config } from '#kernel/config.ts';
import type { Log } from '#kernel/log.ts';
import { guardedConnect } from '#kernel/outbound-socket.ts';
import { fileMailer } from './mail/file-mailer.ts';
import { type MailTimes, smtpMailer } from './mail/smtp-mailer.ts';

export interface Recipient {
  readonly name?: string | null | undefined;
  /** One address in its canonical form. It is never taken for a list. */
  readonly address: string;
}

export interface Mail {
  readonly to: Recipient;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** What stands before the @ of the Message-ID: the same for every attempt to send this message. */
  readonly messageId: string;
}

export interface Mailer {
  /** Resolves when the message was taken over. Throws `MailNotSent`. */
  send(mail: Mail): Promise<void>;
  /** Gives up what is being sent. */
  close(): void;
}

type MailConfig = Pick<
  Config,
  'nodeEnv' | 'smtpUrl' | 'smtpAllow' | 'mailFrom' | 'dataDir' | 'publicUrl' | 'outboundAllow'
>;

/** The sender of files, when nobody is named. */
const NOBODY = { name: 'Signet', address: 'signet@localhost' };

/** `connect` and `times` are replaced by tests. */
export function createMailer(
  config: MailConfig,
  log: Log,
  connect = guardedConnect(),
  times?: MailTimes,
): Mailer {
  const { smtpUrl: server, mailFrom: from = NOBODY } = config;
  if (!server) {
    const level = config.nodeEnv === 'production' ? 'warn' : 'info';
    log[level]('SMTP_URL names no mail server: messages are written to files');
    return fileMailer(config.dataDir, from, log);
  }
  const place = `${server.host}:${server.port}`;
  if (server.tls === 'none')
    log.warn({ server: place }, 'messages go to the mail server without encryption');
  return smtpMailer({
    server,
    from,
    clientName: new URL(config.publicUrl).hostname,
    connect,
    isOpen: config.smtpAllow.has(place) || config.outboundAllow.has(place),
    ...(times ? { times } : {}),
  });
}
