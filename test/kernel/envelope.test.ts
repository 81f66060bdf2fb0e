import { createCipheriv, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { deriveKey } from '#kernel/crypto/derive-key.ts';
import { open, SealBroken, seal } from '#kernel/crypto/envelope.ts';
import { localKeyProvider } from '#kernel/crypto/key-provider.ts';

const key = randomBytes(32);
const here = Buffer.from('here');

test('a key is derived by HKDF-SHA256 (RFC 5869, test case 3: no salt, no info)', () => {
  const master = Buffer.alloc(22, 0x0b);
  expect(deriveKey(master, '', 42).toString('hex')).toBe(
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  );
  expect(deriveKey(master, 'one').equals(deriveKey(master, 'two'))).toBe(false);
});

test('what was sealed opens, empty and long texts too, and no seal repeats', () => {
  for (const text of ['', 'JBSWY3DPEHPK3PXP', 'é'.repeat(100_000)]) {
    expect(open(key, seal(key, text, here), here).toString()).toBe(text);
  }
  expect(seal(key, 'x', here).equals(seal(key, 'x', here))).toBe(false);
});

test('K01 another key, another place and every flipped byte fail closed', () => {
  const sealed = seal(key, 'secret', here);
  expect(() => open(randomBytes(32), sealed, here)).toThrow(SealBroken);
  expect(() => open(key, sealed, Buffer.from('there'))).toThrow(SealBroken);
  for (let at = 0; at < sealed.length; at += 1) {
    const damaged = Buffer.from(sealed);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expect(() => open(key, damaged, here)).toThrow(SealBroken);
  }
});

test('K01 cut bytes and a short tag are refused', () => {
  const sealed = seal(key, 'secret', here);
  for (let length = 0; length < sealed.length; length += 1) {
    expect(() => open(key, sealed.subarray(0, length), here)).toThrow(SealBroken);
  }
  const nonce = sealed.subarray(1, 13);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 4 }).setAAD(here);
  const text = Buffer.concat([cipher.update('secret'), cipher.final()]);
  const short = Buffer.concat([Buffer.from([1]), nonce, text, cipher.getAuthTag()]);
  expect(() => open(key, short, here)).toThrow(SealBroken);
});

test('K01 a wrapped key opens for its owner only, and after a change of the master key', async () => {
  const [old, now, other] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const before = localKeyProvider(old);
  const wrapped = await before.wrap(key, here);
  expect(await before.unwrap(wrapped, here)).toEqual(key);
  await expect(before.unwrap(wrapped, Buffer.from('there'))).rejects.toThrow(SealBroken);

  const after = localKeyProvider(now, [old]);
  expect(await after.kid()).not.toBe(await before.kid());
  expect(await after.unwrap(wrapped, here)).toEqual(key);
  await expect(localKeyProvider(other).unwrap(wrapped, here)).rejects.toThrow(SealBroken);
});

test('a key id says which master key it was and nothing about it', async () => {
  const master = randomBytes(32);
  const kid = await localKeyProvider(master).kid();
  expect(kid).toMatch(/^local:[0-9a-f]{16}$/);
  expect(master.toString('hex')).not.toContain(kid.slice(6));
});
