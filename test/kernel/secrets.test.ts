import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '#kernel/config.ts';
import { ensureSecrets, findSecrets } from '#kernel/secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signet-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('A11 the first start makes both secrets, for its owner only, and the next start keeps them', () => {
  const dataDir = join(folder, 'data');
  const first = ensureSecrets({ dataDir });
  expect(first.internalKey.length).toBeGreaterThanOrEqual(32);
  expect(first.masterKey).toHaveLength(32);
  expect(ensureSecrets({ dataDir })).toEqual(first);
  expect(readdirSync(dataDir).sort()).toEqual(['internal-key', 'master-key']);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  for (const name of ['internal-key', 'master-key']) {
    expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600);
  }
});

test('A11 no two installations share a secret', () => {
  const one = ensureSecrets({ dataDir: join(folder, 'one') });
  const two = ensureSecrets({ dataDir: join(folder, 'two') });
  expect(one.internalKey).not.toBe(two.internalKey);
  expect(one.masterKey.equals(two.masterKey)).toBe(false);
});

test('the environment comes first and is not written down', () => {
  const given = { internalKey: 'k'.repeat(32), masterKey: Buffer.alloc(32, 7) };
  const secrets = ensureSecrets({ dataDir: join(folder, 'none'), ...given });
  expect(secrets).toEqual({ ...given, internalKeyFile: null, masterKeyFile: null });
  expect(readdirSync(folder)).toEqual([]);
});

test('data whose master key is gone stops the start, and nothing is made in its place', () => {
  mkdirSync(join(folder, 'db'));
  expect(() => ensureSecrets({ dataDir: folder })).toThrow(
    `MASTER_KEY: ${join(folder, 'master-key')} is missing, and the data needs it; restore it from a backup`,
  );
  expect(readdirSync(folder)).toEqual(['db']);
  expect(ensureSecrets({ dataDir: folder, masterKey: Buffer.alloc(32) }).masterKeyFile).toBeNull();
});

test('looking for secrets makes none and changes none', () => {
  expect(findSecrets({ dataDir: join(folder, 'data') }).masterKey).toMatchObject({ missing: true });
  const file = join(folder, 'internal-key');
  writeFileSync(file, 'short', { mode: 0o644 });
  mkdirSync(join(folder, 'master-key'));
  expect(findSecrets({ dataDir: folder })).toMatchObject({
    internalKey: { file, missing: false, problem: 'holds no usable key' },
    masterKey: { missing: false, problem: expect.stringMatching(/^cannot be read \(EISDIR/) },
  });
  expect(statSync(file).mode & 0o777).toBe(0o644);
  expect(readdirSync(folder)).toEqual(['internal-key', 'master-key']);
});

test('a spoiled file stops the start and is left as it is', () => {
  const file = join(folder, 'master-key');
  writeFileSync(file, 'half a k');
  expect(() => ensureSecrets({ dataDir: folder })).toThrow(ConfigError);
  expect(() => ensureSecrets({ dataDir: folder })).toThrow(/^MASTER_KEY: .*restore it/);
  expect(readFileSync(file, 'utf8')).toBe('half a k');
});
