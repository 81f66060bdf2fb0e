import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '#features/log-streams/destination.ts';
import { DESTINATIONS, openDestination } from '#features/log-streams/destination-kinds.ts';
import { guardedOutbound, type Outbound } from '#kernel/outbound.ts';
import { DELIVERY, makeBatch, parsed, STREAM, streamedEvent } from '../kit/batches.ts';
import { type Answer, openReceiver, outboundTo, type Receiver } from '../kit/receiver.ts';

let receiver: Receiver;
let told: Answer | null = { status: 204 };
beforeAll(async () => {
  receiver = await openReceiver(() => told);
});
afterAll(() => receiver.close());
beforeEach(() => {
  told = { status: 204 };
  receiver.got.length = 0;
});

const never = new AbortController().signal;

function post(settings = {}, secrets = {}, batch = makeBatch(), outbound?: Outbound) {
  const url = `${receiver.origin}/in?from=signet`;
  const destination = openDestination('HTTP', { url, ...settings }, secrets);
  return destination.send(outbound ?? outboundTo(receiver.port), batch, never);
}

describe('generic HTTP', () => {
  test('K07 a batch is posted as a JSON array under the id of its delivery', async () => {
    const batch = makeBatch();
    expect(await post({}, {}, batch)).toEqual({ kind: 'delivered' });
    const [got] = receiver.got;
    expect(got).toMatchObject({ method: 'POST', path: '/in?from=signet' });
    expect(got?.headers).toMatchObject({
      'content-type': 'application/json',
      'signet-delivery': DELIVERY,
      'signet-stream': STREAM,
    });
    expect(got?.headers['authorization']).toBeUndefined();
    expect(JSON.parse(got?.text ?? '')).toEqual(parsed(batch));
  });

  test('K07 NDJSON holds each event as it is stored, one a line, packed when told', async () => {
    const batch = makeBatch();
    await post({ format: 'NDJSON', gzip: true }, {}, batch);
    const [got] = receiver.got;
    expect(got?.headers['content-type']).toBe('application/x-ndjson');
    expect(got?.headers['content-encoding']).toBe('gzip');
    expect(got?.text).toBe(batch.events.map(({ json }) => `${json}\n`).join(''));
  });

  test('own headers and a bearer token go along', async () => {
    await post(
      { headers: [{ name: 'X-Tenant', value: 'acme corp' }] },
      { bearerToken: 'b-1234', headers: [{ name: 'X-Api-Key', value: 'k-5678' }] },
    );
    expect(receiver.got[0]?.headers).toMatchObject({
      'x-tenant': 'acme corp',
      'x-api-key': 'k-5678',
      authorization: 'Bearer b-1234',
    });
  });

  test.each<[number, Outcome['kind']]>([
    [200, 'delivered'],
    [202, 'delivered'],
    [301, 'retry'],
    [307, 'retry'],
    [400, 'rejected'],
    [401, 'disabled'],
    [403, 'disabled'],
    [404, 'retry'],
    [408, 'retry'],
    [409, 'retry'],
    [410, 'disabled'],
    [413, 'rejected'],
    [422, 'rejected'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ])('K07 an answer %i means %s', async (status, kind) => {
    told = { status, headers: { location: `${receiver.origin}/elsewhere` } };
    const outcome = await post();
    expect(outcome.kind).toBe(kind);
    if (outcome.kind !== 'delivered') expect(outcome.status).toBe(status);
    expect(receiver.got, 'no redirect is followed').toHaveLength(1);
  });

  test.each([
    ['7', 7000],
    ['0', 0],
    ['Wed, 04 Mar 2026 06:00:10 GMT', 9500],
    ['Wed, 04 Mar 2020 06:00:10 GMT', 0],
    ['999999999', 86_400_000],
    ['soon', undefined],
    ['-5', undefined],
  ])('K07 Retry-After %s is read', async (value, ms) => {
    told = { status: 429, headers: { 'retry-after': value } };
    const outcome = await post();
    expect(outcome.kind === 'retry' && outcome.retryAfterMs).toBe(ms);
  });

  test('a connection that is cut is tried again', async () => {
    told = null;
    expect(await post()).toEqual({
      kind: 'retry',
      reason: 'the connection to the receiver failed',
    });
  });

  test('more than a batch may hold is not sent', async () => {
    const many = makeBatch({ events: Array.from({ length: 501 }, (_, n) => streamedEvent(n)) });
    expect(await post({}, {}, many)).toMatchObject({ kind: 'rejected' });
    const large = makeBatch({ events: [streamedEvent(1, { padding: 1_000_000 })] });
    expect(await post({}, {}, large)).toMatchObject({ kind: 'rejected' });
    expect(receiver.got).toHaveLength(0);
  });
});

describe('what is told', () => {
  test('H05 nothing that a receiver writes comes back, nor an address of the inner network', async () => {
    told = {
      status: 500,
      headers: { 'x-internal': 'canary-header', 'retry-after': 'canary-date' },
      body: 'canary-body\r\n\u001b[31mroot:x:0',
    };
    const answered = JSON.stringify(await post());
    expect(answered).not.toContain('canary');
    expect(answered).not.toContain('root');
    const inner = guardedOutbound(
      { outboundPorts: new Set([443]), outboundAllow: new Set() },
      async () => ['10.20.30.40'],
    );
    const url = 'https://intranet.example.com/';
    const refused = await post({ url }, { bearerToken: 'canary-secret' }, makeBatch(), inner);
    expect(refused).toEqual({
      kind: 'retry',
      reason: 'the address of the receiver is not one that may be reached from here',
    });
  });

  test.each([
    'http://169.254.169.254/latest/meta-data',
    'http://example.com/in',
    'https://user:pw@example.com/',
    'https://example.com/#part',
    'https://EXAMPLE.com/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::ffff:127.0.0.1]/',
    'ftp://example.com/',
    'file:///etc/passwd',
    '//example.com/',
    'https://exa mple.com/',
    'https://example.com/\r\nx-evil: 1',
  ])('H05 %j is not taken as the URL of a receiver', (url) => {
    for (const kind of ['HTTP', 'STANDARD_WEBHOOKS', 'SPLUNK'] as const)
      expect(DESTINATIONS[kind].settings.safeParse({ url }).success, kind).toBe(false);
  });

  test.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
    'http://localhost/',
  ])('H05 %s is refused when it is sent to', async (url) => {
    const strict = guardedOutbound({
      outboundPorts: new Set([80, 443]),
      outboundAllow: new Set(),
    });
    const outcome = await post({ url }, {}, makeBatch(), strict);
    expect(outcome.kind).toBe('retry');
    expect(receiver.got).toHaveLength(0);
  });

  test('H05 a port that is not open ends the stream with a word about it', async () => {
    const strict = guardedOutbound({ outboundPorts: new Set([443]), outboundAllow: new Set() });
    expect(await post({}, {}, makeBatch(), strict)).toEqual({
      kind: 'disabled',
      reason: 'the port of the receiver is not one that may be reached from here',
    });
  });
});

describe('settings', () => {
  const url = 'https://example.com/in';

  test.each([
    'Host',
    'content-length',
    'Content-Type',
    'content-encoding',
    'Transfer-Encoding',
    'Connection',
    'Proxy-Authorization',
    'Cookie',
    'X-Forwarded-For',
    'Forwarded',
    'Metadata-Flavor',
    'X-aws-ec2-metadata-token',
    'signet-delivery',
    'webhook-signature',
    'x y',
    'x\r\ny',
    'ü',
    '',
  ])('H08 the header %j may not be set, neither openly nor among the secrets', (name) => {
    const headers = [{ name, value: '1' }];
    expect(DESTINATIONS.HTTP.settings.safeParse({ url, headers }).success).toBe(false);
    expect(DESTINATIONS.HTTP.secrets.safeParse({ headers }).success).toBe(false);
  });

  test.each(['a\r\nX-Evil: 1', 'a\nb', '\u001b[31m', 'ü', '', ' a', 'a\u0000'])(
    'H08 the value %j is not taken, nor as a token',
    (value) => {
      const headers = [{ name: 'X-One', value }];
      expect(DESTINATIONS.HTTP.settings.safeParse({ url, headers }).success).toBe(false);
      expect(DESTINATIONS.HTTP.secrets.safeParse({ bearerToken: value }).success).toBe(false);
    },
  );

  test('Authorization is a secret, is one, and no header is named twice', () => {
    const headers = [{ name: 'Authorization', value: 'Basic YTpi' }];
    expect(DESTINATIONS.HTTP.settings.safeParse({ url, headers }).success).toBe(false);
    expect(DESTINATIONS.HTTP.secrets.safeParse({ headers }).success).toBe(true);
    expect(DESTINATIONS.HTTP.secrets.safeParse({ headers, bearerToken: 'a' }).success).toBe(false);
    const twice = ['X-One', 'x-one'].map((name) => ({ name, value: '1' }));
    expect(DESTINATIONS.HTTP.settings.safeParse({ url, headers: twice }).success).toBe(false);
  });

  test('what is not a setting is refused, and what is stored opens again', () => {
    for (const { settings, secrets } of Object.values(DESTINATIONS)) {
      expect(settings.safeParse({ url, unheard: 1 }).success).toBe(false);
      expect(secrets.safeParse({ unheard: 1 }).success).toBe(false);
    }
    const stored = DESTINATIONS.HTTP.settings.parse({ url });
    expect(DESTINATIONS.HTTP.settings.parse(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
  });
});
