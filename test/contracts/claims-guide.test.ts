/** docs/guides/claims.md: what tokens say is what it tells, claim by claim and place by place. */
import { readFileSync } from 'node:fs';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { CLAIMS } from '#protocols/oidc/claims.ts';
import { openHouse, PUBLIC_URL } from '../kit/house.ts';
import { makers, run } from '../kit/make.ts';
import { person } from '../kit/people.ts';
import { makeClient, relyingParty, signInTo } from '../kit/relying-party.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();
const guide = readFileSync(new URL('../../docs/guides/claims.md', import.meta.url), 'utf8');
const SCOPES = Object.keys(CLAIMS);

/** Rows of the tables: the claim, and what stands in each column. */
function rows(): Map<string, readonly string[]> {
  const found = [...guide.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(
    ([, name = '', rest = '']) => [name, rest.split('|').map((cell) => cell.trim())] as const,
  );
  const claims = found.filter(([, cells]) => cells.length === 5);
  expect(new Set(claims.map(([name]) => name)).size).toBe(claims.length);
  return new Map(claims);
}

/** Of one person who has everything, and of a service: in the order of the columns. */
async function said(): Promise<Record<string, unknown>[]> {
  const user = await person(house, make, acme, { displayName: 'Ada Lovelace' });
  await run(acme, 'updateUser', 'user { id }', {
    ...{ id: user.id, givenName: 'Ada', familyName: 'Lovelace', locale: 'en-GB' },
    attributes: { phone_number: '+44 20 7946 0000', address: { country: 'GB' } },
  });
  await make.assign(acme, await make.role(acme, { scopes: ['users:read'] }), user);
  const group = await make.group(acme);
  await run(acme, 'addGroupMember', '__typename', { groupId: group.id, userId: user.id });
  const app = await makeClient(acme, {
    ...{ apiScopes: ['users:read'], identityScopes: [...SCOPES, 'offline_access'] },
  });
  const config = await relyingParty(house, acme, app);
  const only = await signInTo(house, config, user, { scope: SCOPES.join(' ') });
  const info = await oidc.fetchUserInfo(config, only.tokens.access_token, user.id);
  const { tokens } = await signInTo(house, config, user, { scope: 'openid users:read' });
  const service = await makeClient(acme, {
    ...{ type: 'SERVICE', redirectUris: [], firstParty: false, apiScopes: ['users:read'] },
  });
  const own = await relyingParty(house, acme, service);
  const machine = await oidc.clientCredentialsGrant(own, { scope: 'users:read' });
  return [
    { ...only.tokens.claims() },
    { ...info },
    decodeJwt(tokens.access_token),
    decodeJwt(machine.access_token),
  ];
}

test('every claim of every token is told, where it is and where it is not', async () => {
  const told = rows();
  const seen = await said();
  const names = new Set(seen.flatMap((claims) => Object.keys(claims)));
  expect([...names].filter((name) => !told.has(name))).toEqual([]);
  for (const [name, cells] of told) {
    const written = cells.slice(0, seen.length);
    // Whether what depends is there, depends.
    const found = seen.map((claims, n) =>
      written[n] === 'may' ? 'may' : name in claims ? 'yes' : '',
    );
    expect([name, ...written]).toEqual([name, ...found]);
  }
  expect(seen[0]?.['iss']).toBe(`${PUBLIC_URL}/t/${acme.slug}`);
});

test('which scope brings which claim', () => {
  const listed = [...guide.matchAll(/^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$/gm)].map(
    ([, scope = '', names = '']) => [scope, names.replaceAll('`', '').split(', ')],
  );
  expect(Object.fromEntries(listed)).toEqual(CLAIMS);
});
