import { randomBytes } from 'node:crypto';
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import { localKeyProvider } from '#kernel/crypto/key-provider.ts';
import type { KeyStore } from '#kernel/crypto/subject-salts.ts';
import { openVault } from '#kernel/crypto/vault.ts';
import { newId } from '#kernel/ids.ts';
import { openKeyStore } from './key-store.ts';

const master = randomBytes(32);
const provider = localKeyProvider(master);
let engine: PGlite;
let store: KeyStore;
let statements = 0;
let tenant: string;

beforeAll(async () => {
  const keys = await openKeyStore();
  engine = keys.engine;
  store = {
    ...keys.store,
    query(text, values) {
      statements += 1;
      return keys.store.query(text, values);
    },
  };
});
afterAll(() => engine.close());
beforeEach(() => {
  tenant = newId();
});

const place = { table: 'mfa', column: 'secret', row: 'u1' };
const vaultOf = () => openVault(store, provider);

test('K01 what was sealed opens at its place only: not for another row, column, table or tenant', async () => {
  const vault = vaultOf();
  const sealed = await vault.seal(tenant, place, 'JBSWY3DPEHPK3PXP');
  expect((await vault.open(tenant, place, sealed)).toString()).toBe('JBSWY3DPEHPK3PXP');
  for (const moved of [{ row: 'u2' }, { column: 'name' }, { table: 'users' }]) {
    await expect(vault.open(tenant, { ...place, ...moved }, sealed)).rejects.toThrow(SealBroken);
  }
  await expect(vault.open(newId(), place, sealed)).rejects.toThrow(SealBroken);
});

test('K01 no two places spell alike', async () => {
  const vault = vaultOf();
  const sealed = await vault.seal(tenant, { table: 'a|1:b', column: 'c', row: 'd' }, 'x');
  const alike = { table: 'a', column: 'b|1:c', row: 'd' };
  await expect(vault.open(tenant, alike, sealed)).rejects.toThrow(SealBroken);
});

test('K01 another master key fails closed, and a data key is stored wrapped only', async () => {
  const sealed = await vaultOf().seal(tenant, place, 'secret');
  const stranger = openVault(store, localKeyProvider(randomBytes(32)));
  await expect(stranger.open(tenant, place, sealed)).rejects.toThrow(SealBroken);
  await expect(stranger.seal(tenant, place, 'secret')).rejects.toThrow(SealBroken);
});

test('K01 two instances that begin at once agree on one data key', async () => {
  const vaults = [vaultOf(), vaultOf(), vaultOf()];
  const sealed = await Promise.all(vaults.map((vault) => vault.seal(tenant, place, 'x')));
  for (const vault of vaults) {
    for (const one of sealed) expect((await vault.open(tenant, place, one)).toString()).toBe('x');
  }
  const keys = await store.query('SELECT id FROM data_keys WHERE tenant_id = $1', [tenant]);
  expect(keys).toHaveLength(1);
});

test('K01 a new data key seals from now on, the earlier one keeps opening, elsewhere too', async () => {
  const [here, there] = [vaultOf(), vaultOf()];
  const before = await here.seal(tenant, place, 'before');
  await there.open(tenant, place, before);
  await here.rotate(tenant);
  const after = await here.seal(tenant, place, 'after');
  expect(after.subarray(0, 16)).not.toEqual(before.subarray(0, 16));
  for (const vault of [here, there]) {
    expect((await vault.open(tenant, place, before)).toString()).toBe('before');
    expect((await vault.open(tenant, place, after)).toString()).toBe('after');
  }
});

test('K01 after a change of the master key the data keys are rewrapped, the data untouched', async () => {
  const sealed = await vaultOf().seal(tenant, place, 'kept');
  const next = randomBytes(32);
  expect(await openVault(store, localKeyProvider(next, [master])).rewrap(tenant)).toBe(1);
  const later = openVault(store, localKeyProvider(next));
  expect((await later.open(tenant, place, sealed)).toString()).toBe('kept');
  expect(await later.rewrap(tenant)).toBe(0);
});

test('a key that was rolled back is not remembered', async () => {
  const vault = vaultOf();
  await engine.query('BEGIN');
  await vault.seal(tenant, place, 'never stored');
  await vault.sealForSubjects(tenant, [{ subject: tenant, place, text: 'never stored' }]);
  await engine.query('ROLLBACK');
  const sealed = await vault.seal(tenant, place, 'stored');
  const [about] = await vault.sealForSubjects(tenant, [{ subject: tenant, place, text: 'stored' }]);
  const other = vaultOf();
  expect((await other.open(tenant, place, sealed)).toString()).toBe('stored');
  const opened = await other.openForSubjects(tenant, [
    { subject: tenant, place, sealed: about ?? Buffer.alloc(0) },
  ]);
  expect(opened.map(String)).toEqual(['stored']);
});

test('a known tenant costs no statement', async () => {
  const vault = vaultOf();
  const sealed = await vault.seal(tenant, place, 'x');
  await vault.open(tenant, place, sealed);
  statements = 0;
  await vault.open(tenant, place, await vault.seal(tenant, place, 'y'));
  expect(statements).toBe(0);
});

test('what is about a person opens until the person is erased, and never again', async () => {
  const [ada, bob] = [newId(), newId()];
  const vault = vaultOf();
  const texts = [ada, bob, ada].map((subject) => ({ subject, place, text: `about ${subject}` }));
  const sealed = await vault.sealForSubjects(tenant, texts);
  const items = sealed.map((bytes, n) => ({
    subject: texts[n]?.subject ?? '',
    place,
    sealed: bytes,
  }));
  const before = await vaultOf().openForSubjects(tenant, items);
  expect(before.map(String)).toEqual(texts.map(({ text }) => text));

  await vault.eraseSubject(tenant, ada);
  const after = await vault.openForSubjects(tenant, items);
  expect(after.map((text) => text?.toString())).toEqual([undefined, `about ${bob}`, undefined]);

  await vault.sealForSubjects(tenant, [{ subject: ada, place, text: 'a new life' }]);
  await expect(vault.openForSubjects(tenant, items)).rejects.toThrow(SealBroken);
});

test('one statement serves many subjects; those that are being created cost no answer', async () => {
  const vault = vaultOf();
  await vault.seal(tenant, place, 'make the data key');
  await vault.seal(tenant, place, 'and remember it');
  const subjects = [newId(), newId(), newId()];
  const texts = subjects.map((subject) => ({ subject, place, text: subject }));
  statements = 0;
  await vault.sealForSubjects(tenant, texts);
  expect(statements).toBe(1);

  const born = newId();
  const written: Promise<unknown>[] = [];
  const [sealed = Buffer.alloc(0)] = await vault.sealForSubjects(
    tenant,
    [{ subject: born, place, text: 'hello' }],
    { fresh: new Set([born]), later: (statement) => written.push(statement) },
  );
  expect(written).toHaveLength(1);
  await Promise.all(written);
  const opened = await vaultOf().openForSubjects(tenant, [{ subject: born, place, sealed }]);
  expect(opened.map(String)).toEqual(['hello']);
});
