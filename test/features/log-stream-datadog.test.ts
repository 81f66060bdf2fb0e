import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DESTINATIONS, openDestination } from '#features/log-streams/destination-kinds.ts';
import { makeBatch, parsed, streamedEvent } from '../kit/batches.ts';
import { type Datadog, openDatadogIntake } from '../kit/datadog.ts';

const API_KEY = '0123456789abcdef0123456789abcdef';
const SITE = 'datadoghq.eu';
const ATTEMPT = new Date('2026-03-04T06:00:00.500Z');

let datadog: Datadog;
beforeAll(async () => {
  datadog = await openDatadogIntake(API_KEY, () => ATTEMPT);
});
afterAll(() => datadog.close());
beforeEach(() => {
  datadog.got.length = 0;
  datadog.logs.length = 0;
  datadog.spoilt.length = 0;
});

const settings = {
  site: SITE,
  hostname: 'idp.example.com',
  tags: ['env:production', 'team:identity'],
};
const open = (apiKey = API_KEY, told: object = settings) =>
  openDestination('DATADOG', told, { apiKey });

function send(batch = makeBatch({ attemptAt: ATTEMPT }), destination = open()) {
  return destination.send(datadog.outbound(SITE), batch, new AbortController().signal);
}

test('K07 logs arrive packed, with their source, service, tags, host and time', async () => {
  const batch = makeBatch({ attemptAt: ATTEMPT });
  expect(await send(batch)).toEqual({ kind: 'delivered' });
  const [got] = datadog.got;
  expect(got?.headers['content-encoding']).toBe('gzip');
  expect(got?.raw.subarray(0, 2)).toEqual(Buffer.of(0x1f, 0x8b));
  expect(datadog.logs.map(({ event }) => event)).toEqual(parsed(batch));
  expect(datadog.logs[1]).toMatchObject({
    ddsource: 'signet',
    service: 'signet',
    ddtags: 'env:production,team:identity',
    hostname: 'idp.example.com',
    status: 'info',
    message: 'user.create',
    timestamp: batch.events[1]?.occurredAt.getTime(),
  });
});

test('K07 what happened more than 18 hours ago is not dropped: its time is inside', async () => {
  const at = (hours: number) => new Date(ATTEMPT.getTime() - hours * 3_600_000);
  const events = [40, 18, 17].map((hours) => streamedEvent(0, { at: at(hours) }));
  const batch = makeBatch({ events, attemptAt: ATTEMPT });
  expect((await send(batch)).kind).toBe('delivered');
  expect(datadog.spoilt).toEqual([]);
  expect(datadog.logs.map(({ timestamp }) => timestamp)).toEqual([
    undefined,
    undefined,
    events[2]?.occurredAt.getTime(),
  ]);
  expect(datadog.logs.map(({ event }) => event)).toEqual(parsed(batch));
});

test('K07 a full batch is within the limits, a fuller one is not sent', async () => {
  const { limits } = open();
  const padding = Math.floor(limits.maxBytes / limits.maxEvents) - 300;
  const events = Array.from({ length: 1000 }, (_, n) => streamedEvent(n, { padding }));
  expect((await send(makeBatch({ events, attemptAt: ATTEMPT }))).kind).toBe('delivered');
  expect(datadog.logs).toHaveLength(1000);
  expect(Buffer.byteLength(datadog.got[0]?.text ?? '')).toBeGreaterThan(4_400_000);
  const more = [...events, streamedEvent(1001)];
  expect((await send(makeBatch({ events: more }))).kind).toBe('rejected');
  expect(datadog.got).toHaveLength(1);
});

test('K07 a log that Datadog would cut is not sent, one below that arrives whole', async () => {
  const one = (padding: number) =>
    makeBatch({ events: [streamedEvent(1, { padding })], attemptAt: ATTEMPT });
  expect(await send(one(999_900))).toMatchObject({ kind: 'rejected' });
  expect(datadog.got).toHaveLength(0);
  expect((await send(one(999_000))).kind).toBe('delivered');
  expect(datadog.spoilt).toEqual([]);
});

test('K07 a wrong API key stops the stream, and is not told', async () => {
  const outcome = await send(makeBatch({ attemptAt: ATTEMPT }), open('canary-key'));
  expect(outcome).toEqual({
    kind: 'disabled',
    status: 403,
    reason: 'the receiver answered 403: Datadog does not know the API key at this site',
  });
});

test('H05 the site is one of Datadog, and names stay names', () => {
  const { settings: shape, secrets } = DESTINATIONS.DATADOG;
  for (const wrong of [
    { site: 'evil.example' },
    { site: 'datadoghq.com.evil.example' },
    { site: 'datadoghq.com/' },
    { site: SITE, hostname: 'a\nb' },
    { site: SITE, tags: ['a,b'] },
    { site: SITE, service: '","ddtags":"x' },
  ])
    expect(shape.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  expect(secrets.safeParse({ apiKey: 'a\r\nb' }).success).toBe(false);
});
