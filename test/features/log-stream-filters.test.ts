/** Which events a stream takes: the words of its filter are those of every other filter of the log. */
import { afterAll, expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { openReceiver } from '../kit/stream-receiver.ts';

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
