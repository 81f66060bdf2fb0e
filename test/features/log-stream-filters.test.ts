/** Which events a stream takes: its filter speaks as every other filter of the log does; a moment is a place in it. */
import { afterAll, expect, test } from 'vitest';
import { exportedLines } from '../kit/audit-export.ts';
import { openHouse } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { openReceiver } from '../kit/stream-receiver.ts';
import { until } from '../kit/until.ts';
import { lookAt, makeStream, turn } from './streamed.ts';

const receiver = await openReceiver();
const house = await openHouse({ env: { OUTBOUND_ALLOW: receiver.host } });
afterAll(() => receiver.close());
const make = makers(house);

test.each([
  ['user.create', true],
  ['user.*', true],
  ['oauth2.*', true],
  ['user', false],
  ['*', false],
  ['user*', false],
  ['.*', false],
  ['user.create.*', false],
  ['user.create.twice', false],
  ['User.create', false],
  [`${'a'.repeat(65)}.*`, false],
])('the pattern %s is taken by streams and lists alike: %s', async (pattern, taken) => {
  const acme = await make.tenant();
  const stream = await mutate(acme, 'createLogStream', {
    name: 'x',
    kind: 'HTTP',
    settings: { url: receiver.url('/') },
    eventTypes: [pattern],
  });
  const list = await acme.gql(
    'query ($types: [String!]) { auditEvents(filter: { types: $types }) { nodes { id } } }',
    { types: [pattern] },
  );
  expect([stream.code, list.code]).toEqual(
    taken ? [undefined, undefined] : ['INVALID_INPUT', 'INVALID_INPUT'],
  );
});

test('H07 addresses go along only when asked for; all else is the line of an export', async () => {
  const acme = await make.tenant();
  await make.user(acme);
  const plain = await makeStream(acme, receiver.url('/plain'), { startAt: 'BEGINNING' });
  const caughtUp = () => until(async () => (await lookAt(acme, plain)).pending === 0);
  await caughtUp();
  const sent = receiver.events('/plain');
  const exported = (await exportedLines(house, acme)).map((line) => JSON.parse(line));
  expect(sent).toEqual(exported.slice(0, sent.length));
  expect(sent[0]).toMatchObject({ leafHash: expect.stringMatching(/=$/) });
  await run(acme, 'updateLogStream', 'logStream { where }', { id: plain.id, where: true });
  const last = await make.user(acme);
  await until(() => receiver.taken('/plain').some(({ body }) => body.includes(last.id)));
  expect(receiver.events('/plain').at(-1)).toMatchObject({ where: { ipAddress: '127.0.0.1' } });
});

test('a stream goes to the first event that is not older than a moment', async () => {
  const acme = await make.tenant();
  const stream = await makeStream(acme, receiver.url('/since'), { startAt: 'BEGINNING' });
  await make.user(acme);
  house.clock.advance(60_000);
  const since = house.clock.now().toISOString();
  const second = await make.user(acme);
  const caughtUp = () => until(async () => (await lookAt(acme, stream)).pending === 0);
  await until(() => receiver.taken('/since').some(({ body }) => body.includes(second.id)));
  await caughtUp();
  const before = receiver.events('/since').length;
  await turn(acme, stream, 'rewind', { since });
  await until(() => receiver.events('/since').length > before);
  expect(JSON.stringify(receiver.events('/since')[before])).toContain(second.id);
  house.clock.advance(60_000);
  const { pending } = await turn(acme, stream, 'rewind', {
    since: house.clock.now().toISOString(),
  });
  expect(pending).toBeLessThanOrEqual(1);
});
