/** Signing keys: made when they are first asked for, sealed at rest, published without their secrets. */
import { createHash, createPublicKey, type JsonWebKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { rotateSigningKeys } from '#features/keys/keys.commands.ts';
import type { PublicJwk, SigningAlg } from '#features/keys/keys.model.ts';
import { signingKeys } from '#features/keys/keys.store.ts';
import { SealBroken } from '#kernel/crypto/envelope.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { operator } from '../kit/as.ts';
import { auditLog } from '../kit/audit-row.ts';
import { call, contextOf } from '../kit/context.ts';
import { openHouse } from '../kit/house.ts';
import { expectStatus, type MadeTenant, makers } from '../kit/make.ts';
import { mutate } from '../kit/mutate.ts';
import { isGoodBy, signBy } from '../kit/signatures.ts';
import { asOwner, everythingStored, rows } from '../kit/stored.ts';
import { until } from '../kit/until.ts';

const house = await openHouse();
const make = makers(house);
const keys = signingKeys(house.services);
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

interface SigningKey {
  readonly id: string;
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly state: string;
  readonly publicJwk: PublicJwk;
}

async function listed(tenant: MadeTenant): Promise<SigningKey[]> {
  const { body } = await tenant.rest<{ items: SigningKey[] }>('GET', '/v1/signing-keys?first=100');
  return body.items;
}

/** Those that nobody waits for are there as well. */
async function settled(tenant: MadeTenant, count: number): Promise<SigningKey[]> {
  return until(async () => {
    const all = await listed(tenant);
    return all.length >= count && all;
  });
}

test('E08 a tenant has RS256 and ES256 from its first token on, EdDSA when it asks for it', async () => {
  const tenant = await make.tenant();
  expect(await listed(tenant)).toEqual([]);
  const first = await keys.find(tenant.uuid);
  expect(new Set(first.keys.map(({ alg }) => alg))).toEqual(new Set(['ES256', 'RS256']));
  const more = await keys.find(tenant.uuid, { needs: ['EdDSA'] });
  expect(more.keys.map(({ alg }) => alg)).toContain('EdDSA');
  const all = await settled(tenant, 6);
  for (const alg of ['RS256', 'ES256', 'EdDSA'])
    expect(all.flatMap((key) => (key.alg === alg ? [key.state] : [])).sort()).toEqual([
      'CURRENT',
      'NEXT',
    ]);
});

test('E08 keys are of full strength, and named by the thumbprint of RFC 7638', async () => {
  const tenant = await make.tenant();
  const { keys: all } = await keys.publicKeys(tenant.uuid, { needs: ['RS256', 'ES256', 'EdDSA'] });
  const details = all.map((jwk) => {
    const key = createPublicKey({ key: jwk as unknown as JsonWebKey, format: 'jwk' });
    const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
    return `${jwk.alg} ${modulusLength ?? namedCurve ?? key.asymmetricKeyType}`;
  });
  expect(new Set(details)).toEqual(new Set(['RS256 2048', 'ES256 prime256v1', 'EdDSA ed25519']));
  for (const { kid, kty, crv, e, n, x, y, use } of all) {
    const text = {
      RSA: `{"e":"${e}","kty":"RSA","n":"${n}"}`,
      EC: `{"crv":"${crv}","kty":"EC","x":"${x}","y":"${y}"}`,
      OKP: `{"crv":"${crv}","kty":"OKP","x":"${x}"}`,
    }[kty];
    expect(kid).toBe(
      createHash('sha256')
        .update(text ?? '')
        .digest('base64url'),
    );
    expect(use).toBe('sig');
  }
});

test('E08 K01 private keys are in no answer, no log and, unsealed, in no row', async () => {
  const tenant = await make.tenant();
  const { keys: all } = await keys.find(tenant.uuid, { needs: ['RS256', 'ES256', 'EdDSA'] });
  const published = await keys.publicKeys(tenant.uuid);
  expect(published.keys.length).toBeGreaterThanOrEqual(all.length);
  const list = await tenant.rest('GET', '/v1/signing-keys');
  const rotated = await tenant.rest('POST', '/v1/signing-keys/rotate', { body: {} });
  expectStatus(rotated, 200);
  for (const { publicJwk } of await listed(tenant))
    for (const member of SECRET_MEMBERS) expect(publicJwk).not.toHaveProperty(member);
  for (const jwk of published.keys)
    for (const member of SECRET_MEMBERS) expect(jwk).not.toHaveProperty(member);
  const everywhere = [list.text, rotated.text, ...(await everythingStored(house)), ...house.log];
  const text = everywhere.join('\n');
  for (const jwk of all) {
    expect(text).toContain(jwk.kid);
    for (const member of ['d', 'p', 'q'] as const) {
      const secret = jwk[member];
      if (secret === undefined) continue;
      for (const form of [secret, Buffer.from(secret, 'base64url').toString('hex')])
        expect(text.includes(form)).toBe(false);
      expect(text.includes(Buffer.from(secret).toString('hex'))).toBe(false);
    }
  }
});

test('K01 a private key opens in its own row of its own tenant and nowhere else', async () => {
  const [acme, other] = [await make.tenant(), await make.tenant()];
  await make.signingKeys(acme, 'ES256');
  await make.signingKeys(other, 'ES256');
  const sealed = async (tenant: MadeTenant) =>
    (await rows<{ hex: string }>(house, tenant.uuid, SEALED))[0]?.hex ?? '';
  const own = await sealed(acme);
  const put = (tenant: MadeTenant, hex: string) =>
    asOwner(
      house,
      tenant.uuid,
      `UPDATE signing_keys SET private_key = '\\x${hex}' WHERE state = 'CURRENT'`,
    );
  await put(acme, await sealed(other));
  const asked = signingKeys(house.services).find(acme.uuid, { needs: ['ES256'] });
  await expect(asked).rejects.toThrow(SealBroken);
  await put(acme, own);
  const found = await signingKeys(house.services).find(acme.uuid, { needs: ['ES256'] });
  expect(found.keys).toHaveLength(2);
});

const SEALED = "SELECT encode(private_key, 'hex') AS hex FROM signing_keys WHERE state = 'CURRENT'";

test('E09 what each key signs is good by the published key of the same kid, and by no other tenant', async () => {
  const [acme, other] = [await make.tenant(), await make.tenant()];
  const needs = ['RS256', 'ES256', 'EdDSA'] as const;
  const { keys: all } = await keys.find(acme.uuid, { needs });
  const foreign = await keys.publicKeys(other.uuid, { needs });
  for (const jwk of all) {
    const signed = signBy(jwk, 'a token');
    expect(isGoodBy(await keys.publicKey(acme.uuid, jwk.kid), signed)).toBe(true);
    expect(await keys.publicKey(other.uuid, jwk.kid)).toBe(null);
    expect(foreign.keys.map(({ kid }) => kid)).not.toContain(jwk.kid);
  }
  for (const kid of ['', 'x'.repeat(43), "' OR 1 = 1 --", '../../etc/passwd', 'x'.repeat(100_000)])
    expect(await keys.publicKey(acme.uuid, kid)).toBe(null);
});

test('fifty who ask at once get the same keys, of which one each was made', async () => {
  const tenant = await make.tenant();
  const asked = await Promise.all(Array.from({ length: 50 }, () => keys.find(tenant.uuid)));
  expect(new Set(asked.map(({ generation }) => generation)).size).toBe(1);
  const all = await settled(tenant, 4);
  expect(all).toHaveLength(4);
  const log = await auditLog(house, tenant.uuid);
  const made = log.filter(({ type }) => type === 'signing-key.create');
  expect(made.map(({ actor_kind }) => actor_kind)).toEqual(Array(4).fill('system'));
  expect(made.map(({ details }) => details['kid']).sort()).toEqual(
    all.map(({ kid }) => kid).sort(),
  );
});

test('the set is the same object until something changes', async () => {
  const tenant = await make.tenant();
  await make.signingKeys(tenant, 'ES256');
  const needs = { needs: ['ES256'] as const };
  const first = await keys.find(tenant.uuid, needs);
  house.clock.advance(10_000);
  expect(await keys.find(tenant.uuid, needs)).toBe(first);
  expect((await keys.publicKeys(tenant.uuid, needs)).generation).toBe(first.generation);
  await make.signingKeys(tenant, 'ES256');
  house.clock.advance(1_000);
  const second = await keys.find(tenant.uuid, needs);
  expect(second.generation).not.toBe(first.generation);
  expect(second.keys).toHaveLength(3);
});

test('the platform has keys of its own, which its operators rotate', async () => {
  const platform = operator(house);
  const { keys: before } = await keys.find(PLATFORM_TENANT_ID, { needs: ['ES256'] });
  house.clock.advance(2_000);
  const { body } = await platform.rest<{ signingKeys: SigningKey[] }>(
    'POST',
    '/v1/signing-keys/rotate',
    { body: { alg: 'ES256' } },
  );
  expect(body.signingKeys.find(({ state }) => state === 'RETIRING')?.kid).toBe(before[0]?.kid);
  const list = await platform.rest<{ items: SigningKey[] }>('GET', '/v1/signing-keys');
  expect(list.body.items.map(({ kid }) => kid)).toContain(before[0]?.kid);
});

test('B07 a person rotates keys within a quarter of an hour of signing in', async () => {
  const tenant = await make.tenant();
  const user = await make.user(tenant);
  const rotate = async (minutes: number) => {
    const authTime = new Date(house.clock.ms() - minutes * 60_000);
    const who = { tenantId: tenant.uuid, userId: user.uuid, scopes: ['keys:write'] };
    const ctx = await contextOf(house, { ...who, signedIn: { authTime } });
    return call(ctx, rotateSigningKeys, { alg: 'ES256' });
  };
  await expect(rotate(16)).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
  expect(await rotate(14)).toHaveLength(2);
});

test('the policy has defaults, bounds and a version; the overlap outlives every token', async () => {
  const tenant = await make.tenant();
  const path = '/v1/signing-key-policy';
  const get = await tenant.rest('GET', path);
  expect(get.body).toEqual({ rotationDays: 90, overlapSeconds: 90_000, version: 1 });
  const patch = (body: object, version: number) =>
    tenant.rest('PATCH', path, { body, headers: { 'if-match': `"${version}"` } });
  expect((await patch({ rotationDays: 30 }, 1)).body).toEqual({
    rotationDays: 30,
    overlapSeconds: 90_000,
    version: 2,
  });
  expect((await patch({ rotationDays: 31 }, 1)).status).toBe(412);
  for (const bad of [
    { rotationDays: 0 },
    { rotationDays: 731 },
    { overlapSeconds: 89_999 },
    { overlapSeconds: 2_592_001 },
  ])
    expect([bad, (await mutate(tenant, 'updateSigningKeyPolicy', bad)).code]).toEqual([
      bad,
      'INVALID_INPUT',
    ]);
});
