/** F17: an initial access token that many show at once, at two instances, lets in as many as it says. */
import { expect, test } from 'vitest';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { ask, openRegistration, WEB_APP } from '../kit/registration.ts';
import { rows } from '../kit/stored.ts';
import { report, scaled } from '../operations/faults.ts';
import { newAddress } from './pair.ts';

const house = await openHouse({ instances: 2, env: { TRUSTED_PROXIES: '127.0.0.1/32' } });
const [here, there = here] = house.instances;
const make = makers(house);
const acme = await make.tenant();
await openRegistration(acme);
const ROUNDS = scaled(15, 300);
const AT_ONCE = 20;

test(
  'F17 as many clients register with a token as it says, and the last of many at once is not one more',
  async ({ task }) => {
    let made = 0;
    for (let n = 0; n < ROUNDS; n += 1) {
      const maxClients = 1 + (n % 3);
      const { id, token } = await make.initialAccessToken(acme, { maxClients });
      const answers = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, one) =>
          ask((one % 2 ? here : there) ?? house, acme, 'POST', token, {
            body: WEB_APP,
            headers: newAddress(),
          }),
        ),
      );
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([
        ...Array.from({ length: maxClients }, () => 201),
        ...Array.from({ length: AT_ONCE - maxClients }, () => 401),
      ]);
      made += maxClients;
      const { data } = await acme.gql<{ initialAccessToken: { clientsMade: number } }>(
        'query ($id: ID!) { initialAccessToken(id: $id) { clientsMade } }',
        { id },
      );
      expect(data?.initialAccessToken.clientsMade).toBe(maxClients);
    }
    const stored = await rows(house, acme.uuid, 'SELECT 1 FROM oauth_client_registrations');
    expect(stored).toHaveLength(made);
    report(task, 'F17', { tokens: ROUNDS, 'at once': AT_ONCE, 'clients too many': 0 });
  },
  scaled(60_000, 900_000),
);

test('what one instance revokes or switches off, the other refuses within a second', async () => {
  const { id, token } = await make.initialAccessToken(acme, { maxClients: 10 });
  const at = (instance = here) =>
    ask(instance ?? house, acme, 'POST', token, { body: WEB_APP, headers: newAddress() });
  expect((await at(there)).status).toBe(201);
  await openRegistration(acme, { enabled: false });
  expect((await at(there)).status).toBe(403);
  await openRegistration(acme);
  expect((await at(there)).status).toBe(201);
  await acme.rest('DELETE', `/v1/initial-access-tokens/${id}`);
  expect((await at(there)).status).toBe(401);
});
