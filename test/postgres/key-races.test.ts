/**
 * E09, X09: two instances make and rotate the keys of a tenant at the same time, while one signs and
 * the other verifies. Both take the same time as everybody: a clock that goes.
 */
import { expect, test } from 'vitest';
import type { PublicJwk } from '#features/keys/keys.model.ts';
import { type KeySet, signingKeys } from '#features/keys/keys.store.ts';
import { fixedClock } from '../kit/clock.ts';
import { type Instance, openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { mutate, type Refused } from '../kit/mutate.ts';
import { isGoodBy, type Signed, signBy } from '../kit/signatures.ts';
import { rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';
import { report, scaled } from '../operations/faults.ts';

const clock = { ...fixedClock(), ms: () => Date.now(), now: () => new Date() };
const house = await openHouse({ instances: 2, clock });
const [here, there] = house.instances as [Instance, Instance];
const make = makers(house);
const [signer, verifier] = [signingKeys(here.services), signingKeys(there.services)];
const ES256 = { needs: ['ES256'] as const };
const LIMIT = scaled(60_000, 900_000);

const states = async (tenant: MadeTenant, alg: string) =>
  Object.fromEntries(
    (
      await rows<{ state: string; count: number }>(
        house,
        tenant.uuid,
        'SELECT state, count(*)::int AS count FROM signing_keys WHERE alg = $1 GROUP BY state',
        [alg],
      )
    ).map(({ state, count }) => [state, count]),
  );

test(
  'E09 two instances that are asked first, at the same time, make one key of an algorithm',
  async ({ task }) => {
    const rounds = scaled(5, 100);
    for (let n = 0; n < rounds; n += 1) {
      const tenant = await make.tenant();
      const asked = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? signer : verifier).find(tenant.uuid)),
      );
      for (const alg of ['RS256', 'ES256']) {
        const firsts = asked.map(({ keys }) => keys.find((key) => key.alg === alg)?.kid);
        expect(new Set(firsts).size).toBe(1);
        await until(async () => (await states(tenant, alg))['NEXT'] === 1);
        expect(await states(tenant, alg)).toEqual({ CURRENT: 1, NEXT: 1 });
      }
    }
    report(task, 'E09 first keys', { races: rounds, 'at once': 20, 'keys each': 1 });
  },
  LIMIT,
);

test(
  'X14 rotations at once, on two instances, are one after the other',
  async ({ task }) => {
    const tenant = await make.tenant();
    await make.signingKeys(tenant, 'ES256');
    const rotations = scaled(20, 40);
    const callers = [tenant.at(here), tenant.at(there)] as const;
    const answers = await Promise.all(
      Array.from({ length: rotations }, (_, n) =>
        mutate(callers[n % 2 ? 0 : 1], 'rotateSigningKeys', { alg: 'ES256' }),
      ),
    );
    expect(answers.map(({ code }) => code)).toEqual(Array(rotations).fill(undefined));
    expect(await states(tenant, 'ES256')).toEqual({ CURRENT: 1, NEXT: 1, RETIRING: rotations });
    report(task, 'X14 rotations at once', { rotations, refused: 0 });
  },
  LIMIT,
);

/** A resource server: it fetches the keys when it meets one that it does not know, once. */
function resourceServer(fetch: () => Promise<KeySet>) {
  let known: readonly PublicJwk[] = [];
  let fetched = 0;
  return {
    fetched: () => fetched,
    async accepts(token: Signed): Promise<boolean> {
      const find = () => known.find(({ kid }) => kid === token.kid);
      if (!find()) {
        fetched += 1;
        known = (await fetch()).keys;
      }
      return isGoodBy(find(), token);
    },
  };
}

test(
  'X09 twenty rotations under load: no good token is refused, and none by a key that is not published',
  async ({ task }) => {
    const tenant = await make.tenant();
    await signer.find(tenant.uuid, ES256);
    const server = resourceServer(() => verifier.publicKeys(tenant.uuid, ES256));
    const tokens: Signed[] = [];
    const refused: string[] = [];
    const check = async (token: Signed, when: string) => {
      if (!isGoodBy(await verifier.publicKey(tenant.uuid, token.kid), token))
        refused.push(`by the other instance, ${when}`);
      if (!(await server.accepts(token))) refused.push(`by a resource server, ${when}`);
    };
    let rotating = true;
    const load = async () => {
      while (rotating) {
        const [key] = (await signer.find(tenant.uuid, ES256)).keys;
        const token = signBy(key ?? (undefined as never), `token ${tokens.length}`);
        tokens.push(token);
        await check(token, 'at once');
        // Two hundred a second, of four callers.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const callers = Array.from({ length: 4 }, load);
    let last: Refused & { signingKeys?: { kid: string; state: string }[] } = {};
    for (let n = 0; n < 20; n += 1) {
      last = await mutate(
        tenant.at(n % 2 ? here : there),
        'rotateSigningKeys',
        { alg: 'ES256' },
        'signingKeys { kid state }',
      );
      expect(last.code).toBeUndefined();
      const current = last.signingKeys?.find(({ state }) => state === 'CURRENT')?.kid;
      // In haste at first, then each when the one before has begun to sign.
      if (n >= 15) await until(() => tokens.at(-1)?.kid === current, { what: 'the new key' });
    }
    rotating = false;
    await Promise.all(callers);
    for (const token of tokens) await check(token, 'at the end');
    expect(refused).toEqual([]);
    const kids = new Set(tokens.map(({ kid }) => kid)).size;
    expect(kids).toBeGreaterThan(5);
    report(task, 'X09 rotations under load', {
      rotations: 20,
      tokens: tokens.length,
      'keys that signed': kids,
      'fetches of a resource server': server.fetched(),
      refused: refused.length,
    });
  },
  LIMIT,
);
