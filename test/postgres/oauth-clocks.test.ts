/**
 * X07: one of two instances runs on a host whose clock is wrong. Both go by the database's: what one
 * makes the other takes, as long as it is good and no longer.
 */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { importJWK, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { signingKeys } from '#features/keys/keys.store.ts';
import { callerOf } from '../kit/as.ts';
import { browser } from '../kit/browser.ts';
import { fixedClock } from '../kit/clock.ts';
import { type House, openHouse } from '../kit/house.ts';
import { type MadeTenant, makers } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { begin, follow, type MadeClient, makeClient, relyingParty } from '../kit/relying-party.ts';
import { report } from '../operations/faults.ts';
import { houseOf, startServer } from '../operations/server-process.ts';
import { ISSUERS_ENV, redemption, refresh, token } from './oauth-pair.ts';

const clock = { ...fixedClock(), ms: () => Date.now(), now: () => new Date() };
const right = await openHouse({ clock, env: ISSUERS_ENV });
const make = makers(right);
const tenant = await make.tenant();
const app = await makeClient(tenant);
const service = await makeClient(tenant, {
  type: 'SERVICE',
  redirectUris: [],
  firstParty: false,
  apiScopes: ['users:read'],
});
const ada = await person(right, make, tenant);
const config = await relyingParty(right, tenant, app);

const CREDENTIALS = { grant_type: 'client_credentials', scope: 'users:read' };
const seconds = () => Math.floor(Date.now() / 1000);
const claimsOf = (jwt: string | undefined) =>
  JSON.parse(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString());

async function issue(at: House, to: MadeClient, tenantOf: MadeTenant): Promise<string> {
  const { access_token: made } = await token(at, tenantOf, to, CREDENTIALS);
  expect(made).toBeTruthy();
  return made ?? '';
}

async function isTaken(at: House, jwt: string): Promise<boolean> {
  const caller = callerOf(at, { secret: jwt, door: 'public' });
  return (await caller.rest('GET', '/v1/users')).status === 200;
}

/** The same token, as it would have been made so that it ended at this second. */
async function endingAt(jwt: string, exp: number): Promise<string> {
  const { keys } = await signingKeys(right.services).find(tenant.uuid);
  const { kid } = JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString());
  const key = keys.find((one) => one.kid === kid) as (typeof keys)[number];
  const made = { ...claimsOf(jwt), jti: randomUUID(), iat: exp - 900, nbf: exp - 900, exp };
  return new SignJWT(made)
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
    .sign(await importJWK(key, 'ES256'));
}

async function atSkewed(skewMs: number, run: (wrong: House) => Promise<void>): Promise<void> {
  const preload = fileURLToPath(new URL('./skewed-clock.process.ts', import.meta.url));
  const env = { ...ISSUERS_ENV, SKEW_MS: String(skewMs), NODE_OPTIONS: `--import ${preload}` };
  const server = await startServer({ home: right.home, env });
  const logged = /"time":(?:"([^"]+)"|(\d+))/.exec(server.output());
  const hostTime = new Date(logged?.[1] ?? Number(logged?.[2])).getTime();
  expect(Math.abs(hostTime - Date.now() - skewMs)).toBeLessThan(60_000);
  try {
    await run(houseOf(server));
  } finally {
    await server.end('SIGKILL');
  }
}

test.for([-300_000, 300_000, 86_400_000])(
  'X07 E04 a host that is off by %i ms makes and takes tokens as everybody does',
  { timeout: 60_000 },
  async (skewMs, { task }) => {
    await atSkewed(skewMs, async (wrong) => {
      const both = [right, wrong];
      for (const maker of both) {
        const made = await issue(maker, service, tenant);
        const { iat, exp } = claimsOf(made);
        expect(Math.abs(iat - seconds())).toBeLessThanOrEqual(5);
        for (const at of both) {
          expect(await isTaken(at, made)).toBe(true);
          expect(await isTaken(at, await endingAt(made, seconds() + 20))).toBe(true);
          expect(await isTaken(at, await endingAt(made, seconds() - 60))).toBe(false);
        }
        expect(exp - iat).toBe(900);
      }
      const begun = await begin(config);
      const { url } = await follow(browser(right), begun.url, ada);
      const code = { code: url?.searchParams.get('code') ?? '', begun };
      const first = await token(wrong, tenant, app, redemption(code));
      expect(first.status, first.error).toBe(200);
      const second = await token(right, tenant, app, refresh(first.refresh_token));
      const third = await token(wrong, tenant, app, refresh(second.refresh_token));
      expect([second.status, third.status]).toEqual([200, 200]);
    });
    report(task, 'X07 clocks', { 'off by ms': skewMs, 'taken 60 s after exp': 0 });
  },
);
