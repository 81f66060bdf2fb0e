/** Mail on its way out: by SMTP to a real server in this process, or as files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { simpleParser } from 'mailparser';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { guardedConnect } from '#kernel/outbound-socket.ts';
import { makeCertificate } from '../kit/certificate.ts';
import { openSink } from '../kit/smtp-sink.ts';
import { BRIEF, closeMailers, failure, mail, mailerOf as mailer } from './mailing.ts';

const sink = await openSink();
const certificate = makeCertificate('localhost');
const secured = await openSink({
  ...certificate,
  async onAuth({ username, password }, _session, done) {
    if (password === 'correct horse') done(null, { user: username });
    else done(new Error(`no password ${password} for ${username}`));
  },
});
const trusted = tls.getCACertificates('default');

closeMailers();
beforeEach(() => {
  sink.received.length = 0;
  secured.received.length = 0;
});
afterEach(() => {
  sink.refuse = null;
  tls.setDefaultCACertificates(trusted);
});
afterAll(async () => {
  await Promise.all([sink.close(), secured.close()]);
});

test('a message arrives as it was written, once, and says that a machine sent it', async () => {
  await mailer(sink.env).send(mail({ messageId: 'abc-1' }));
  const [received, ...more] = sink.received;
  expect(more).toEqual([]);
  expect(received).toMatchObject({ from: 'no-reply@signet.test', to: ['ada@example.com'] });
  expect(received?.mail).toMatchObject({ subject: 'Grüße', messageId: '<abc-1@signet.test>' });
  expect(received?.mail.text).toBe('Hello\n');
  expect(received?.mail.html).toBe('<p>Hello</p>');
  expect(received?.mail.from?.text).toBe('"Signet" <no-reply@signet.test>');
  expect(received?.mail.headers.get('auto-submitted')).toBe('auto-generated');
  expect(received?.raw).not.toMatch(/nodemailer/i);
});

test('connections are kept for the next message, and one that broke costs nothing', async () => {
  const sending = mailer(sink.env);
  for (let n = 0; n < 3; n += 1) await sending.send(mail());
  await sink.close();
  await sink.open();
  await sending.send(mail());
  expect(sink.received).toHaveLength(4);
});

test('STARTTLS, and a login after it', async () => {
  tls.setDefaultCACertificates([...trusted, certificate.cert]);
  const env = {
    SMTP_URL: `smtp://signet%40test:correct%20horse@localhost:${secured.port}`,
    SMTP_ALLOW: `localhost:${secured.port}`,
    MAIL_FROM: 'no-reply@signet.test',
  };
  await mailer(env).send(mail());
  expect(secured.received).toMatchObject([{ secure: true, user: 'signet@test' }]);
});

test('TLS from the first byte', async () => {
  tls.setDefaultCACertificates([...trusted, certificate.cert]);
  const implicit = await openSink({ ...certificate, secure: true, authOptional: true });
  await mailer({
    ...sink.env,
    SMTP_URL: `smtps://127.0.0.1:${implicit.port}`,
    SMTP_ALLOW: `127.0.0.1:${implicit.port}`,
  }).send(mail());
  expect(implicit.received).toMatchObject([{ secure: true }]);
  await implicit.close();
});

test('a certificate that nobody vouches for is refused, and so is a server without STARTTLS', async () => {
  const strangers = {
    SMTP_URL: `smtp://signet:correct%20horse@localhost:${secured.port}`,
    SMTP_ALLOW: `localhost:${secured.port},127.0.0.1:${sink.port}`,
    MAIL_FROM: 'no-reply@signet.test',
  };
  const unknown = await failure(mailer(strangers).send(mail()));
  expect(unknown.message).toContain('self-signed certificate');
  const bare = { ...strangers, SMTP_URL: `smtp://127.0.0.1:${sink.port}` };
  expect(await failure(mailer(bare).send(mail()))).toMatchObject({ permanent: false });
  expect([...sink.received, ...secured.received]).toEqual([]);
});

test('K04 a login that is refused names no password, and neither does a server without logins', async () => {
  tls.setDefaultCACertificates([...trusted, certificate.cert]);
  const at = (port: number, end = '') => ({
    SMTP_URL: `smtp://signet:wrong-battery@localhost:${port}${end}`,
    SMTP_ALLOW: `localhost:${port}`,
    MAIL_FROM: 'no-reply@signet.test',
  });
  const refused = await failure(mailer(at(secured.port)).send(mail()));
  expect(refused).toMatchObject({ permanent: false });
  expect(refused.message).toMatch(/^the mail server answered 535( 5\.7\.8)? to AUTH PLAIN$/);
  const mute = await openSink({ disabledCommands: ['STARTTLS', 'AUTH'], authOptional: true });
  const unasked = await failure(mailer(at(mute.port, '?tls=none')).send(mail()));
  expect(mute.received).toEqual([]);
  for (const { stack } of [refused, unasked]) expect(stack).not.toContain('wrong-battery');
  await mute.close();
});

test.each([
  ['RCPT', 550, 'no such user', true],
  ['RCPT', 550, '5.1.1 no such user', true],
  ['RCPT', 554, '5.7.1 relay access denied', false],
  ['RCPT', 451, '4.7.1 greylisted', false],
  ['DATA', 554, '5.6.0 not wanted', true],
  ['DATA', 452, 'no room', false],
  ['DATA', 421, 'closing', false],
] as const)(
  '%s %i %s: permanent %s; K04 without the address that the server repeats',
  async (at, code, text, permanent) => {
    const sending = mailer(sink.env);
    sink.refuse = { at, code, text: `${text}: ada@example.com` };
    const error = await failure(sending.send(mail()));
    expect(error).toMatchObject({ name: 'MailNotSent', permanent });
    expect(error.message).toMatch(new RegExp(`answered ${code}( [45]\\.\\d\\.\\d)? to `));
    expect(`${error.stack}${JSON.stringify(error)}`).not.toMatch(/ada@|no such user|greylisted/);
    expect(error.cause).toBeUndefined();
    sink.refuse = null;
    await sending.send(mail());
    expect(sink.received).toHaveLength(1);
  },
);

test('X24 a server that says nothing, or stops in the middle, is given up in time', async () => {
  const silent = net.createServer((socket) => socket.on('error', () => undefined));
  const chatty = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 chatty\r\n');
    const more = setInterval(() => socket.write('250-and\r\n'), 50);
    socket.on('close', () => clearInterval(more));
  });
  for (const server of [silent, chatty]) {
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as net.AddressInfo;
    const env = { ...sink.env, SMTP_URL: `smtp://127.0.0.1:${port}?tls=none` };
    const began = performance.now();
    const error = await failure(
      mailer({ ...env, SMTP_ALLOW: `127.0.0.1:${port}` }, guardedConnect(), BRIEF).send(mail()),
    );
    expect(error).toMatchObject({ permanent: false });
    expect(performance.now() - began).toBeLessThan(5_000);
    server.close();
  }
});

test('X24 a server that is away fails at once, and is tried anew for the next message', async () => {
  const sending = mailer(sink.env);
  await sink.close();
  expect((await failure(sending.send(mail()))).message).toContain('ECONNREFUSED');
  await sink.open();
  await sending.send(mail());
  expect(sink.received).toHaveLength(1);
});

test('H05 a private mail server is refused unless it is named', async () => {
  const { port } = sink;
  const connections = () => sink.received.length;
  for (const host of [
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '10.0.0.1',
    '169.254.169.254',
  ]) {
    const env = { ...sink.env, SMTP_URL: `smtp://${host}:${port}?tls=none`, SMTP_ALLOW: '' };
    expect((await failure(mailer(env).send(mail()))).message, host).toContain('is not public');
  }
  for (const answers of [['127.0.0.1'], ['3ffe::1', '10.0.0.1']]) {
    const env = { ...sink.env, SMTP_URL: `smtp://mail.example:${port}?tls=none`, SMTP_ALLOW: '' };
    const error = await failure(
      mailer(
        env,
        guardedConnect(async () => answers),
      ).send(mail()),
    );
    expect(error.message).toContain('is not public');
  }
  const local = { ...sink.env, SMTP_URL: `smtp://localhost:${port}?tls=none` };
  // Another port of the same host is another server.
  const other = { ...local, SMTP_ALLOW: `localhost:${port + 1}` };
  expect(await failure(mailer(other).send(mail()))).toMatchObject({ name: 'MailNotSent' });
  expect(connections()).toBe(0);
  await mailer({ ...local, SMTP_ALLOW: '', OUTBOUND_ALLOW: `localhost:${port}` }).send(mail());
  expect(connections()).toBe(1);
});

test('H05 a name is resolved once: what was checked is what is connected to', async () => {
  let asked = 0;
  const connect = guardedConnect(async () => {
    asked += 1;
    return asked === 1 ? ['3ffe::1'] : ['127.0.0.1'];
  });
  const env = { ...sink.env, SMTP_URL: `smtp://rebind.example:${sink.port}?tls=none` };
  await failure(mailer(env, connect, BRIEF).send(mail()));
  expect(sink.received).toEqual([]);
  expect(asked).toBeLessThanOrEqual(2);
});

test('A20 what we call ourselves comes from PUBLIC_URL', async () => {
  let name = '';
  const asking = await openSink({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onMailFrom(_address, session, done) {
      name = session.hostNameAppearsAs;
      done();
    },
  });
  await mailer(asking.env).send(mail());
  expect(name).toBe('id.signet.test');
  await asking.close();
});

test('without a mail server a message is a file for its owner, and the log names only the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-mail-'));
  const sending = mailer({ DATA_DIR: folder });
  expect(sending.log).toHaveLength(1);
  expect(sending.log[0]).toContain('SMTP_URL');
  const link = 'https://id.signet.test/t/acme/reset?token=canary-token';
  const message = mail({ text: link, html: `<p>${link}</p>`, messageId: 'file-1' });
  await sending.send(message);
  await sending.send(message);
  const at = join(folder, 'mail');
  expect(readdirSync(at)).toEqual(['file-1.eml']);
  expect(statSync(at).mode & 0o777).toBe(0o700);
  expect(statSync(join(at, 'file-1.eml')).mode & 0o777).toBe(0o600);
  const written = await simpleParser(readFileSync(join(at, 'file-1.eml')));
  expect(written).toMatchObject({ subject: 'Grüße', messageId: '<file-1@localhost>' });
  expect(written.text?.trim()).toBe(link);
  const lines = sending.log.join('');
  expect(lines).toContain('file-1.eml');
  expect(lines).not.toMatch(/ada@|canary|Ada/);
  await expect(sending.send(mail({ messageId: '../up' }))).rejects.toThrow('Message-ID');
  rmSync(folder, { recursive: true });
});
