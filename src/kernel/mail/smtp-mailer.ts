/** Messages by SMTP (RFC 5321, 6409), over a few connections that are kept for the next message. */
import { createTransport, type SMTPPoolOptions } from 'nodemailer';
import type { Mailbox, SmtpServer } from '#kernel/config-mail.ts';
import type { Mailer } from '#kernel/mail.ts';
import { OutboundError } from '#kernel/outbound-addresses.ts';
import type { Connect } from '#kernel/outbound-socket.ts';
import { compose } from './compose.ts';
import { MailNotSent } from './mail-not-sent.ts';

/** In milliseconds. */
export interface MailTimes {
  /** Name and connection, and then greeting and TLS. */
  readonly connect: number;
  /** Without a word from the server. */
  readonly silence: number;
  /** One message, whatever the server does. */
  readonly whole: number;
}

interface SmtpHome {
  readonly server: SmtpServer;
  readonly from: Mailbox;
  /** What we call ourselves. */
  readonly clientName: string;
  readonly connect: Connect;
  /** Whether the server may be private. */
  readonly isOpen: boolean;
  readonly times?: MailTimes;
}

const TIMES: MailTimes = { connect: 5_000, silence: 10_000, whole: 30_000 };

export function smtpMailer(home: SmtpHome): Mailer {
  const times = home.times ?? TIMES;
  const transport = createTransport(poolOptions(home, times));
  return {
    async send(mail) {
      const message = compose(mail, home.from);
      try {
        await transport.sendMail({ ...message, signal: AbortSignal.timeout(times.whole) });
      } catch (error) {
        throw notSent(error as SmtpFailure);
      }
    },
    close: () => transport.close({ force: true }),
  };
}

function poolOptions(
  { server, clientName, connect, isOpen }: SmtpHome,
  times: MailTimes,
): SMTPPoolOptions & { pool: true } {
  const { host, port, tls, login } = server;
  return {
    pool: true,
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' },
    // A server that offers no login although we have one is not the server that was meant.
    ...(login ? { auth: { user: login.user, pass: login.password }, forceAuth: true } : {}),
    name: clientName,
    maxConnections: 5,
    // A connection that the server closed while it was idle costs one more attempt, not the message.
    maxRequeues: 1,
    idleTimeout: 60_000,
    connectionTimeout: times.connect,
    greetingTimeout: times.connect,
    socketTimeout: times.silence,
    socketCloseTimeout: 1_000,
    getSocket(_options, done) {
      connect({ host, port, isOpen, timeoutMs: times.connect }).then(
        (connection) => done(null, { connection }),
        (error: Error) => done(error, false),
      );
    },
  };
}

interface SmtpFailure extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

/** Failures of our own making: their text does not come from the server. */
const LOCAL = new Set(['ECONNECTION', 'ESOCKET', 'ETLS', 'ETIMEDOUT', 'EABORT', 'ENOAUTH']);

function notSent(error: SmtpFailure): MailNotSent {
  const { code = 'failed', command = '', response = '', responseCode } = error;
  if (error instanceof OutboundError)
    return new MailNotSent(`the mail server was not reached: ${error.message}`);
  if (responseCode === undefined) {
    const why = LOCAL.has(code) && !response ? `: ${error.message}` : '';
    return new MailNotSent(`the mail server did not take the message (${code})${why}`);
  }
  const [enhanced = ''] = /(?<=^\d{3}[ -])[245]\.\d{1,3}\.\d{1,3}(?= |$)/m.exec(response) ?? [];
  const said = [responseCode, enhanced].filter(Boolean).join(' ');
  return new MailNotSent(
    `the mail server answered ${said} to ${command || 'us'}`,
    ABOUT_MESSAGE.has(command) && responseCode >= 500 && !ABOUT_US.test(said),
  );
}

/** A 5yz reply to these is about the recipient or the message. Any other can be mended. */
const ABOUT_MESSAGE = new Set(['RCPT TO', 'DATA']);

/** A session that is out of order, and policy (RFC 3463 section 3.8), such as of a relay that does not know us. */
const ABOUT_US = /^503|^5\d\d 5\.7\./;
