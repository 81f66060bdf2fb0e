import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { loadConfig } from '#kernel/config.ts';
import { callerReader } from '#kernel/http/client-address.ts';
import { requestId } from '#kernel/http/request-id.ts';

function request(remoteAddress: string | undefined, headers: Record<string, string> = {}) {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

function addressOf(proxies: string, remote: string | undefined, forwarded?: string) {
  const read = callerReader(loadConfig({ TRUSTED_PROXIES: proxies }).trustedProxies);
  return read(request(remote, forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }));
}

const LAN = '10.0.0.0/8, fd00::/8, 127.0.0.1';

test.each([
  // proxies, peer, X-Forwarded-For, the caller
  ['', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  [LAN, '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  [LAN, '10.0.0.1', undefined, '10.0.0.1'],
  [LAN, '10.0.0.1', '198.51.100.1', '198.51.100.1'],
  [LAN, '10.0.0.1', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
  [LAN, '10.0.0.1', '1.1.1.1,198.51.100.1,10.9.9.9 , 10.0.0.2', '198.51.100.1'],
  [LAN, '10.0.0.1', '10.1.1.1, 10.0.0.2', '10.1.1.1'],
  [LAN, '10.0.0.1', '198.51.100.1, evil', '10.0.0.1'],
  [LAN, '10.0.0.1', '198.51.100.1, evil, 10.0.0.2', '10.0.0.2'],
  [LAN, '10.0.0.1', '', '10.0.0.1'],
  [LAN, '10.0.0.1', ', ,', '10.0.0.1'],
  [LAN, '10.0.0.1', '0x7f.1', '10.0.0.1'],
  [LAN, '10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
  [LAN, '10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
  [LAN, '10.0.0.1', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  [LAN, '::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
  [LAN, '::ffff:203.0.113.9', '198.51.100.1', '203.0.113.9'],
  [LAN, '10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
  [LAN, 'fd00::7', '198.51.100.1', '198.51.100.1'],
  [LAN, 'fe80::1%eth0', '198.51.100.1', 'fe80::1'],
  [LAN, undefined, '198.51.100.1', null],
])(
  'H03 proxies "%s", peer %s, forwarded "%s": the caller is %s',
  (proxies, remote, forwarded, is) => {
    expect(addressOf(proxies, remote, forwarded).address).toBe(is);
  },
);

test('H03 no other header names the caller', () => {
  const read = callerReader(loadConfig({ TRUSTED_PROXIES: LAN }).trustedProxies);
  const headers = {
    forwarded: 'for=1.1.1.1',
    'x-real-ip': '1.1.1.1',
    'x-client-ip': '1.1.1.1',
    'true-client-ip': '1.1.1.1',
    'cf-connecting-ip': '1.1.1.1',
    'x-user-id': '1.1.1.1',
  };
  expect(read(request('10.0.0.1', headers)).address).toBe('10.0.0.1');
});

test('H03 a request id is taken from a trusted proxy only, and only when well-formed', () => {
  const given = (id: string) => request('10.0.0.1', { 'x-request-id': id });
  expect(addressOf(LAN, '10.0.0.1').viaProxy).toBe(true);
  expect(addressOf(LAN, '203.0.113.9').viaProxy).toBe(false);
  expect(requestId(given('trace-0123456789'), true)).toBe('trace-0123456789');
  expect(requestId(given('trace-0123456789'), false)).toMatch(/^req_[0-9a-f]{32}$/);
  for (const odd of ['short', 'x'.repeat(129), 'with space in it', 'quote"quote"', '<b>bold</b>']) {
    expect(requestId(given(odd), true)).toMatch(/^req_[0-9a-f]{32}$/);
  }
});
