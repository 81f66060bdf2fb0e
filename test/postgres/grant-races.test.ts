/** F08, C05: grants are made by one process while another ends what they stand on. */
import { expect, test } from 'vitest';
import { holdConsent } from '#features/consents/consents.queries.ts';
import { makeGrant } from '#features/grants/grants.commands.ts';
import { decodeId } from '#kernel/ids.ts';
import { callerOf } from '../kit/as.ts';
import { contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeUser, makers, run } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { rows } from '../kit/stored.ts';
import { report, scaled } from '../operations/faults.ts';

const house = await openHouse({ instances: 2 });
const [, second] = house.instances;
const make = makers(house);
const acme = await make.tenant();
const there = second ? callerOf(second, { secret: acme.secret, door: 'public' }) : acme;
const client = await make.client(acme);
const ctx = await contextOf(house, { tenantId: acme.uuid });
const inside = <T>(fn: () => Promise<T>) => ctx.db.transaction(fn, { tenantId: acme.uuid });
const ROUNDS = scaled(20, 500);
const LIMIT = scaled(60_000, 900_000);

const given = (user: MadeUser, sessionId: string | null) => ({
  userId: user.uuid,
  clientId: client.uuid,
  sessionId,
  scopes: ['openid', 'offline_access'],
});

async function alive(user: MadeUser): Promise<number> {
  const sql = 'SELECT 1 FROM oauth_grants WHERE user_id = $1 AND revoked_at IS NULL';
  return (await rows(house, acme.uuid, sql, [user.uuid])).length;
}

test.each([
  ['suspending the user', 'suspendUser', (user: MadeUser) => ({ id: user.id })],
  ['ending every session', 'endUserSessions', (user: MadeUser) => ({ userId: user.id })],
])(
  'F08 X11 no grant slips through %s',
  async (_what, mutation, input) => {
    let made = 0;
    for (let n = 0; n < ROUNDS; n += 1) {
      const user = await make.user(acme);
      const session = decodeId('session', (await make.session(acme, user)).id);
      const [ended, ...grants] = await Promise.all([
        mutate(there, mutation, input(user)),
        ...[1, 2, 3].map(() => inside(() => makeGrant(ctx, given(user, session)))),
      ]);
      expect(ended.code).toBeUndefined();
      made += grants.filter((grant) => grant !== null).length;
      expect(await alive(user)).toBe(0);
    }
    expect(made).toBeLessThanOrEqual(ROUNDS * 3);
  },
  LIMIT,
);

test(
  'F08 F12 no grant slips through a consent that is taken back',
  async ({ task }) => {
    for (let n = 0; n < ROUNDS; n += 1) {
      const user = await make.user(acme);
      const { id } = await make.consent(acme, user, client);
      const whileAllowed = () =>
        inside(async () =>
          (await holdConsent(ctx, user.uuid, client.uuid))
            ? makeGrant(ctx, given(user, null))
            : null,
        );
      await Promise.all([
        run(there, 'revokeConsent', 'revokedId', { id }),
        ...[1, 2, 3].map(whileAllowed),
      ]);
      expect(await alive(user)).toBe(0);
    }
    report(task, 'F08', { rounds: ROUNDS * 3, 'grants that slipped through': 0 });
  },
  LIMIT,
);

test(
  'of many rotations at once five secrets work at most',
  async () => {
    const one = await make.client(acme);
    const rotate = (n: number) =>
      mutate(n % 2 ? acme : there, 'rotateClientSecret', { id: one.id }, 'secret');
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => rotate(n)));
    expect(answers.filter(({ code }) => code === 'TOO_MANY_CLIENT_SECRETS')).toHaveLength(8);
    const sql = 'SELECT 1 FROM oauth_client_secrets WHERE client_id = $1';
    expect(await rows(house, acme.uuid, sql, [one.uuid])).toHaveLength(5);
  },
  LIMIT,
);

test('consents that are given at once add up', async () => {
  const user = await make.user(acme);
  const names = Array.from({ length: 8 }, (_, n) => `scope-${n}`);
  await Promise.all(
    names.map((name) =>
      make.consent(acme, user, client, { scopes: [name], resourceScopes: { 'urn:a': [name] } }),
    ),
  );
  const sql =
    'SELECT scopes, resource_scopes AS "resourceScopes" FROM oauth_consents WHERE user_id = $1';
  expect(await rows(house, acme.uuid, sql, [user.uuid])).toEqual([
    { scopes: names, resourceScopes: { 'urn:a': names } },
  ]);
});
