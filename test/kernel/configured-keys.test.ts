/** Providers side by side, as KEY_PROVIDER and what else is set choose them, under a vault. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '#kernel/config.ts';
import { configuredKeys } from '#kernel/crypto/configured-keys.ts';
import { localKeyProvider } from '#kernel/crypto/key-provider.ts';
import { provenKeys } from '#kernel/crypto/kms/proven-keys.ts';
import type { KeyStore } from '#kernel/crypto/subject-salts.ts';
import { openVault } from '#kernel/crypto/vault.ts';
import { newId } from '#kernel/ids.ts';
import { openKeyStore } from './key-store.ts';
import { type AwsFake, awsFake, newArn, REGION } from './kms-aws-fake.ts';
import { broken, OTHER, OWNER, problem } from './kms-contract.ts';
import { GCP_KEY, type GcpFake, gcpFake } from './kms-gcp-fake.ts';
import { type VaultFake, vaultFake } from './kms-vault-fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-keys-'));
const masterKey = randomBytes(32);
const arn = newArn();
const aws = { accessKeyId: 'AKIDSIGNET', secretAccessKey: 'secret/of+aws' };
const token = 'hvs.secret';
const place = { table: 'mfa', column: 'secret', row: 'u1' };
let fakes: { aws: AwsFake; gcp: GcpFake; vault: VaultFake };
let variables: Record<string, Record<string, string>>;
let engine: PGlite;
let store: KeyStore;
let tenant: string;

beforeAll(async () => {
  fakes = { aws: await awsFake(), gcp: await gcpFake(), vault: await vaultFake() };
  fakes.aws.users.set(aws.accessKeyId, aws);
  fakes.aws.keys.set(arn, randomBytes(32));
  fakes.vault.tokens.add(token);
  const file = join(folder, 'account.json');
  writeFileSync(file, JSON.stringify(fakes.gcp.account));
  variables = {
    local: {},
    'aws-kms': {
      AWS_KMS_KEY_ID: arn,
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_KMS: fakes.aws.url,
      AWS_ACCESS_KEY_ID: aws.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
    },
    'gcp-kms': {
      GCP_KMS_KEY: GCP_KEY,
      GOOGLE_APPLICATION_CREDENTIALS: file,
      GCP_KMS_ENDPOINT: fakes.gcp.url,
    },
    'vault-transit': {
      VAULT_ADDR: fakes.vault.url,
      VAULT_TRANSIT_KEY: 'signet',
      VAULT_TOKEN: token,
    },
  };
  ({ engine, store } = await openKeyStore());
});
afterAll(async () => {
  await Promise.all([engine.close(), ...Object.values(fakes).map((fake) => fake.close())]);
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  tenant = newId();
  fakes.vault.keys.set('transit/signet', [randomBytes(32)]);
  for (const fake of Object.values(fakes)) {
    fake.asked.length = 0;
    fake.otherwise = null;
  }
});

/** What a process has that wraps by the first and has the variables of the others as well. */
function keysOf(provider: string, ...others: string[]) {
  const KMS_ALLOW = Object.values(fakes)
    .map(({ host }) => host)
    .join();
  const env = { KEY_PROVIDER: provider, KMS_ALLOW, ...variables[provider] };
  const more = others.map((other) => variables[other] ?? {});
  return configuredKeys({ ...loadConfig(Object.assign(env, ...more)), masterKey });
}
const vaultOf = (provider: string, ...others: string[]) =>
  openVault(store, keysOf(provider, ...others));
const kids = async () => {
  const rows = await store.query<{ provider_kid: string }>(
    'SELECT provider_kid FROM data_keys WHERE tenant_id = $1 ORDER BY created_at',
    [tenant],
  );
  return rows.map(({ provider_kid }) => provider_kid);
};

const PROVIDERS = ['local', 'aws-kms', 'gcp-kms', 'vault-transit'];
const PAIRS = PROVIDERS.flatMap((one) =>
  PROVIDERS.filter((other) => other !== one).map((other) => [one, other] as const),
);

test.each(PROVIDERS)(
  'K01 a vault over %s seals and opens, for one place only',
  async (provider) => {
    const vault = vaultOf(provider);
    const sealed = await vault.seal(tenant, place, 'JBSWY3DPEHPK3PXP');
    expect(await kids()).toEqual([expect.stringMatching(`^${provider}:`)]);
    const later = vaultOf(provider);
    expect((await later.open(tenant, place, sealed)).toString()).toBe('JBSWY3DPEHPK3PXP');
    await broken(later.open(tenant, { ...place, row: 'u2' }, sealed), []);
    await store.query('UPDATE data_keys SET tenant_id = $2 WHERE tenant_id = $1', [
      tenant,
      newId(),
    ]);
    await broken(vaultOf(provider).open(tenant, place, sealed), []);
  },
);

test.each(PAIRS)(
  'K01 from %s to %s: what was wrapped keeps opening, and can be moved',
  async (from, to) => {
    const before = await vaultOf(from).seal(tenant, place, 'before');
    const both = vaultOf(to, from);
    expect((await both.open(tenant, place, before)).toString()).toBe('before');
    await both.rotate(tenant);
    const after = await both.seal(tenant, place, 'after');
    expect(await kids()).toEqual([from, to].map((name) => expect.stringMatching(`^${name}:`)));
    expect(await both.rewrap(tenant)).toBe(1);
    expect(await both.rewrap(tenant)).toBe(0);
    const alone = vaultOf(to);
    for (const [sealed, text] of [
      [before, 'before'],
      [after, 'after'],
    ] as const)
      expect((await alone.open(tenant, place, sealed)).toString()).toBe(text);
  },
);

test.each([
  ['aws-kms', 'AWS_KMS_KEY_ID'],
  ['gcp-kms', 'GCP_KMS_KEY'],
  ['vault-transit', 'VAULT_TRANSIT_KEY'],
])(
  'K01 without the variables of %s its data keys stay closed, and it is said why',
  async (name, variable) => {
    await vaultOf(name).seal(tenant, place, 'x');
    expect(await broken(vaultOf('local').seal(tenant, place, 'y'), [])).toBe(
      `${variable}: must be set: it wrapped data keys of this database`,
    );
  },
);

test('a provider of another release is told as one', async () => {
  const wrapped = { kid: 'other-kms:key', blob: Buffer.alloc(60) };
  expect(await broken(keysOf('local').unwrap(wrapped, OWNER), [])).toBe(
    'KEY_PROVIDER: this release has none that can open these data keys',
  );
});

test('a new version of the key wraps anew what an earlier one wrapped', async () => {
  const sealed = await vaultOf('vault-transit').seal(tenant, place, 'kept');
  const versions = fakes.vault.keys.get('transit/signet') as Buffer[];
  versions.push(randomBytes(32));
  expect(await vaultOf('vault-transit').rewrap(tenant)).toBe(1);
  expect(await kids()).toEqual(['vault-transit:transit/signet:v2']);
  versions[0] = randomBytes(32);
  const later = vaultOf('vault-transit');
  expect((await later.open(tenant, place, sealed)).toString()).toBe('kept');
});

test('all who wait for one data key ask once; another owner asks for itself', async () => {
  const keys = keysOf('vault-transit');
  const wrapped = await keys.wrap(randomBytes(32), OWNER);
  fakes.vault.asked.length = 0;
  const waiting = Array.from({ length: 5 }, () => keys.unwrap(wrapped, OWNER));
  await broken(keys.unwrap(wrapped, OTHER), []);
  expect(new Set((await Promise.all(waiting)).map(String)).size).toBe(1);
  expect(fakes.vault.asked).toHaveLength(2);
  await keys.unwrap(wrapped, OWNER);
  expect(fakes.vault.asked).toHaveLength(3);
});

test('one that only wraps, or binds nothing to its owner, is found before it is relied on', async () => {
  fakes.vault.otherwise = ({ path }) =>
    path.includes('/decrypt/') ? { status: 403, body: { errors: ['permission denied'] } } : null;
  const keys = keysOf('vault-transit');
  for (const _attempt of [1, 2])
    expect((await problem(keys.kid(), [token])).line).toMatch(
      /^VAULT_TOKEN: the token is not valid/,
    );
  fakes.vault.otherwise = null;
  fakes.vault.ignoresAssociatedData = true;
  expect((await problem(keys.kid(), [token])).line).toBe(
    'VAULT_TRANSIT_KEY: does not bind what it wraps to its owner',
  );
  fakes.vault.ignoresAssociatedData = false;
  expect(await keys.kid()).toBe('vault-transit:transit/signet:v1');
  const home = localKeyProvider(masterKey);
  const forgetful = provenKeys({ ...home, unwrap: async () => randomBytes(32) }, 'SOME_KEY');
  expect((await problem(forgetful.kid(), [])).line).toBe(
    'SOME_KEY: does not give back what it wrapped',
  );
});
