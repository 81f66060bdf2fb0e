/** I01: the public audit of GraphQL over HTTP, every one of it, by a caller with a credential. */
import { serverAudits } from 'graphql-http';
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';

const house = await openHouse();
const { secret } = await makers(house).tenant();

const audits = serverAudits({
  url: `${house.url}/graphql`,
  fetchFn: (input: RequestInfo, init?: RequestInit) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${secret}`);
    return fetch(input, { ...init, headers });
  },
});

test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))(
  'I01 %s %s',
  async (_id, _name, audit) => {
    const result = await audit.fn();
    const said =
      'response' in result
        ? `${result.response.status} ${await result.response.clone().text()}`
        : '';
    expect(result, `${'reason' in result ? result.reason : ''} ${said}`).toMatchObject({
      status: 'ok',
    });
  },
);

test('I01 there are 61 of them', () => {
  expect(audits.length).toBe(61);
});
