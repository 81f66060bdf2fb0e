/** Vault's transit engine: tokens that are renewed, namespaces, versions, and what its refusals mean. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { KeyServiceOptions } from '#kernel/crypto/kms/key-service.ts';
import { type VaultTransit, vaultTransit } from '#kernel/crypto/kms/vault-transit.ts';
import { keepsItsPromises, OWNER, problem } from './kms-contract.ts';
import { outboundTo } from './kms-server.ts';
import { type VaultFake, vaultError, vaultFake } from './kms-vault-fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-kms-'));
const tokenFile = join(folder, 'token');
const TOKEN = 'hvs.CAESIsecret';
const key = randomBytes(32);
let fake: VaultFake;

afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  fake = await vaultFake();
  fake.tokens.add(TOKEN);
  fake.keys.set('transit/signet', [randomBytes(32)]);
});
afterEach(() => fake.close().catch(() => undefined));

function open(options: Partial<KeyServiceOptions> = {}, settings: Partial<VaultTransit> = {}) {
  return vaultTransit(
    {
      vaultAddr: fake.url,
      vaultTransitMount: 'transit',
      vaultTransitKey: 'signet',
      vaultToken: TOKEN,
      ...settings,
    },
    { outbound: outboundTo(fake), ...options },
  );
}

keepsItsPromises(() => ({
  fake,
  open: (options) => open(options),
  instead(said) {
    fake.otherwise = () => said;
  },
  kid: /^vault-transit:transit\/signet:v1$/,
  address: 'VAULT_ADDR',
  secrets: [TOKEN],
}));

test('a version is in the kid; a new one wraps, the earlier one keeps opening', async () => {
  const service = open();
  const before = await service.wrap(key, OWNER);
  fake.keys.get('transit/signet')?.push(randomBytes(32));
  const after = await service.wrap(key, OWNER);
  expect(after.kid).toBe('vault-transit:transit/signet:v2');
  for (const wrapped of [before, after]) expect(await service.unwrap(wrapped, OWNER)).toEqual(key);
});

test('a mount elsewhere, in a namespace', async () => {
  fake.namespace = 'admin/team';
  fake.keys.set('kms/eu', [randomBytes(32)]);
  const elsewhere = { vaultTransitMount: 'kms', vaultTransitKey: 'eu' };
  const service = open({}, { ...elsewhere, vaultNamespace: 'admin/team' });
  const wrapped = await service.wrap(key, OWNER);
  expect(wrapped.kid).toBe('vault-transit:kms/eu:v1');
  expect(await service.unwrap(wrapped, OWNER)).toEqual(key);
  await problem(open({}, elsewhere).wrap(key, OWNER), [TOKEN]);
});

test('a token in a file is read again when it is refused, once', async () => {
  writeFileSync(tokenFile, `${TOKEN}\n`);
  const service = open({}, { vaultToken: undefined, vaultTokenFile: tokenFile });
  const wrapped = await service.wrap(key, OWNER);
  fake.tokens.delete(TOKEN);
  fake.tokens.add('hvs.renewed');
  writeFileSync(tokenFile, 'hvs.renewed\n');
  expect(await service.unwrap(wrapped, OWNER)).toEqual(key);
  expect(fake.asked.map(({ headers }) => headers['x-vault-token'])).toEqual([
    TOKEN,
    TOKEN,
    'hvs.renewed',
  ]);
  fake.tokens.clear();
  fake.asked.length = 0;
  expect((await problem(service.wrap(key, OWNER), [TOKEN, 'hvs.renewed'])).line).toMatch(
    /^VAULT_TOKEN_FILE: the token is not valid, or may not update encrypt\/ and decrypt\//,
  );
  expect(fake.asked).toHaveLength(1);
  for (const text of ['', 'two\nlines']) {
    writeFileSync(tokenFile, text);
    expect((await problem(service.wrap(key, OWNER), ['two'])).line).toBe(
      'VAULT_TOKEN_FILE: must name a readable file with a token',
    );
  }
  rmSync(tokenFile);
  await problem(service.wrap(key, OWNER), [TOKEN]);
});

test.each([
  [403, 'permission denied', 'VAULT_TOKEN: the token is not valid'],
  [
    404,
    'no handler for route "transit/encrypt/signet"',
    'VAULT_TRANSIT_MOUNT: is no transit engine',
  ],
  [400, 'encryption key not found', 'VAULT_TRANSIT_KEY: is no key of this Vault'],
  [
    400,
    "'[0].associated_data' provided for non-AEAD cipher suite rsa-2048",
    'VAULT_TRANSIT_KEY: does not take associated data',
  ],
  [503, 'Vault is sealed', 'VAULT_ADDR: is busy (status 503)'],
  [307, '', 'VAULT_ADDR: answers with status 307'],
])('%i %s is no broken seal', async (status, error, line) => {
  const service = open();
  const wrapped = await service.wrap(key, OWNER);
  fake.otherwise = ({ headers }) => vaultError(status, error, `token ${headers['x-vault-token']}`);
  for (const call of [service.wrap(key, OWNER), service.unwrap(wrapped, OWNER)])
    expect((await problem(call, [TOKEN])).line?.startsWith(line)).toBe(true);
});
