/**
 * E09, X09: two instances issue and take tokens while their keys change, and so does an API that
 * verifies by itself and keeps the keys that it has fetched for five minutes.
 */
import { createRemoteJWKSet, customFetch, importJWK, jwtVerify, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { signingKeys } from '#features/keys/keys.store.ts';
import { callerOf } from '../kit/as.ts';
import { fixedClock } from '../kit/clock.ts';
import { type Instance, openHouse, PUBLIC_URL } from '../kit/house.ts';
import { type MadeTenant, makers, run } from '../kit/make.ts';
import { fetchAt, type MadeClient, makeClient } from '../kit/relying-party.ts';
import { until } from '../kit/until.ts';
import { report, scaled } from '../operations/faults.ts';

let ahead = 0;
/** Goes like everybody's, and can be moved. */
const clock = {
  ...fixedClock(),
  ms: () => Date.now() + ahead,
  now: () => new Date(Date.now() + ahead),
};
const house = await openHouse({ instances: 2, clock });
const instances = house.instances as [Instance, Instance];
const [here, there] = instances;
const make = makers(house);
const LIMIT = scaled(60_000, 900_000);
const SERVICE = { type: 'SERVICE', redirectUris: [], firstParty: false, apiScopes: ['users:read'] };
const DAY_AND_MORE_MS = 90_100_000;

async function issue(
  at: Instance,
  { slug }: MadeTenant,
  { id, secret }: MadeClient,
  form: Record<string, string> = {},
): Promise<string> {
  const answer = await fetch(`${at.url}/t/${slug}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'users:read',
      ...form,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (!token) throw new Error(`no token: ${answer.status}`);
  return token;
}

async function isTaken(at: Instance, token: string): Promise<boolean> {
  const caller = callerOf({ ...house, ...at }, { secret: token, door: 'public' });
  return (await caller.rest('GET', '/v1/users')).status === 200;
}

/** Somebody else's API: keeps the keys, and fetches them once when it meets one that it does not know. */
function otherApi(tenant: MadeTenant, at: Instance) {
  const issuer = `${PUBLIC_URL}/t/${tenant.slug}`;
  let fetched = 0;
  const keys = createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`), {
    cacheMaxAge: 300_000,
    cooldownDuration: 0,
    [customFetch]: (url, init) => {
      fetched += 1;
      return fetchAt(at)(url, init as RequestInit);
    },
  });
  return {
    fetched: () => fetched,
    verify: (token: string) =>
      jwtVerify(token, keys, { issuer, typ: 'at+jwt', currentDate: clock.now() }),
  };
}

const kidOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid as string;
const rotate = (tenant: MadeTenant, at: Instance, input: object = {}) =>
  run(tenant.at(at), 'rotateSigningKeys', 'signingKeys { kid state }', {
    alg: 'ES256',
    ...input,
  });

test(
  'E09 X09 twenty rotations under load: no good token is refused, by nobody',
  async ({ task }) => {
    const tenant = await make.tenant();
    const client = await makeClient(tenant, SERVICE);
    const api = otherApi(tenant, there);
    const tokens: string[] = [];
    const refused: string[] = [];
    const check = async (token: string, n: number, when: string) => {
      await api.verify(token).catch((error: Error) => refused.push(`${error.message}, ${when}`));
      if (!(await isTaken(instances[n % 2 ? 0 : 1], token))) refused.push(`by us, ${when}`);
    };
    let rotating = true;
    const load = async () => {
      while (rotating) {
        const n = tokens.length;
        const token = await issue(instances[n % 2 ? 1 : 0], tenant, client);
        tokens.push(token);
        await check(token, n, 'at once');
      }
    };
    await issue(here, tenant, client);
    const callers = Array.from({ length: 4 }, load);
    for (let n = 0; n < 20; n += 1) {
      await rotate(tenant, n % 2 ? here : there);
      const made = tokens.length;
      // In haste at first, then each when the one before has begun to sign.
      const before = kidOf(tokens.at(-1) ?? '');
      const signs = () => tokens.length > made && (n < 10 || kidOf(tokens.at(-1) ?? '') !== before);
      await until(signs, { what: 'the new key' });
    }
    rotating = false;
    await Promise.all(callers);
    for (const [n, token] of tokens.entries()) await check(token, n, 'at the end');
    expect(refused).toEqual([]);
    const kids = new Set(tokens.map(kidOf)).size;
    expect(kids).toBeGreaterThan(5);
    expect(api.fetched()).toBeLessThanOrEqual(21);
    report(task, 'X09 issuers', {
      rotations: 20,
      tokens: tokens.length,
      'keys that signed': kids,
      'fetches by another API': api.fetched(),
      refused: refused.length,
    });
  },
  LIMIT,
);

test('E09 X09 a key that leaked is refused by both within a second, and what follows is good', async () => {
  const tenant = await make.tenant();
  const client = await makeClient(tenant, SERVICE);
  const token = await issue(here, tenant, client);
  for (const at of instances) expect(await isTaken(at, token)).toBe(true);
  await rotate(tenant, here, { retireNow: true });
  ahead += 1_000;
  for (const at of instances) expect(await isTaken(at, token)).toBe(false);
  const next = await issue(there, tenant, client);
  for (const at of instances) expect(await isTaken(at, next)).toBe(true);
  await expect(otherApi(tenant, here).verify(token)).rejects.toThrow('no applicable key');
});

test('E09 X09 what a replaced key signs is refused when its overlap is over', async () => {
  const tenant = await make.tenant();
  const client = await makeClient(tenant, SERVICE);
  const token = await issue(here, tenant, client);
  const { keys } = await signingKeys(here.services).find(tenant.uuid);
  const old = keys.find(({ kid }) => kid === kidOf(token)) as (typeof keys)[number];
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  const signed = async () => {
    const now = Math.floor(clock.ms() / 1000);
    return new SignJWT({ ...claims, jti: crypto.randomUUID(), iat: now, nbf: now, exp: now + 900 })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: old.kid })
      .sign(await importJWK(old, 'ES256'));
  };
  await rotate(tenant, there);
  ahead += 1_000;
  const during = await signed();
  for (const at of instances) expect(await isTaken(at, during)).toBe(true);
  await otherApi(tenant, here).verify(during);
  ahead += DAY_AND_MORE_MS;
  const after = await signed();
  for (const at of instances) expect(await isTaken(at, after)).toBe(false);
  await expect(otherApi(tenant, there).verify(after)).rejects.toThrow('no applicable key');
});

test('E08 tokens by Ed25519 are made as soon as somebody asks for them; nobody else has such keys', async () => {
  const tenant = await make.tenant();
  const plain = await makeClient(tenant, SERVICE);
  await issue(here, tenant, plain);
  await issue(there, tenant, plain);
  const algs = async (at: Instance) => {
    const answer = await fetch(`${at.url}/t/${tenant.slug}/oauth2/jwks`);
    const { keys } = (await answer.json()) as { keys: { alg: string; d?: string }[] };
    expect(keys.filter(({ d }) => d !== undefined)).toEqual([]);
    return new Set(keys.map(({ alg }) => alg));
  };
  expect(await algs(here)).toEqual(new Set(['RS256', 'ES256']));
  const scopes = [{ name: 'print', description: 'Print' }];
  const resource = await make.resource(tenant, { signingAlg: 'EdDSA', scopes });
  const audiences = [resource.identifier];
  const service = await makeClient(tenant, { ...SERVICE, audiences });
  for (const at of instances) {
    const form = { resource: resource.identifier, scope: 'print' };
    const token = await issue(at, tenant, service, form);
    const { protectedHeader } = await otherApi(tenant, at).verify(token);
    expect(protectedHeader.alg).toBe('EdDSA');
    expect(await algs(at)).toContain('EdDSA');
  }
});
