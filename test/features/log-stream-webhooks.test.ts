import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DESTINATIONS, openDestination } from '#features/log-streams/destination-kinds.ts';
import { newWebhookSecret } from '#features/log-streams/standard-webhooks.connector.ts';
import { DELIVERY, makeBatch, parsed, STREAM, streamedEvent } from '../kit/batches.ts';
import { type Answer, type Got, openReceiver, outboundTo, type Receiver } from '../kit/receiver.ts';

let receiver: Receiver;
let told: Answer = { status: 204 };
beforeAll(async () => {
  receiver = await openReceiver(() => told);
});
afterAll(() => receiver.close());
beforeEach(() => {
  told = { status: 204 };
  receiver.got.length = 0;
});

const never = new AbortController().signal;
const secret = newWebhookSecret();
const previousSecret = newWebhookSecret();

function post(batch = makeBatch(), secrets: object = { secret }) {
  const url = `${receiver.origin}/hook`;
  const destination = openDestination('STANDARD_WEBHOOKS', { url }, secrets);
  return destination.send(outboundTo(receiver.port), batch, never);
}

/** The library looks at the real clock, so the attempt is now. */
const now = () => new Date();

function verified(got: Got | undefined, by: string): unknown {
  if (!got) throw new Error('nothing came');
  return new Webhook(by).verify(got.text, got.headers as Record<string, string>);
}

test('K08 the signature holds for a receiver that knows the secret, and for no other', async () => {
  const batch = makeBatch({ attemptAt: now() });
  expect(await post(batch)).toEqual({ kind: 'delivered' });
  const [got] = receiver.got;
  expect(got?.headers['webhook-id']).toBe(DELIVERY);
  expect(got?.headers['content-type']).toBe('application/json');
  expect(verified(got, secret)).toEqual({
    type: 'audit.events',
    timestamp: batch.events.at(-1)?.occurredAt.toISOString(),
    data: { stream: STREAM, events: parsed(batch) },
  });
  expect(() => verified(got, previousSecret)).toThrow('No matching signature');
});

test('K08 a changed body, id or time does not hold', async () => {
  await post(makeBatch({ attemptAt: now() }));
  const [got] = receiver.got;
  if (!got) throw new Error('nothing came');
  const { headers } = got;
  const later = String(Number(headers['webhook-timestamp']) + 1);
  for (const forged of [
    { ...got, text: got.text.replace('user.create', 'user.delete') },
    { ...got, headers: { ...headers, 'webhook-id': 'other' } },
    { ...got, headers: { ...headers, 'webhook-timestamp': later } },
  ])
    expect(() => verified(forged, secret)).toThrow('No matching signature');
});

test('K08 a retry has the same id and body, a time and a signature of its own', async () => {
  const first = makeBatch({ attemptAt: new Date(Date.now() - 120_000) });
  await post(first);
  await post({ ...first, attemptAt: now() });
  const [one, two] = receiver.got;
  expect(two?.text).toBe(one?.text);
  expect(two?.headers['webhook-id']).toBe(one?.headers['webhook-id']);
  expect(Number(two?.headers['webhook-timestamp'])).toBeGreaterThan(
    Number(one?.headers['webhook-timestamp']),
  );
  expect(two?.headers['webhook-signature']).not.toBe(one?.headers['webhook-signature']);
  expect(verified(two, secret)).toEqual(verified(one, secret));
});

test('K08 an old delivery that is replayed is too old for the receiver', async () => {
  await post(makeBatch({ attemptAt: new Date(Date.now() - 6 * 60_000) }));
  expect(() => verified(receiver.got[0], secret)).toThrow('too old');
});

test('K08 while a secret is being replaced, either verifies; afterwards the new one alone', async () => {
  const attemptAt = now();
  const until = (ms: number) => ({
    secret,
    previousSecret,
    previousUntil: new Date(attemptAt.getTime() + ms).toISOString(),
  });
  await post(makeBatch({ attemptAt }), until(1000));
  await post(makeBatch({ attemptAt }), until(0));
  const [during, after] = receiver.got;
  expect(String(during?.headers['webhook-signature']).split(' ')).toHaveLength(2);
  expect(verified(during, secret)).toEqual(verified(during, previousSecret));
  expect(String(after?.headers['webhook-signature']).split(' ')).toHaveLength(1);
  expect(() => verified(after, previousSecret)).toThrow('No matching signature');
  expect(verified(after, secret)).toBeTruthy();
});

test('K08 410 ends the stream; a redirect and 502 are tried again', async () => {
  told = { status: 410 };
  expect(await post()).toEqual({
    kind: 'disabled',
    reason: 'the receiver answered 410: it wants no more',
    status: 410,
  });
  told = { status: 302, headers: { location: '/other' } };
  expect((await post()).kind).toBe('retry');
  told = { status: 502 };
  expect((await post()).kind).toBe('retry');
});

test('K08 bodies stay small', async () => {
  const many = Array.from({ length: 101 }, (_, n) => streamedEvent(n));
  expect((await post(makeBatch({ events: many }))).kind).toBe('rejected');
  expect(receiver.got).toHaveLength(0);
});

test.each([
  'whsec_',
  'whsec_c2hvcnQ=',
  `whsec_${Buffer.alloc(23).toString('base64')}`,
  `whsec_${Buffer.alloc(65).toString('base64')}`,
  `whsec_${Buffer.alloc(32).toString('base64url')}`,
  Buffer.alloc(32).toString('base64'),
])('K08 %s is not a secret to sign with', (bad) => {
  const { secrets } = DESTINATIONS.STANDARD_WEBHOOKS;
  expect(secrets.safeParse({ secret: bad }).success).toBe(false);
  expect(secrets.safeParse({ secret }).success).toBe(true);
  expect(secrets.safeParse({ secret, previousSecret }).success).toBe(false);
});
