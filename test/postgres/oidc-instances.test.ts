/**
 * Two instances of an issuer: what is good once is good once for both, and what one ends is refused by
 * the other within a second.
 */
import { expect, test } from 'vitest';
import { callerOf } from '../kit/as.ts';
import { browser } from '../kit/browser.ts';
import { fixedClock } from '../kit/clock.ts';
import { type Instance, openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { PASSWORD, person } from '../kit/people.ts';
import { follow, makeClient, relyingParty, signInTo } from '../kit/relying-party.ts';
import { basic, clientAssertion, dpopProof, ownKey, tell } from '../kit/token-endpoint.ts';
import { until } from '../kit/until.ts';
import { send } from '../kit/wire.ts';
import { report, scaled } from '../operations/faults.ts';

const clock = { ...fixedClock(), ms: () => Date.now(), now: () => new Date() };
const house = await openHouse({ instances: 2, clock });
const [here, there] = house.instances as [Instance, Instance];
const make = makers(house);
const acme = await make.tenant();
const SERVICE = { type: 'SERVICE', redirectUris: [], firstParty: false, apiScopes: ['users:read'] };
const GRANT = { grant_type: 'client_credentials', scope: 'users:read' };
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const TOKEN = `${PUBLIC_URL}/t/${acme.slug}/oauth2/token`;
const API = `${PUBLIC_URL}/v1/users`;
const ROUNDS = scaled(10, 500);
const LIMIT = scaled(120_000, 900_000);
/** Half of them at each instance. */
const race = <T>(ask: (at: Instance) => Promise<T>) =>
  Promise.all(Array.from({ length: 20 }, (_, n) => ask(n % 2 ? here : there)));
const good = (answers: readonly { readonly status: number }[]) =>
  answers.filter(({ status }) => status === 200).length;

test(
  'F10 X13 an assertion is taken once by both',
  async ({ task }) => {
    const own = await ownKey();
    const keys = { tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [own.jwk] } };
    const client = await makeClient(acme, { ...SERVICE, ...keys });
    for (let n = 0; n < ROUNDS; n += 1) {
      const assertion = await clientAssertion(house, acme, client.id, own);
      const asked = { ...GRANT, ...assertion };
      expect(good(await race((at) => tell(at, acme, '/oauth2/token', asked)))).toBe(1);
    }
    report(task, 'F10 client assertions', { races: ROUNDS, 'at once': 20, 'taken each': 1 });
  },
  LIMIT,
);

test(
  'E10 X13 a proof is taken once by both, at the issuer and at the API',
  async ({ task }) => {
    const own = await ownKey();
    const client = await makeClient(acme, SERVICE);
    const headers = async () => ({
      ...basic(client),
      dpop: await dpopProof(house, own, { uri: TOKEN }),
    });
    const { body } = await tell(here, acme, '/oauth2/token', GRANT, await headers());
    const token = String(body['access_token']);
    for (let n = 0; n < ROUNDS; n += 1) {
      const same = await headers();
      expect(good(await race((at) => tell(at, acme, '/oauth2/token', GRANT, same)))).toBe(1);
      const dpop = await dpopProof(house, own, { method: 'GET', uri: API, token });
      const shown = {
        path: '/v1/users?first=1',
        headers: { authorization: `DPoP ${token}`, dpop },
      };
      expect(good(await race((at) => send(at.url, shown)))).toBe(1);
    }
    report(task, 'E10 proofs', { races: 2 * ROUNDS, 'at once': 20, 'taken each': 1 });
  },
  LIMIT,
);

test(
  'F15 X13 a device code is redeemed once by both',
  async ({ task }) => {
    const native = { type: 'NATIVE', grantTypes: [DEVICE_CODE], redirectUris: [] };
    const tv = await makeClient(acme, native);
    const ada = await person(house, make, acme);
    const window = browser(here);
    const path = `/t/${acme.slug}/device`;
    for (let n = 0; n < ROUNDS; n += 1) {
      const form = { client_id: tv.id, scope: 'openid' };
      const { body } = await tell(there, acme, '/oauth2/device', form);
      const xsrf = /name="xsrf" value="([^"]+)"/.exec((await window.get(path)).text)?.[1] ?? '';
      const typed = { xsrf, user_code: String(body['user_code']), confirm: 'yes' };
      const { location } = await window.post(path, typed);
      if (location) await follow(window, location, { email: ada.email, password: PASSWORD });
      const code = { grant_type: DEVICE_CODE, device_code: String(body['device_code']) };
      const asked = { ...code, client_id: tv.id };
      expect(good(await race((at) => tell(at, acme, '/oauth2/token', asked)))).toBe(1);
    }
    report(task, 'F15 device codes', { races: ROUNDS, 'at once': 20, 'redeemed each': 1 });
  },
  LIMIT,
);

test(
  'T33 what one instance takes back, the other refuses within a second',
  async ({ task }) => {
    const app = await makeClient(acme, { apiScopes: ['users:read'] });
    const config = await relyingParty(house, acme, app);
    const scope = 'openid users:read';
    const opens = async (token: string) =>
      (await callerOf(there, { secret: token, door: 'public' }).gql('{ viewer { scopes } }'))
        .status;
    const active = async (token: string) =>
      (await tell(there, acme, '/oauth2/introspect', { token }, basic(app))).body['active'];
    let worst = 0;
    for (const kind of ['access_token', 'refresh_token'] as const) {
      const { tokens } = await signInTo(house, config, await person(house, make, acme), { scope });
      const token = tokens.access_token;
      expect([await opens(token), await active(token)]).toEqual([200, true]);
      await tell(here, acme, '/oauth2/revoke', { token: String(tokens[kind]) }, basic(app));
      expect(await active(token), kind).toBe(false);
      const start = Date.now();
      await until(async () => (await opens(token)) === 401);
      worst = Math.max(worst, Date.now() - start);
    }
    report(task, 'T33 taken back', { tokens: 2, 'worst ms': worst });
  },
  LIMIT,
);
