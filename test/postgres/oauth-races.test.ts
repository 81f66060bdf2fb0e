/**
 * F02, F07, F08, T10, T11, T20, X10, X11: two processes are handed the same code, the same refresh
 * token, or what is being taken back at this moment.
 */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { encodeId } from '#kernel/ids.ts';
import { PUBLIC_URL } from '../kit/house.ts';
import { run } from '../kit/make.ts';
import { makeClient } from '../kit/relying-party.ts';
import { send } from '../kit/wire.ts';
import { report, scaled } from '../operations/faults.ts';
import { openOAuthPair, redemption, refresh, tally } from './oauth-pair.ts';

const pair = await openOAuthPair();
afterAll(() => pair.db.close());
const { here, there, make, db, token, race } = pair;
const acme = await make.tenant();
const app = await makeClient(acme);
const ada = await pair.person(acme);
const LIMIT = scaled(120_000, 1_800_000);

/** Refresh tokens that are neither spent nor taken back, by grant, where there are more than one. */
const doubled = () =>
  db.inTenant(acme.uuid, () =>
    db.query(
      `SELECT t.grant_id FROM oauth_tokens t JOIN oauth_grants g ON g.tenant_id = t.tenant_id AND g.id = t.grant_id
       WHERE t.kind = 'RefreshToken' AND t.consumed_at IS NULL AND g.revoked_at IS NULL
       GROUP BY t.grant_id HAVING count(*) > 1`,
    ),
  );

async function userinfo(accessToken: string | undefined): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return (await send(there.url, { path: `/t/${acme.slug}/oauth2/userinfo`, headers })).status;
}

test(
  'F02 T10 X10 of twenty who redeem one code, one is given tokens, which end at once',
  async ({ task }) => {
    const visitor = await pair.visitor(acme, app, ada);
    const rounds = scaled(20, 1_000);
    let alive = 0;
    for (let n = 0; n < rounds; n += 1) {
      const form = redemption(await visitor.code());
      const answers = await race(20, (at) => token(at, acme, app, form));
      expect(tally(answers)).toEqual({ '200': 1, invalid_grant: 19 });
      const won = answers.find(({ status }) => status === 200);
      if ((await userinfo(won?.access_token)) !== 401) alive += 1;
      const later = await token(here, acme, app, refresh(won?.refresh_token));
      expect(later.error).toBe('invalid_grant');
    }
    expect(alive).toBe(0);
    report(task, 'X10 codes', { races: rounds, 'at once': 20, 'successes each': 1, alive });
  },
  LIMIT,
);

test(
  'F07 T11 X11 of a refresh token that comes twenty times at once there is one lineage, and it lives',
  async ({ task }) => {
    const visitor = await pair.visitor(acme, app, ada);
    const rounds = scaled(20, 1_000);
    let lost = 0;
    for (let n = 0; n < rounds; n += 1) {
      const first = await token(here, acme, app, redemption(await visitor.code()));
      const retries = await race(20, (at) => token(at, acme, app, refresh(first.refresh_token)));
      expect(tally(retries)).toEqual({ '200': 20 });
      const next = new Set(retries.map((answer) => answer.refresh_token));
      expect(next.size).toBe(1);
      const [successor] = next;
      if ((await token(there, acme, app, refresh(successor))).status !== 200) lost += 1;
    }
    expect(lost).toBe(0);
    expect(await doubled()).toEqual([]);
    report(task, 'X11 honest retries', { races: rounds, 'at once': 20, 'families lost': lost });
  },
  LIMIT,
);

test(
  'F07 T11 X11 a thief and the client, at once: never two living lineages',
  async ({ task }) => {
    const visitor = await pair.visitor(acme, app, ada);
    const rounds = scaled(20, 1_000);
    let ended = 0;
    for (let n = 0; n < rounds; n += 1) {
      const first = await token(here, acme, app, redemption(await visitor.code()));
      const second = await token(there, acme, app, refresh(first.refresh_token));
      const values = [first.refresh_token, second.refresh_token];
      let turn = 0;
      const answers = await race(20, (at) => {
        turn += 1;
        return token(at, acme, app, refresh(values[turn % 4 < 2 ? 0 : 1]));
      });
      const given = answers.flatMap((answer) => answer.refresh_token ?? []);
      // The one that was told already, and the one that follows it.
      expect(new Set([second.refresh_token, ...given]).size).toBeLessThanOrEqual(2);
      // The first one has come back after its successor was used.
      const stolen = await token(here, acme, app, refresh(first.refresh_token));
      if (stolen.error === 'invalid_grant') ended += 1;
      for (const value of new Set([...values, ...given]))
        expect((await token(there, acme, app, refresh(value))).error).toBe('invalid_grant');
    }
    expect(ended).toBe(rounds);
    expect(await doubled()).toEqual([]);
    report(task, 'X11 thefts', { races: rounds, 'at once': 20, 'families ended': ended });
  },
  LIMIT,
);

test(
  'F08 T20 who is suspended, and whose consent is taken back, while a token is made for them, has none after it',
  async ({ task }) => {
    const rounds = scaled(10, 200);
    const theirs = await makeClient(acme, { firstParty: false });
    let last = { suspended: 0, revoked: 0 };
    for (let n = 0; n < rounds; n += 1) {
      const who = await pair.person(acme);
      const visitor = await pair.visitor(acme, app, who);
      const first = await token(here, acme, app, redemption(await visitor.code()));
      const [suspended] = await Promise.all([
        token(there, acme, app, refresh(first.refresh_token)),
        run(acme, 'suspendUser', 'user { id }', { id: who.id }),
      ]);
      for (const value of [first.refresh_token, suspended.refresh_token ?? first.refresh_token])
        expect((await token(here, acme, app, refresh(value))).error).toBe('invalid_grant');
      const revoked = await raceForConsent(theirs);
      last = {
        suspended: last.suspended + Number(suspended.status === 200),
        revoked: last.revoked + revoked,
      };
    }
    report(task, 'F08 ends while tokens are made', { races: 2 * rounds, ...last });
  },
  LIMIT,
);

/** Answers how many of the two that were on their way were still given something. */
async function raceForConsent(theirs: Awaited<ReturnType<typeof makeClient>>): Promise<number> {
  const who = await pair.person(acme);
  const visitor = await pair.visitor(acme, theirs, who);
  const code = await visitor.code();
  const [consent] = await db.inTenant(acme.uuid, () =>
    db.query<{ id: string }>('SELECT id FROM oauth_consents WHERE user_id = $1', [who.uuid]),
  );
  const [redeemed, another] = await Promise.all([
    token(there, acme, theirs, redemption(code)),
    visitor.codeIfAllowed(there).catch(() => null),
    run(acme, 'revokeConsent', '__typename', { id: encodeId('consent', consent?.id ?? '') }),
  ]);
  const after = [
    await token(here, acme, theirs, refresh(redeemed.refresh_token)),
    ...(another ? [await token(here, acme, theirs, redemption(another))] : []),
  ];
  for (const answer of after) expect(answer.status).toBe(400);
  expect(await visitor.codeIfAllowed()).toBeNull();
  return Number(redeemed.status === 200) + Number(another !== null);
}

test(
  'F10 X13 an assertion of a client is good once, at both',
  async ({ task }) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const service = await makeClient(acme, {
      type: 'SERVICE',
      redirectUris: [],
      firstParty: false,
      apiScopes: ['users:read'],
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
    });
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const assertion = () => {
      const now = Math.floor(Date.now() / 1000);
      const aud = `${PUBLIC_URL}/t/${acme.slug}`;
      const claims = { iss: service.id, sub: service.id, aud, jti: randomUUID(), iat: now };
      const said = `${part({ alg: 'ES256' })}.${part({ ...claims, exp: now + 60 })}`;
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
      return `${said}.${sign('sha256', Buffer.from(said), key).toString('base64url')}`;
    };
    const rounds = scaled(10, 500);
    for (let n = 0; n < rounds; n += 1) {
      const form = {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion(),
      };
      const answers = await race(20, (at) => token(at, acme, service, form));
      expect(tally(answers)).toEqual({ '200': 1, invalid_client: 19 });
    }
    report(task, 'X13 client assertions', { races: rounds, 'at once': 20, 'successes each': 1 });
  },
  LIMIT,
);
