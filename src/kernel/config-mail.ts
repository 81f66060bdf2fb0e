/** Owns what an operator can set about mail; part of the one shape in `config.ts`. */
import { hostPorts, read } from './config-values.ts';

/** A mail server that takes messages from us (RFC 6409). */
export interface SmtpServer {
  /** A name or an address; IPv6 in brackets, as in a URL. */
  readonly host: string;
  readonly port: number;
  /** From the first byte, by STARTTLS before anything else is said, or not at all. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly login: { readonly user: string; readonly password: string } | null;
}

/** One address and the name that is shown for it. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

const smtpUrl = read(
  smtpServer,
  'must be smtps://user:password@host:465 or smtp://user:password@host:587 (with STARTTLS; ?tls=none sends without encryption)',
);

const mailbox = read(mailboxOf, 'must be one address, such as Signet <no-reply@example.com>');

export const mailShape = {
  smtpUrl: smtpUrl
    .optional()
    .describe(
      'The mail server: `smtps://user:password@host:465`, or `smtp://user:password@host:587`, which must offer STARTTLS unless the URL ends with `?tls=none`. Absent: messages are written to `DATA_DIR/mail`.',
    ),
  smtpAllow: hostPorts
    .prefault('')
    .describe(
      'The `host:port` of `SMTP_URL`, if the mail server may be reached although it is private. Closed to URLs of tenants, unlike `OUTBOUND_ALLOW`, which counts too.',
    ),
  mailFrom: mailbox
    .optional()
    .describe(
      'Who sends: `Signet <no-reply@example.com>`, or an address alone. Required with `SMTP_URL`.',
    ),
};

type Given = { readonly [key in keyof typeof mailShape]?: string };

/** What is missing, one line each. */
export function mailContradictions({ smtpUrl, mailFrom }: Given): string[] {
  if (!smtpUrl || mailFrom) return [];
  return ['MAIL_FROM: must be set together with SMTP_URL, such as Signet <no-reply@example.com>'];
}

const DEFAULT_PORTS = { 'smtp:': 587, 'smtps:': 465 };

function smtpServer(value: string): SmtpServer | undefined {
  const url = URL.parse(value);
  if (url?.protocol !== 'smtp:' && url?.protocol !== 'smtps:') return undefined;
  // Only of a web URL does the parser read 0x7f.1 and 2130706433 as the address that they are.
  const host = URL.parse(`http://${url.hostname}/`)?.hostname;
  if (!host || !/^\/?$/.test(url.pathname) || url.hash) return undefined;
  const plain = url.protocol === 'smtp:' && url.search === '?tls=none';
  if (url.search && !plain) return undefined;
  const login = loginOf(url);
  if (login === undefined) return undefined;
  const port = Number(url.port || DEFAULT_PORTS[url.protocol]);
  if (port === 0) return undefined;
  return {
    host,
    port,
    tls: url.protocol === 'smtps:' ? 'implicit' : plain ? 'none' : 'starttls',
    login,
  };
}

/** Null without one; undefined for half of one. */
function loginOf(url: URL): SmtpServer['login'] | undefined {
  if (!url.username && !url.password) return null;
  if (!url.username || !url.password) return undefined;
  try {
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch {
    return undefined;
  }
}

const ADDRESS = /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@[a-z0-9-]+(\.[a-z0-9-]+)*$/i;

function mailboxOf(value: string): Mailbox | undefined {
  const [, quoted, plain, bracketed] =
    /^(?:"([^"\\\p{Cc}]*)"|([^"<>@,;:\\\p{Cc}]*))\s*<([^<>]*)>$/u.exec(value) ?? [];
  const address = bracketed ?? value;
  if (address.length > 254 || !ADDRESS.test(address)) return undefined;
  return { name: (quoted ?? plain ?? '').trim(), address };
}
