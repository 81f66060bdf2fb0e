/** A mail server on loopback that keeps what it gets, and can be told to refuse, to hang and to go away. */
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface Received {
  /** Of the envelope: who really got it. */
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly mail: ParsedMail;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** Who logged in. */
  readonly user: unknown;
}

export interface SmtpSink {
  readonly port: number;
  readonly received: Received[];
  /** The SMTP_URL and what it needs beside it, for a house without TLS. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers this to the command, or to the message (`DATA`); null: takes everything. */
  refuse: { readonly at: 'RCPT' | 'DATA'; readonly code: number; readonly text: string } | null;
  /** Takes the next message and closes without a word: the sender cannot know. */
  swallow: boolean;
  /** Goes away; whoever is connected is cut off. */
  close(): Promise<void>;
  /** Comes back at the same port. */
  open(): Promise<void>;
}

export async function openSink(options: SMTPServerOptions = PLAIN): Promise<SmtpSink> {
  let server: SMTPServer | null = null;
  const sink = {
    port: 0,
    received: [] as Received[],
    refuse: null as SmtpSink['refuse'],
    swallow: false,
    get env() {
      return {
        SMTP_URL: `smtp://127.0.0.1:${sink.port}?tls=none`,
        SMTP_ALLOW: `127.0.0.1:${sink.port}`,
        MAIL_FROM: 'Signet <no-reply@signet.test>',
      };
    },
    async close() {
      const closing = server;
      server = null;
      if (closing) await new Promise<void>((done) => closing.close(done));
    },
    async open() {
      server = listener(sink, options);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      server.once('error', reject);
      const listening = server.listen(sink.port, '127.0.0.1', resolve);
      await promise;
      server.on('error', () => undefined);
      sink.port = (listening.address() as AddressInfo).port;
    },
  };
  await sink.open();
  return sink;
}

const PLAIN: SMTPServerOptions = { authOptional: true, disabledCommands: ['STARTTLS'] };

function listener(sink: SmtpSink, options: SMTPServerOptions): SMTPServer {
  const server: SMTPServer = new SMTPServer({
    ...options,
    disableReverseLookup: true,
    closeTimeout: 50,
    onRcptTo: (_address, _session, done) => done(refusal(sink, 'RCPT')),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const refused = refusal(sink, 'DATA');
        if (refused) return done(refused);
        const raw = Buffer.concat(chunks);
        sink.received.push({
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw: raw.toString(),
          mail: await simpleParser(raw),
          secure: session.secure,
          user: session.user,
        });
        if (!sink.swallow) return done();
        sink.swallow = false;
        for (const connection of server.connections) connection._socket.destroy();
      });
    },
  });
  return server;
}

function refusal({ refuse }: SmtpSink, at: 'RCPT' | 'DATA'): Error | null {
  if (refuse?.at !== at) return null;
  return Object.assign(new Error(refuse.text), { responseCode: refuse.code });
}
