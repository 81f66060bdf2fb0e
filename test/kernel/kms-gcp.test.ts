/** Cloud KMS: the grant, its token, the checksums, and what its refusals mean. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crc32c } from '#kernel/crypto/kms/crc32c.ts';
import { gcpKms } from '#kernel/crypto/kms/gcp-kms.ts';
import type { KeyServiceOptions } from '#kernel/crypto/kms/key-service.ts';
import { keepsItsPromises, OTHER, OWNER, problem } from './kms-contract.ts';
import { GCP_KEY, type GcpFake, gcpError, gcpFake } from './kms-gcp-fake.ts';
import { outboundTo, type Said } from './kms-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-kms-'));
const file = join(folder, 'account.json');
const key = randomBytes(32);
let fake: GcpFake;

afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  fake = await gcpFake();
  writeFileSync(file, JSON.stringify(fake.account));
});
afterEach(() => fake.close().catch(() => undefined));

/** The middle of the private key, and every token that was given out. */
const secrets = () => [
  (fake.account['private_key'] ?? '').split('\n')[5] as string,
  ...fake.tokens,
];

function open(options: Partial<KeyServiceOptions> = {}) {
  return gcpKms(
    { gcpKmsKey: GCP_KEY, googleApplicationCredentials: file, gcpKmsEndpoint: fake.url },
    { outbound: outboundTo(fake), ...options },
  );
}

/** For calls of keys; tokens are given out all the same. */
function instead(said: (body: string) => Said): void {
  fake.otherwise = ({ path, body }) => (path === '/token' ? null : said(body));
}
const grants = () => fake.asked.filter(({ path }) => path === '/token').length;

describe('promises', () => {
  // The token is asked for first; the address of the service is that of the token, too.
  keepsItsPromises(() => ({
    fake,
    open: (options) => open(options),
    instead(said) {
      fake.otherwise = ({ path }) => (path === '/token' ? null : said);
    },
    kid: new RegExp(`^gcp-kms:${GCP_KEY}/cryptoKeyVersions/1$`),
    address: 'GCP_KMS_ENDPOINT',
    secrets: secrets(),
  }));
});

test('CRC-32C of RFC 3720 section B.4', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

test('a version is in the kid; a new one wraps, the earlier one keeps opening', async () => {
  const service = open();
  const before = await service.wrap(key, OWNER);
  fake.keys.get(GCP_KEY)?.set(2, randomBytes(32));
  const after = await service.wrap(key, OWNER);
  expect(after.kid).toBe(`gcp-kms:${GCP_KEY}/cryptoKeyVersions/2`);
  for (const wrapped of [before, after]) expect(await service.unwrap(wrapped, OWNER)).toEqual(key);
});

test('a token is asked for once, kept until shortly before its end, and replaced when refused', async () => {
  let clock = Date.now();
  fake.now = () => clock;
  const service = open({ now: () => clock });
  const [wrapped] = await Promise.all([service.wrap(key, OWNER), service.wrap(key, OTHER)]);
  clock += 3_599_000 - 121_000;
  await service.unwrap(wrapped, OWNER);
  expect(grants()).toBe(1);
  clock += 2_000;
  await service.unwrap(wrapped, OWNER);
  expect(grants()).toBe(2);
  fake.tokens.clear();
  expect(await service.unwrap(wrapped, OWNER)).toEqual(key);
  expect(grants()).toBe(3);
});

test.each([
  [403, 'PERMISSION_DENIED', /^GCP_KMS_KEY: is not ours to use \(PERMISSION_DENIED\); grant roles/],
  [404, 'NOT_FOUND', /^GCP_KMS_KEY: cannot be used \(NOT_FOUND\)$/],
  [400, 'FAILED_PRECONDITION', /^GCP_KMS_KEY: cannot be used \(FAILED_PRECONDITION\)$/],
  [401, 'UNAUTHENTICATED', /^GOOGLE_APPLICATION_CREDENTIALS: the token that it gives is refused/],
  [429, 'RESOURCE_EXHAUSTED', /^GCP_KMS_ENDPOINT: is busy \(status 429\)$/],
])('%i %s is no broken seal', async (code, status, line) => {
  const service = open();
  const wrapped = await service.wrap(key, OWNER);
  instead((body) => gcpError(code, status, body + [...fake.tokens].join()));
  for (const call of [service.wrap(key, OWNER), service.unwrap(wrapped, OWNER)])
    expect((await problem(call, secrets())).line).toMatch(line);
});

test('what was damaged on the way is not kept', async () => {
  const service = open();
  const wrapped = await service.wrap(key, OWNER);
  const ciphertext = wrapped.blob.toString('base64');
  const right = {
    name: `${GCP_KEY}/cryptoKeyVersions/1`,
    ciphertext,
    ciphertextCrc32c: String(crc32c(wrapped.blob)),
    verifiedPlaintextCrc32c: true,
    verifiedAdditionalAuthenticatedDataCrc32c: true,
  };
  for (const wrong of [
    { ciphertextCrc32c: '1' },
    { verifiedPlaintextCrc32c: false },
    { verifiedAdditionalAuthenticatedDataCrc32c: undefined },
    { name: 'projects/p/locations/l/keyRings/r/cryptoKeys/other/cryptoKeyVersions/1' },
  ]) {
    instead(() => ({ status: 200, body: { ...right, ...wrong } }));
    await problem(service.wrap(key, OWNER), secrets());
  }
  const plaintext = key.toString('base64');
  instead(() => ({ status: 200, body: { plaintext, plaintextCrc32c: '1' } }));
  await problem(service.unwrap(wrapped, OWNER), [...secrets(), plaintext]);
});

test('a service account that is unknown, or a file that is no key of one, is named', async () => {
  fake.otherwise = ({ path, body }) =>
    path === '/token' ? { status: 400, body: { error: 'invalid_grant', hint: body } } : null;
  expect((await problem(open().wrap(key, OWNER), secrets())).line).toBe(
    'GOOGLE_APPLICATION_CREDENTIALS: names a key that is not accepted (invalid_grant)',
  );
  fake.otherwise = null;
  const unread =
    'GOOGLE_APPLICATION_CREDENTIALS: must name a readable file with the JSON key of a service account';
  for (const text of ['', '{', JSON.stringify({ ...fake.account, type: 'authorized_user' })]) {
    writeFileSync(file, text);
    expect((await problem(open().wrap(key, OWNER), secrets())).line).toBe(unread);
  }
  writeFileSync(file, JSON.stringify({ ...fake.account, private_key: 'hunter2' }));
  expect((await problem(open().wrap(key, OWNER), ['hunter2'])).line).toBe(
    'GOOGLE_APPLICATION_CREDENTIALS: holds a private key that cannot sign',
  );
  rmSync(file);
  expect((await problem(open().wrap(key, OWNER), secrets())).line).toBe(unread);
});
