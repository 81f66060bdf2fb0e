/** Which keys a key may make, rotate and stop: its own, and never what outranks or outlives it (D10). */
import { expect, test } from 'vitest';
import type { Caller } from '../kit/as.ts';
import { operator } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { type MadeKey, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';

const house = await openHouse();
const make = makers(house);
const acme = await make.tenant();

const KEYS = ['api-keys:read', 'api-keys:write'];
const codeOf = async (caller: Caller, mutation: string, input: object) =>
  (await mutate(caller, mutation, input)).code;
const works = async (key: Caller) => (await key.gql('{ viewer { scopes } }')).status === 200;

test('D10 a key gets the secret of no key but its own and those that it made', async () => {
  const [one, other] = [await make.apiKey(acme, KEYS), await make.apiKey(acme, KEYS)];
  const child = await make.apiKey(one, KEYS);
  const grandchild = await make.apiKey(child, KEYS);
  for (const { id } of [one, child, grandchild])
    expect(await codeOf(one, 'rotateApiKey', { id })).toBeUndefined();
  expect(await codeOf(one, 'rotateApiKey', { id: other.id })).toBe('API_KEY_NOT_OWN');
  expect(await codeOf(child, 'rotateApiKey', { id: one.id })).toBe('API_KEY_NOT_OWN');
  const path = `/v1/api-keys/${other.id}/rotate`;
  expect((await one.rest<{ code: string }>('POST', path)).body.code).toBe('API_KEY_NOT_OWN');
  expect(await codeOf(operator(house, acme.id), 'rotateApiKey', { id: other.id })).toBeUndefined();
});

test('D10 nobody stops a key that may do more than they, unless they made it', async () => {
  const strong = await make.apiKey(acme, [...KEYS, 'audit:read']);
  const weak = await make.apiKey(acme, KEYS);
  expect(await codeOf(weak, 'revokeApiKey', { id: strong.id })).toBe('OUTRANKS_CALLER');
  expect((await weak.rest('DELETE', `/v1/api-keys/${strong.id}`)).status).toBe(403);
  expect(await works(strong)).toBe(true);
  const peer = await make.apiKey(acme, KEYS);
  const child = await make.apiKey(weak, KEYS);
  for (const { id } of [peer, child, weak])
    expect(await codeOf(weak, 'revokeApiKey', { id })).toBeUndefined();
});

test('D10 who may not read keys is not told which there are', async () => {
  const blind = await make.apiKey(acme, ['api-keys:write']);
  const strong = await make.apiKey(acme, [...KEYS, 'audit:read']);
  for (const mutation of ['rotateApiKey', 'revokeApiKey'])
    expect(await codeOf(blind, mutation, { id: strong.id })).toBe('API_KEY_NOT_FOUND');
  expect(await codeOf(blind, 'rotateApiKey', { id: blind.id })).toBeUndefined();
});

test('a key that has ended is not woken by rotation', async () => {
  const expiresAt = new Date(house.clock.ms() + 60_000).toISOString();
  const key = await make.apiKey(acme, ['users:read'], { expiresAt });
  house.clock.advance(60_000);
  expect(await codeOf(acme, 'rotateApiKey', { id: key.id })).toBe('API_KEY_EXPIRED');
});

test('a key has at most five secrets that work', async () => {
  const key = await make.apiKey(acme, ['users:read']);
  const rotate = (overlapSeconds: number) =>
    codeOf(acme, 'rotateApiKey', { id: key.id, overlapSeconds });
  for (let n = 0; n < 4; n += 1) expect(await rotate(3_600)).toBeUndefined();
  expect(await rotate(3_600)).toBe('TOO_MANY_SECRETS');
  expect(await works(key)).toBe(true);
  expect(await rotate(0)).toBeUndefined();
});

test('a chain of keys ends with the eighth, which says so instead of making a dead one', async () => {
  const chain: MadeKey[] = [await make.apiKey(operator(house, acme.id), KEYS)];
  while (chain.length < 8) chain.push(await make.apiKey(chain.at(-1) as MadeKey, KEYS));
  const last = chain.at(-1) as MadeKey;
  expect(await works(last)).toBe(true);
  const input = { name: 'ninth', scopes: KEYS };
  expect(await codeOf(last, 'createApiKey', input)).toBe('API_KEY_CHAIN_TOO_LONG');
});
