/** Access tokens at the APIs of others (RFC 9068, RFC 8725): @signet/sdk/server against an issuer of the test's. */
import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  createVerifier,
  IssuerUnavailableError,
  requireAcr,
  requireMaxAge,
  requireScopes,
  TokenError,
  type Verifier,
  type VerifierOptions,
} from '../../sdk/generated/server.ts';
import { AUDIENCE, issuerStandIn } from './issuer-stand-in.ts';

const acme = await issuerStandIn();
const JWKS = '/t/acme/jwks';

const verifier = (options: Partial<VerifierOptions> = {}) =>
  createVerifier({ issuer: acme.issuer, audience: AUDIENCE, ...options });
const INVALID = { code: 'invalid_token', status: 401 };

function fresh(of: Verifier, token: string) {
  return expect(of.verify(token));
}

test('a good token says who, and nothing is fetched twice', async () => {
  const good = verifier();
  const before = acme.asked.get(JWKS) ?? 0;
  const claims = await good.verify(await acme.token({ tid: 'tenant_1', roles: ['Buyer'] }));
  expect(claims).toMatchObject({ sub: 'user_1', tid: 'tenant_1', roles: ['Buyer'] });
  await Promise.all(
    Array.from({ length: 20 }, async () => good.verify(await acme.token({ aud: ['x', AUDIENCE] }))),
  );
  expect(acme.asked.get(JWKS)).toBe(before + 1);
});

test('E01 E02 E03 E06 forged, meant for others, with a key of its own: refused', async () => {
  const good = verifier();
  const token = await acme.token();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const said = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString());
  const hs256 = part({ ...said(header), alg: 'HS256' });
  const hmac = createHmac('sha256', JSON.stringify(said(header)))
    .update(`${hs256}.${payload}`)
    .digest('base64url');
  const own = await generateKeyPair('ES256');
  const jwk = await exportJWK(own.publicKey);
  const before = [...acme.asked.values()].reduce((sum, n) => sum + n, 0);
  const carried = await new SignJWT(said(payload))
    .setProtectedHeader({ ...said(header), jwk, jku: `${acme.issuer}/evil` })
    .sign(own.privateKey);
  const forged = [
    ...['none', 'None', 'nOnE'].map((alg) => `${part({ ...said(header), alg })}.${payload}.`),
    `${part({ ...said(header), alg: 'none' })}.${payload}.AA`,
    `${hs256}.${payload}.${hmac}`,
    `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
    `${header}.${part({ ...said(payload), sub: 'user_2' })}.${signature}`,
    `${part({ ...said(header), crit: ['b64'], b64: false })}.${payload}.${signature}`,
    carried,
    await acme.token({ aud: 'https://other.example.com' }),
    await acme.token({ iss: `${acme.issuer}x` }),
    await acme.token({ cnf: { jkt: 'x' } }),
    ...['sub', 'client_id', 'jti', 'exp', 'iat'].map((name) => acme.token({ [name]: undefined })),
    'opaque',
    '',
    'a'.repeat(20_000),
  ];
  for (const one of forged) await fresh(good, await one).rejects.toMatchObject(INVALID);
  await expect(good.verify(token)).resolves.toBeTruthy();
  const after = [...acme.asked.values()].reduce((sum, n) => sum + n, 0);
  expect([after - before, acme.asked.get('/t/acme/evil')]).toEqual([2, undefined]);
});

test('E05 ID tokens, logout tokens and assertions are no access tokens', async () => {
  for (const typ of ['JWT', 'logout+jwt', 'secevent+jwt', undefined])
    await fresh(verifier(), await acme.token({}, { typ })).rejects.toMatchObject(INVALID);
  await expect(
    verifier().verify(await acme.token({}, { typ: 'application/at+jwt' })),
  ).resolves.toBeTruthy();
});

test('E04 exp, nbf and iat are held against the clock, with at most a minute of leeway', async () => {
  const now = Math.floor(Date.now() / 1000);
  const good = verifier({ leeway: 10, now: () => now * 1000 });
  const bad = [{ exp: now - 10 }, { nbf: now + 11 }, { iat: now + 11, exp: now + 60 }];
  for (const claims of bad)
    await fresh(good, await acme.token(claims)).rejects.toMatchObject(INVALID);
  for (const claims of [{ exp: now - 9 }, { nbf: now + 10 }, { iat: now + 10 }])
    await expect(good.verify(await acme.token(claims))).resolves.toBeTruthy();
  expect(() => verifier({ leeway: 61 })).toThrow('60');
});

test('E09 a key that is new is fetched once; one that is not there is looked for once', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const good = verifier();
  const fetched = () => acme.asked.get(JWKS) ?? 0;
  await good.verify(await acme.token());
  const before = fetched();
  await acme.rotate();
  // Right after a fetch nobody can make it fetch again.
  await fresh(good, await acme.token()).rejects.toMatchObject(INVALID);
  expect(fetched()).toBe(before);
  vi.setSystemTime(Date.now() + 11_000);
  await Promise.all([good.verify(await acme.token()), good.verify(await acme.token())]);
  expect(fetched()).toBe(before + 1);
  await acme.rotate({ published: false });
  vi.setSystemTime(Date.now() + 11_000);
  const unknown = await acme.token();
  for (let n = 0; n < 3; n += 1) await fresh(good, unknown).rejects.toMatchObject(INVALID);
  expect(fetched()).toBe(before + 2);
  await acme.rotate();
});

test('only algorithms that are expected', async () => {
  await fresh(verifier({ algorithms: ['RS256'] }), await acme.token()).rejects.toMatchObject(
    INVALID,
  );
  expect(() => verifier({ algorithms: ['HS256' as never] })).toThrow(TypeError);
  expect(() => verifier({ algorithms: [] })).toThrow(TypeError);
});

test('options that cannot work are told at once', () => {
  expect(() => verifier({ issuer: 'http://id.example.com/t/acme' })).toThrow('https');
  expect(() => verifier({ issuer: 'https://id.example.com/t/acme/' })).toThrow('slash');
  expect(() => verifier({ audience: '' })).toThrow('audience');
  const introspect = { clientId: 'api', clientSecret: 's', cacheMilliseconds: 5_000 };
  expect(() => verifier({ introspect })).toThrow('1000');
});

test('K05 an issuer that cannot be asked lets nobody in, and nobody out for good', async () => {
  const good = verifier({ introspect: { clientId: 'api', clientSecret: 's:cret' } });
  const token = await acme.token();
  acme.down = true;
  await expect(good.verify(token)).rejects.toBeInstanceOf(IssuerUnavailableError);
  acme.down = false;
  await expect(good.verify(token)).resolves.toBeTruthy();
  acme.down = true;
  const other = await acme.token();
  await expect(good.verify(other)).rejects.toBeInstanceOf(IssuerUnavailableError);
  acme.down = false;
  await expect(good.verify(other)).resolves.toBeTruthy();
});

test('metadata of another issuer is not taken', async () => {
  const lying: typeof fetch = async () =>
    Response.json({ issuer: 'https://evil.example.com', jwks_uri: `${acme.issuer}/jwks` });
  await expect(verifier({ fetch: lying }).verify(await acme.token())).rejects.toBeInstanceOf(
    IssuerUnavailableError,
  );
});

test('T33 what is revoked is refused within a second; answers are one token’s alone', async () => {
  let now = Date.now();
  const revoked = new Set<string>();
  acme.introspect = (token) => ({ active: !revoked.has(token) });
  const good = verifier({
    now: () => now,
    introspect: { clientId: 'api', clientSecret: 's:cret' },
  });
  const [one, other] = [await acme.token(), await acme.token()];
  const asked = () => acme.asked.get('/t/acme/introspect') ?? 0;
  const before = asked();
  await Promise.all([good.verify(one), good.verify(one), good.verify(one)]);
  expect(asked()).toBe(before + 1);
  revoked.add(one);
  await expect(good.verify(other)).resolves.toBeTruthy();
  now += 1_000;
  await fresh(good, one).rejects.toMatchObject(INVALID);
  await expect(good.verify(other)).resolves.toBeTruthy();
});

test('a token that only the issuer can read is held against the same rules', async () => {
  const good = verifier({ introspect: { clientId: 'api', clientSecret: 's:cret' } });
  const exp = Math.floor(Date.now() / 1000) + 60;
  const said = { active: true, aud: AUDIENCE, exp, sub: 'user_1', client_id: 'client_1' };
  acme.introspect = () => ({ ...said, scope: 'orders:read' });
  const claims = await good.verify('opaque-1', { scopes: ['orders:read'] });
  expect(claims).toMatchObject({ iss: acme.issuer, sub: 'user_1' });
  expect(claims).not.toHaveProperty('active');
  const bad = [
    { ...said, active: false },
    { ...said, aud: 'https://other.example.com' },
    { ...said, aud: undefined },
    { ...said, exp: exp - 120 },
    { ...said, iss: 'https://evil.example.com' },
    { ...said, cnf: { jkt: 'x' } },
    {},
  ];
  for (const [n, answer] of bad.entries()) {
    acme.introspect = () => answer;
    await fresh(good, `opaque-of-${n}`).rejects.toMatchObject(INVALID);
  }
});

test('what a token lacks is told as RFC 6750 and RFC 9470 tell it', async () => {
  const now = Math.floor(Date.now() / 1000);
  const claims = await verifier().verify(
    await acme.token({ scope: 'orders:read', acr: 'pwd', auth_time: now - 600 }),
  );
  requireScopes(claims, 'orders:read');
  requireAcr(claims, 'pwd');
  requireMaxAge(claims, 600, now * 1000);
  const told = (run: () => void) => {
    try {
      run();
      return null;
    } catch (error) {
      return error instanceof TokenError ? [error.status, error.challenge] : error;
    }
  };
  expect(told(() => requireScopes(claims, 'orders:read', 'orders:write'))).toEqual([
    403,
    'Bearer error="insufficient_scope", error_description="The token lacks the scope orders:write", scope="orders:read orders:write"',
  ]);
  expect(told(() => requireAcr(claims, 'mfa'))).toEqual([
    401,
    'Bearer error="insufficient_user_authentication", error_description="The person must have signed in with mfa", acr_values="mfa"',
  ]);
  expect(told(() => requireMaxAge(claims, 599, now * 1000))).toEqual([
    401,
    'Bearer error="insufficient_user_authentication", error_description="The person must have signed in within the last 599 seconds", max_age="599"',
  ]);
  requireAcr({ ...claims, acr: 'mfa' }, 'pwd');
});
