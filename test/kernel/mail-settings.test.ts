/** What an operator says about mail, and what is no answer. */
import { expect, test } from 'vitest';
import { loadConfig } from '#kernel/config.ts';
import { closeMailers, mailerOf } from './mailing.ts';

closeMailers();

test.each([
  ['SMTP_URL', 'http://mail.example:25'],
  ['SMTP_URL', 'smtp://:25'],
  ['SMTP_URL', 'smtp://mail.example:25/path'],
  ['SMTP_URL', 'smtp://mail.example:25?tls=off'],
  ['SMTP_URL', 'smtps://mail.example:465?tls=none'],
  ['SMTP_URL', 'smtp://user@mail.example'],
  ['SMTP_URL', 'smtp://user:p%ZZ@mail.example'],
  ['SMTP_URL', 'smtp://mail.example:0'],
  ['SMTP_URL', 'mail.example:25'],
  ['MAIL_FROM', 'nobody'],
  ['MAIL_FROM', 'a@example.com, b@example.com'],
  ['MAIL_FROM', 'Signet <a@example.com>, b@example.com'],
  ['MAIL_FROM', 'Signet <a@example.com'],
  ['MAIL_FROM', '"a"@example.com'],
])('%s=%s is refused without repeating the value', (name, value) => {
  const env = { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'a@example.com', [name]: value };
  expect(() => loadConfig(env)).toThrow(
    expect.objectContaining({ problems: [expect.stringMatching(`^${name}: must be `)] }),
  );
  expect(() => loadConfig(env)).not.toThrow(value);
});

test('SMTP_URL asks for MAIL_FROM, and has the usual ports', () => {
  expect(() => loadConfig({ SMTP_URL: 'smtp://mail.example' })).toThrow(/^MAIL_FROM: must be set/);
  const read = (SMTP_URL: string) =>
    loadConfig({ SMTP_URL, MAIL_FROM: 'Signet Inc <a@b.example>' });
  expect(read('smtp://mail.example').smtpUrl).toEqual({
    host: 'mail.example',
    port: 587,
    tls: 'starttls',
    login: null,
  });
  expect(read('smtps://u:p%40ss@mail.example').smtpUrl).toEqual({
    host: 'mail.example',
    port: 465,
    tls: 'implicit',
    login: { user: 'u', password: 'p@ss' },
  });
  expect(read('smtp://mail.example').mailFrom).toEqual({
    name: 'Signet Inc',
    address: 'a@b.example',
  });
});

test('mail without encryption is warned of once', () => {
  const { log } = mailerOf({
    SMTP_URL: 'smtp://mail.example?tls=none',
    MAIL_FROM: 'a@example.com',
  });
  expect(log.filter((line) => line.includes('without encryption'))).toHaveLength(1);
});
