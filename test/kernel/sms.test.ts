/** Text messages: what a gateway is told, and what is made of what it answers. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ConfigError, loadConfig } from '#kernel/config.ts';
import { createLog } from '#kernel/log.ts';
import { createSms } from '#kernel/sms.ts';

const received: { headers: IncomingHttpHeaders; method: string | undefined; body: string }[] = [];
let status = 200;
const gateway = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    received.push({ headers: request.headers, method: request.method, body });
    response.writeHead(status, { location: 'https://elsewhere.example' }).end('+4915112345678 no');
  });
});
let place = '';
beforeAll(
  () =>
    new Promise<void>((resolve) =>
      gateway.listen(0, '127.0.0.1', () => {
        place = `127.0.0.1:${(gateway.address() as AddressInfo).port}`;
        resolve();
      }),
    ),
);
afterAll(() => void gateway.close());
beforeEach(() => {
  received.length = 0;
  status = 200;
});

const log = createLog(
  { level: 'silent' },
  new Writable({ write: (_line, _encoding, done) => done() }),
);
const smsOf = (env: Record<string, string>) => createSms(loadConfig(env), log);
const open = () => ({
  SMS_URL: `http://${place}/send?v=1`,
  SMS_TOKEN: 'gateway-token',
  SMS_ALLOW: place,
});
const message = { to: '+4915112345678', text: '042042 is your code', id: 'message-1' };

test('a message is one POST of JSON, under an id that stays when it is sent again', async () => {
  const sms = smsOf(open());
  status = 202;
  await sms?.send(message);
  const [{ headers, method, body } = { headers: {}, method: '', body: '' }] = received;
  expect(method).toBe('POST');
  expect(JSON.parse(body)).toEqual(message);
  expect(headers).toMatchObject({
    authorization: 'Bearer gateway-token',
    'content-type': 'application/json',
    'idempotency-key': 'message-1',
  });
});

test.each([302, 400, 401, 429, 500])(
  'what the gateway answers with %i was not sent',
  async (code) => {
    status = code;
    await expect(smsOf(open())?.send(message)).rejects.toMatchObject({
      name: 'SmsNotSent',
      message: `the gateway of SMS_URL answered ${code}`,
    });
  },
);

test('a private address is reached only when it is named', async () => {
  const { SMS_ALLOW: _, ...closed } = open();
  const sms = smsOf({ ...closed, OUTBOUND_PORTS: `443,${place.split(':')[1]}` });
  await expect(sms?.send(message)).rejects.toMatchObject({
    name: 'SmsNotSent',
    message: 'the gateway of SMS_URL was not reached: address',
  });
  expect(received).toEqual([]);
});

test('without a gateway messages are files, and in production there are none', () => {
  expect(smsOf({})).not.toBeNull();
  expect(smsOf({ NODE_ENV: 'production' })).toBeNull();
});

test.each([
  [{ SMS_URL: 'https://sms.example.com' }, 'SMS_TOKEN: must be set together with SMS_URL'],
  [{ SMS_TOKEN: 'x' }, 'SMS_URL: must be set together with SMS_TOKEN'],
  [
    { SMS_URL: 'https://user:secret@sms.example.com', SMS_TOKEN: 'x' },
    'SMS_URL: must be a URL such as https://sms.example.com/messages, without user information',
  ],
  [
    { SMS_URL: 'ftp://sms.example.com', SMS_TOKEN: 'x' },
    'SMS_URL: must be a URL such as https://sms.example.com/messages, without user information',
  ],
])('the start refuses %j', (env, problem) => {
  let problems: readonly string[] = [];
  try {
    loadConfig(env as Record<string, string>);
  } catch (error) {
    problems = (error as ConfigError).problems;
  }
  expect(problems).toEqual([problem]);
});
