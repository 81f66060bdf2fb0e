import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Outcome } from '#features/log-streams/destination.ts';
import { DESTINATIONS, openDestination } from '#features/log-streams/destination-kinds.ts';
import { makeBatch, parsed, streamedEvent } from '../kit/batches.ts';
import { openReceiver, outboundTo } from '../kit/receiver.ts';
import { openSplunkCollector, type Splunk } from '../kit/splunk.ts';

const TOKEN = '9f1c3f5e-8a64-4f7e-9d5b-0c5a1b2c3d4e';
const DISABLED = '11111111-8a64-4f7e-9d5b-0c5a1b2c3d4e';
const ACK = '22222222-8a64-4f7e-9d5b-0c5a1b2c3d4e';
const indexes = ['security', 'main'];

let splunk: Splunk;
beforeAll(async () => {
  splunk = await openSplunkCollector([
    { token: TOKEN, indexes },
    { token: DISABLED, indexes, disabled: true },
    { token: ACK, indexes, useAck: true },
  ]);
});
afterAll(() => splunk.close());
beforeEach(() => {
  splunk.got.length = 0;
  splunk.events.length = 0;
  splunk.busy = false;
});

const never = new AbortController().signal;
const open = (settings: object = {}, token = TOKEN) =>
  openDestination('SPLUNK', { url: splunk.origin, index: 'security', ...settings }, { token });
const send = (batch = makeBatch(), destination = open()) =>
  destination.send(outboundTo(splunk.port), batch, never);

test('K07 events are concatenated objects with their time, host, source, sourcetype and index', async () => {
  const batch = makeBatch();
  expect(await send(batch)).toEqual({ kind: 'delivered' });
  expect(splunk.events.map(({ event }) => event)).toEqual(parsed(batch));
  const { event: _, ...around } = splunk.events[0] ?? { event: null };
  expect(around).toEqual({
    time: (batch.events[0]?.occurredAt.getTime() ?? 0) / 1000,
    host: 'signet',
    source: 'signet',
    sourcetype: 'signet:audit',
    index: 'security',
  });
  const [got] = splunk.got;
  expect(got?.headers['content-encoding']).toBe('gzip');
  expect(got?.text).toMatch(/^\{"time":1772601187\.089,/);
});

test('K07 unpacked bodies and tokens with acknowledgement are taken too', async () => {
  expect((await send(makeBatch(), open({ gzip: false }, ACK))).kind).toBe('delivered');
  expect(splunk.got[0]?.headers['content-encoding']).toBeUndefined();
  expect(splunk.events).toHaveLength(3);
});

test.each<[string, object, string, Outcome['kind'], string]>([
  ['an unknown token (4)', {}, 'nobody', 'disabled', '403: code 4, the token is not known'],
  ['a disabled token (1)', {}, DISABLED, 'disabled', '403: code 1, the token is turned off'],
  [
    'an index that is not allowed (7)',
    { index: 'finance' },
    TOKEN,
    'disabled',
    '400: code 7, the index is not one that the token may write to',
  ],
])('K07 %s stops the stream', async (_, settings, token, kind, reason) => {
  expect(await send(makeBatch(), open(settings, token))).toMatchObject({
    kind,
    reason: `the receiver answered ${reason}`,
  });
});

test('K07 data that the collector does not understand (6) are rejected, to be bisected', async () => {
  const broken = { ...streamedEvent(1), json: '{"half":' };
  const outcome = await send(makeBatch({ events: [streamedEvent(0), broken] }));
  expect(outcome).toMatchObject({
    kind: 'rejected',
    reason: 'the receiver answered 400: code 6, the data are not understood',
  });
});

test('K07 a busy collector (9) is tried again', async () => {
  splunk.busy = true;
  expect(await send()).toMatchObject({
    kind: 'retry',
    status: 503,
    reason: 'the receiver answered 503: code 9, it is busy',
  });
});

test.each<[number, string, Outcome['kind']]>([
  [401, '{"text":"Token is required","code":2}', 'disabled'],
  [401, '{"text":"Invalid authorization","code":3}', 'disabled'],
  [400, '{"text":"No data","code":5}', 'rejected'],
  [400, '{"text":"Event field is required","code":12}', 'rejected'],
  [500, '{"text":"Internal server error","code":8}', 'retry'],
  [503, '{"text":"Token disabled","code":1}', 'retry'],
  [429, '', 'retry'],
  [404, '', 'retry'],
  [413, '', 'rejected'],
  [200, 'OK', 'delivered'],
  [200, '{"text":"Success","code":0,"ackId":1}', 'delivered'],
  [200, '{"text":"canary","code":6}', 'rejected'],
  [200, '{"text":"canary","code":999}', 'retry'],
])('K07 H05 %i with %j', async (status, body, kind) => {
  const receiver = await openReceiver(() => ({ status, body }));
  const outcome = await open({ url: receiver.origin }).send(
    outboundTo(receiver.port),
    makeBatch(),
    never,
  );
  await receiver.close();
  expect(outcome.kind).toBe(kind);
  expect(JSON.stringify(outcome)).not.toContain('canary');
});

test('K07 a full batch is within the limit of a body', async () => {
  const { limits } = open();
  const padding = Math.floor(limits.maxBytes / limits.maxEvents) - 300;
  const events = Array.from({ length: limits.maxEvents }, (_, n) => streamedEvent(n, { padding }));
  expect((await send(makeBatch({ events }))).kind).toBe('delivered');
  expect(Buffer.byteLength(splunk.got[0]?.text ?? '')).toBeGreaterThan(800_000);
  const one = makeBatch({ events: [streamedEvent(1, { padding: limits.maxBytes })] });
  expect((await send(one)).kind).toBe('rejected');
});

test('H05 H08 the collector is an origin, and a token is one word', () => {
  const { settings, secrets } = DESTINATIONS.SPLUNK;
  for (const url of [
    'https://hec.example.com/services',
    'https://hec.example.com/?a',
    'http://a.b',
  ])
    expect(settings.safeParse({ url }).success, url).toBe(false);
  expect(settings.parse({ url: 'https://hec.example.com:8088/' })).toMatchObject({
    url: 'https://hec.example.com:8088',
  });
  expect(settings.safeParse({ url: 'https://a.b', index: 'a","b":"' }).success).toBe(false);
  for (const token of ['a b', 'a\r\nb', ''])
    expect(secrets.safeParse({ token }).success).toBe(false);
});
