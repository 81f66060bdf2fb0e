/** Who may have a stream, what nobody reads back, and where a stream may not reach. */
import { Webhook } from 'standardwebhooks';
import { afterAll, expect, test } from 'vitest';
import { operator } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { expectStatus, makers, run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';
import { lookAt, makeStream, turn } from './streamed.ts';

const receiver = await openReceiver();
const house = await openHouse({ env: { OUTBOUND_ALLOW: receiver.host, OUTBOUND_PORTS: '443,9' } });
afterAll(() => receiver.close());
const make = makers(house);

const CANARY = 'canary-4f1d0c9e';
const HTTP = { name: 'x', kind: 'HTTP', settings: { url: 'https://siem.example.com/' } };

test('H07 H08 K04 a secret is used and never shown: not in answers, logs or rows', async () => {
  const acme = await make.tenant();
  const stream = await makeStream(acme, receiver.url('/secret'), {
    secrets: { bearerToken: CANARY },
  });
  await make.user(acme);
  const sent = await until(() => receiver.taken('/secret')[0]);
  expect(sent.headers['authorization']).toBe(`Bearer ${CANARY}`);
  const answers = [
    await acme.rest('GET', '/v1/log-streams'),
    await acme.rest('GET', `/v1/log-streams/${stream.id}`),
    await acme.rest('POST', `/v1/log-streams/${stream.id}/test`, { body: {} }),
    await acme.rest('PATCH', `/v1/log-streams/${stream.id}`, { body: { name: 'y' } }),
    await acme.gql('{ auditEvents(first: 100) { nodes { details } } }'),
  ];
  for (const { text } of answers) expect(text).not.toContain(CANARY);
  expect(house.log.join('\n')).not.toContain(CANARY);
  const stored = await rows(house, acme.uuid, 'SELECT s::text AS t FROM log_streams s');
  expect(JSON.stringify(stored)).not.toContain(CANARY);
  // It still works after a change of something else.
  await make.user(acme);
  await until(async () => (await lookAt(acme, stream)).pending === 0);
  expect(receiver.taken('/secret').at(-1)?.headers['authorization']).toBe(`Bearer ${CANARY}`);
});

test('K08 webhooks are signed; while a secret is replaced, both sign', async () => {
  const acme = await make.tenant();
  const url = receiver.url('/signed');
  const stream = await makeStream(acme, url, { kind: 'STANDARD_WEBHOOKS' });
  const first = stream.secret ?? '';
  expect(first).toMatch(/^whsec_/);
  const latest = async () => {
    const before = receiver.taken('/signed').length;
    await make.user(acme);
    await until(() => receiver.taken('/signed').length > before);
    await until(async () => (await lookAt(acme, stream)).pending === 0);
    return receiver.taken('/signed').at(-1);
  };
  const verifies = (secret: string, one: Awaited<ReturnType<typeof latest>>) => {
    try {
      new Webhook(secret).verify(one?.body ?? '', one?.headers as Record<string, string>);
      return true;
    } catch {
      return false;
    }
  };
  expect(verifies(first, await latest())).toBe(true);
  const { secret: second } = await run<{ secret: string }>(
    acme,
    'rotateLogStreamSecret',
    'secret',
    { id: stream.id, overlapSeconds: 3600 },
  );
  const both = await latest();
  expect([verifies(first, both), verifies(second, both)]).toEqual([true, true]);
  const { secret: third } = await run<{ secret: string }>(acme, 'rotateLogStreamSecret', 'secret', {
    id: stream.id,
    overlapSeconds: 0,
  });
  const one = await latest();
  expect([first, second, third].map((secret) => verifies(secret, one))).toEqual([
    false,
    false,
    true,
  ]);
});

test('H05 a private address is refused at connect, and settings that are none at once', async () => {
  const acme = await make.tenant();
  for (const url of ['http://10.0.0.1/', 'ftp://example.com/', 'https://u:p@example.com/', 'x'])
    expect(await mutate(acme, 'createLogStream', { ...HTTP, settings: { url } })).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ path: 'settings.url' }],
    });
  const reached: string[] = [];
  for (const host of ['127.0.0.1:9', '[::1]:9', '169.254.169.254', '2130706433:9', '0x7f.1:9']) {
    const settings = { url: `https://${host}/` };
    const made = await acme.rest<{ id: string }>('POST', '/v1/log-streams', {
      body: { ...HTTP, settings },
    });
    if (made.status === 422) continue;
    reached.push(host);
    const path = `/v1/log-streams/${made.body.id}/test`;
    const tested = expectStatus(await acme.rest('POST', path, { body: {} }), 200);
    expect([host, tested]).toEqual([
      host,
      {
        delivered: false,
        status: null,
        reason: 'the address of the receiver is not one that may be reached from here',
      },
    ]);
  }
  expect(reached.length).toBeGreaterThanOrEqual(2);
});

test('a stream is tested without moving it, and the event of the test is in no log', async () => {
  const acme = await make.tenant();
  const stream = await makeStream(acme, receiver.url('/tested'));
  await turn(acme, stream, 'pause');
  const test = () => acme.rest('POST', `/v1/log-streams/${stream.id}/test`, { body: {} });
  expect(expectStatus(await test(), 200)).toEqual({ delivered: true, reason: null, status: null });
  const types = receiver.events('/tested').map(({ type }) => type);
  expect(types.filter((type) => type === 'log-stream.test')).toHaveLength(1);
  receiver.answer(({ path }) => (path === '/tested' ? 401 : 200));
  expect(expectStatus(await test(), 200)).toMatchObject({ delivered: false, status: 401 });
  expect((await lookAt(acme, stream)).state).toBe('PAUSED');
  receiver.answer(() => 200);
});

test('nobody opens a stream of events that they may not read', async () => {
  const acme = await make.tenant();
  const writer = await make.apiKey(acme, ['streams:read', 'streams:write']);
  expect((await mutate(writer, 'createLogStream', HTTP)).code).toBe('OUTRANKS_CALLER');
  const stream = await makeStream(acme, HTTP.settings.url);
  const paused = await mutate(writer, 'pauseLogStream', { id: stream.id });
  expect(paused.code).toBeUndefined();
  for (const [name, input] of [
    ['resumeLogStream', {}],
    ['updateLogStream', {}],
    ['rewindLogStream', { leafIndex: 0 }],
    ['replayLogStreamDeadLetters', {}],
    // To another account of theirs, at the same receiver.
    ['rotateLogStreamSecret', { secrets: { bearerToken: 'theirs' } }],
  ] as const)
    expect([name, (await mutate(writer, name, { id: stream.id, ...input })).code]).toEqual([
      name,
      'OUTRANKS_CALLER',
    ]);
  // What ends a stream, or sends nothing of the log, needs no more than the right to do so.
  for (const name of ['testLogStream', 'discardLogStreamDeadLetters', 'deleteLogStream'])
    expect([name, (await mutate(writer, name, { id: stream.id })).code]).toEqual([name, undefined]);
});

test('D02 a stream of another tenant is not there', async () => {
  const [acme, other] = [await make.tenant(), await make.tenant()];
  const stream = await makeStream(acme, receiver.url('/own'));
  for (const [name, input] of [
    ['updateLogStream', { name: 'mine' }],
    ['deleteLogStream', {}],
    ['pauseLogStream', {}],
    ['resumeLogStream', {}],
    ['rewindLogStream', { leafIndex: 0 }],
    ['testLogStream', {}],
    ['rotateLogStreamSecret', { secrets: {} }],
    ['replayLogStreamDeadLetters', {}],
    ['discardLogStreamDeadLetters', {}],
  ] as const)
    expect([name, (await mutate(other, name, { id: stream.id, ...input })).code]).toEqual([
      name,
      'LOG_STREAM_NOT_FOUND',
    ]);
  expect((await other.rest('GET', `/v1/log-streams/${stream.id}`)).status).toBe(404);
  await make.user(other);
  const mine = await make.user(acme);
  await until(() => receiver.taken('/own').some(({ body }) => body.includes(mine.id)));
  expect(receiver.taken('/own').some(({ body }) => body.includes(other.id))).toBe(false);
});

test('a tenant has so many streams and no more', async () => {
  const acme = await make.tenant();
  const created = await Promise.all(
    Array.from({ length: 23 }, () => mutate(acme, 'createLogStream', HTTP)),
  );
  const codes = created.map(({ code }) => code).filter((code) => code !== undefined);
  expect(codes).toEqual(Array.from({ length: 3 }, () => 'TOO_MANY_LOG_STREAMS'));
});

test('operators see streams by kind and state, and never whose they are', async () => {
  const acme = await make.tenant();
  const stream = await makeStream(acme, receiver.url('/metered'));
  await make.user(acme);
  await until(() => receiver.taken('/metered').length > 0);
  await until(async () => (await lookAt(acme, stream)).pending === 0);
  const { text } = await send(house.internalUrl, {
    path: '/metrics',
    headers: { authorization: `Bearer ${operator(house).secret}` },
  });
  expect(text).toMatch(/signet_log_streams\{kind="HTTP",state="ACTIVE"\} [1-9]/);
  expect(text).toMatch(/signet_log_stream_events_total\{kind="HTTP"\} [1-9]/);
  expect(text).toMatch(/signet_log_stream_attempts_total\{kind="HTTP",outcome="delivered"\} /);
  expect(text).toContain('signet_log_stream_behind_seconds{kind="HTTP"}');
  expect(text).not.toContain(acme.uuid);
  expect(text).not.toContain(stream.id);
});
