/** What administrators see and do of people's factors: they revoke and import, and are shown no secret. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { enrolFactor } from '#features/mfa/mfa.commands.ts';
import { revokeFactors } from '#features/mfa/revocations.commands.ts';
import { verifyTotp } from '#features/mfa/totp.commands.ts';
import { encodeId, newId } from '#kernel/ids.ts';
import { auditLog } from '../kit/audit-row.ts';
import { call, contextOf } from '../kit/context.ts';
import { factorsOf } from '../kit/factors.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeUser, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { everythingStored, rows } from '../kit/stored.ts';
import { base32Bytes, totp } from '../kit/totp.ts';

const house = await openHouse();
const { clock } = house;
const make = makers(house);
const acme = await make.tenant({ name: 'Acme' });
const { as, addApp, messagesTo, liveSessions } = factorsOf(house, acme);
const nobody = await contextOf(house, { tenantId: acme.uuid, kind: 'anonymous' });

/** Whether the app that has this seed signs its owner in. */
async function isGood(user: MadeUser, secret: string): Promise<boolean> {
  clock.advance(60_000);
  const code = totp(secret, clock.ms());
  const guess = { userId: user.uuid, code, spendGuess: async () => true };
  return (await call(nobody, verifyTotp, guess)).ok;
}

test('factors are listed of a user, and found by their id; those that wait are not', async () => {
  const user = await make.user(acme);
  const [first, second] = [await addApp(await as(user)), await addApp(await as(user), 'Tablet')];
  const waiting = await call(await as(user), enrolFactor, { kind: 'EMAIL', name: 'Mail' });
  const document = `query ($id: ID!, $ids: [ID!]!) {
    user(id: $id) { factors(first: 1) { totalCount nodes { id userId kind name backedUp } pageInfo { hasNextPage } } }
    nodes(ids: $ids) { id ... on Factor { name } } }`;
  const ids = [second.id, encodeId('factor', waiting.factorId)];
  const { data } = await acme.gql(document, { id: user.id, ids });
  expect(data).toEqual({
    user: {
      factors: {
        totalCount: 2,
        nodes: [{ id: first.id, userId: user.id, kind: 'TOTP', name: 'Phone', backedUp: null }],
        pageInfo: { hasNextPage: true },
      },
    },
    nodes: [{ id: second.id, name: 'Tablet' }, null],
  });
  const { body } = await acme.rest<{ items: object[] }>('GET', `/v1/users/${user.id}/factors`);
  expect(body.items).toHaveLength(2);
  const own = await acme.rest('GET', '/v1/viewer/factors');
  expect(own.body).toEqual({ items: [], nextCursor: null });
});

test('C06 A14 revoking takes one factor or all, ends every session, and is told and recorded', async () => {
  const user = await make.user(acme);
  const [first, second] = [await addApp(await as(user)), await addApp(await as(user), 'Tablet')];
  await make.session(acme, user);
  const one = await acme.rest('DELETE', `/v1/users/${user.id}/factors/${first.id}`);
  expect(one.body).toEqual({ revokedIds: [first.id] });
  expect(await liveSessions(user)).toEqual([]);
  expect([await isGood(user, first.secret), await isGood(user, second.secret)]).toEqual([
    false,
    true,
  ]);
  const again = await acme.rest('DELETE', `/v1/users/${user.id}/factors/${first.id}`);
  expect(again.status).toBe(404);
  const all = await acme.rest('DELETE', `/v1/users/${user.id}/factors`);
  expect(all.body).toEqual({ revokedIds: [second.id] });
  const codes = 'SELECT 1 FROM backup_codes WHERE user_id = $1';
  expect(await rows(house, acme.uuid, codes, [user.uuid])).toEqual([]);
  expect((await messagesTo(user)).slice(-2)).toEqual(['factor-removed', 'factor-removed']);
  const log = (await auditLog(house, acme.uuid)).filter(({ type }) => type === 'mfa.revoke');
  expect(log.map(({ result, severity }) => [result, severity])).toEqual([
    ['SUCCESS', 'WARNING'],
    ['REFUSED', 'WARNING'],
    ['SUCCESS', 'WARNING'],
  ]);
  expect(log[0]?.targets).toEqual([
    { type: 'user', id: user.id },
    { type: 'factor', id: first.id },
  ]);
});

test('a factor is revoked of its own user only, by somebody who holds what that user holds', async () => {
  const [owner, other, help] = [
    await make.user(acme),
    await make.user(acme),
    await make.user(acme),
  ];
  await make.assign(acme.operator, await make.builtIn(acme, 'owner'), owner);
  const desk = await make.role(acme, { scopes: ['mfa:read', 'mfa:write', 'users:read'] });
  await make.assign(acme, desk, help);
  const [theirs, app] = [await addApp(await as(owner)), await addApp(await as(other))];
  const helper = await as(help);
  const revoke = (user: MadeUser, factorId?: string) =>
    call(helper, revokeFactors, { userId: user.id, ...(factorId ? { factorId } : {}) });
  const outranked = { code: 'OUTRANKS_CALLER' };
  await expect(revoke(owner, theirs.id)).rejects.toMatchObject(outranked);
  await expect(revoke(owner)).rejects.toMatchObject(outranked);
  await expect(revoke(other, theirs.id)).rejects.toMatchObject({ code: 'FACTOR_NOT_FOUND' });
  expect((await revoke(other, app.id)).ids).toEqual([app.uuid]);
  expect(await isGood(owner, theirs.secret)).toBe(true);
  const weak = await as(help, { signedIn: { acr: 'pwd' } });
  await expect(call(weak, revokeFactors, { userId: other.id })).rejects.toMatchObject({
    code: 'STEP_UP_REQUIRED',
  });
});

const importing = (items: object[], form?: string) =>
  mutate<{ importedIds: string[]; known: number }>(
    acme,
    'importTotpSecrets',
    { items, ...(form ? { form } : {}) },
    'importedIds known',
  );
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const base64 = (text: Buffer | string) => Buffer.from(text).toString('base64');

test.each([
  ['BASE64', base64(base32Bytes(SECRET))],
  ['BASE64_OF_BASE32', base64(SECRET)],
  ['BASE64_OF_BASE32', base64(`${SECRET.toLowerCase().replace(/(.{4})/g, '$1 ')}====`)],
  ['BASE32', SECRET],
])('seeds of an older system go on working, written as %s %s', async (form, secret) => {
  const user = await make.user(acme);
  const { importedIds } = await importing([{ userId: user.id, secret, name: 'Old app' }], form);
  expect(importedIds).toHaveLength(1);
  expect(await isGood(user, SECRET)).toBe(true);
  expect(await messagesTo(user)).toEqual([]);
});

test('B05 imported seeds are sealed on the way in, with an event each, and again is as good as once', async () => {
  const users = await Promise.all(Array.from({ length: 5 }, () => make.user(acme)));
  const seeds = users.map(() => randomBytes(20));
  const items = users.map((user, n) => ({ userId: user.id, secret: base64(seeds[n] as Buffer) }));
  const before = (await auditLog(house, acme.uuid)).length;
  const first = await importing(items);
  expect([first.importedIds.length, first.known]).toEqual([5, 0]);
  const more = await make.user(acme);
  const second = await importing([...items, { userId: more.id, secret: base64(randomBytes(20)) }]);
  expect([second.importedIds.length, second.known]).toEqual([1, 5]);
  expect(await importing(items)).toMatchObject({ importedIds: [], known: 5 });
  const events = (await auditLog(house, acme.uuid))
    .slice(before)
    .filter(({ type }) => type === 'mfa.import-totp');
  expect(events.map(({ targets }) => targets[0]?.id ?? null)).toEqual([
    ...first.importedIds,
    ...second.importedIds,
    null,
  ]);
  const everywhere = [...(await everythingStored(house)), ...house.log].join('\n');
  for (const seed of seeds)
    for (const form of [
      seed.toString('hex'),
      base64(seed).replace(/=+$/, ''),
      seed.toString('base64url'),
    ])
      expect(everywhere.includes(form)).toBe(false);
});

test('an import is all or nothing, and says which items are wrong', async () => {
  const [user, elsewhere] = [await make.user(acme), await make.user(await make.tenant())];
  const good = { userId: user.id, secret: base64(randomBytes(20)) };
  const missing = encodeId('user', newId());
  const refused: [object[], string[], string?][] = [
    [
      [good, { ...good, userId: elsewhere.id }, { ...good, userId: missing }],
      ['items.1.userId', 'items.2.userId'],
    ],
    [[good, { ...good, secret: 'not base64 at all!' }], ['items.1.secret']],
    [[good, { ...good, secret: base64(randomBytes(65)) }], ['items.1.secret']],
    [[good], ['items.0.secret'], 'BASE64_OF_BASE32'],
    [[], ['items']],
    [Array.from({ length: 501 }, () => good), ['items']],
  ];
  for (const [items, paths, form] of refused) {
    const { code, fields } = await importing(items, form);
    expect([code, fields?.map(({ path }) => path)]).toEqual(['INVALID_INPUT', paths]);
  }
  const many = Array.from({ length: 6 }, () => ({ ...good, secret: base64(randomBytes(20)) }));
  expect((await importing(many)).code).toBe('TOO_MANY_FACTORS');
  const { data } = await acme.gql('query ($id: ID!) { user(id: $id) { factors { totalCount } } }', {
    id: user.id,
  });
  expect(data).toEqual({ user: { factors: { totalCount: 0 } } });
});

test('five hundred are imported at once', async () => {
  const users = await Promise.all(Array.from({ length: 100 }, () => make.user(acme)));
  const items = Array.from({ length: 500 }, (_, n) => ({
    userId: (users[n % 100] as MadeUser).id,
    secret: base64(randomBytes(20)),
  }));
  expect((await importing(items)).importedIds).toHaveLength(500);
});

test('nobody gives a factor to somebody who may do more than they', async () => {
  const owner = await make.user(acme);
  await make.assign(acme.operator, await make.builtIn(acme, 'owner'), owner);
  const help = await make.apiKey(acme, ['mfa:write']);
  const item = { userId: owner.id, secret: base64(randomBytes(20)) };
  const { code } = await mutate(help, 'importTotpSecrets', { items: [item] });
  expect(code).toBe('OUTRANKS_CALLER');
});
