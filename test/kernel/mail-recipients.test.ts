/** Whom a message reaches: the one recipient that was named, whatever stands in its text. */
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openSink } from '../kit/smtp-sink.ts';
import { closeMailers, failure, mail, mailerOf as mailer } from './mailing.ts';

const sink = await openSink();
closeMailers();
beforeEach(() => {
  sink.received.length = 0;
});
afterAll(() => sink.close());

test.each([
  ['a list', 'ada@example.com,eve@evil.example'],
  ['a list by semicolon', 'ada@example.com;eve@evil.example'],
  ['a line break', 'ada@example.com\r\nBcc: eve@evil.example'],
  ['a bare line feed', 'ada@example.com\nRCPT TO:<eve@evil.example>'],
  ['a quoted local part', '"eve@evil.example"@example.com'],
  ['a quoted space', '"ada lovelace"@example.com'],
  ['angle brackets', 'Ada <eve@evil.example>'],
  ['a group', 'all: eve@evil.example;'],
  ['a comment', 'ada(eve@evil.example)@example.com'],
  ['a route', '@evil.example:ada@example.com'],
  ['an address literal', 'ada@[127.0.0.1]'],
  ['two at signs', 'ada@example.com@evil.example'],
  ['a space', 'ada @example.com'],
  ['NUL', 'ada\u0000@example.com'],
  ['a zero-width space', 'ada\u200b@example.com'],
  ['a domain that is not canonical', 'ada@Exämple.com'],
  ['nothing', ''],
])('H12 %s is no recipient', async (_what, address) => {
  const error = await failure(mailer(sink.env).send(mail({ to: { address } })));
  expect(error).toMatchObject({ permanent: true });
  expect(error.message).not.toContain('@');
  expect(sink.received).toEqual([]);
});

test.each([
  'Ada\r\nBcc: eve@evil.example',
  'Ada\nTo: eve@evil.example\n\nbody',
  '" <eve@evil.example>, "',
  'eve@evil.example, x',
  'Eve <eve@evil.example>',
  'a;b:c\\"',
  '=?utf-8?q?eve=40evil.example=2C?=',
  'Ädä\u2028Bcc: eve@evil.example',
  `${'long '.repeat(60)}\r\n\r\n<html>`,
])('H12 the name %j and the subject reach one recipient and make no header', async (name) => {
  await mailer(sink.env).send(mail({ to: { name, address: 'ada@example.com' }, subject: name }));
  const [received] = sink.received;
  expect(received?.to).toEqual(['ada@example.com']);
  expect(received?.mail.bcc).toBeUndefined();
  const header = received?.raw.slice(0, received.raw.indexOf('\r\n\r\n')) ?? '';
  expect(header.match(/^to:/gim)).toHaveLength(1);
  expect(header.match(/^(bcc|cc):/gim)).toBeNull();
  const addresses = [received?.mail.to].flat().flatMap((to) => to?.value ?? []);
  expect(addresses.map(({ address }) => address)).toEqual(['ada@example.com']);
  expect(received?.mail.text).toBe('Hello\n');
});

test('H12 plus, dots and domains of other scripts go through as they were stored', async () => {
  const sending = mailer(sink.env);
  const addresses = ['ada+plus@example.com', 'a.d-a_l@xn--exmple-cua.com', "o'ada=b@example.com"];
  for (const address of addresses) await sending.send(mail({ to: { address } }));
  expect(sink.received.map(({ raw }) => /^To: (.*?)\r$/m.exec(raw)?.[1])).toEqual(addresses);
});
