/**
 * oidc-provider as it comes, over an adapter that keeps everything in this process: what our issuers
 * would cost without a database, tenants, consents and revocation.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import Provider, { type AdapterPayload } from 'oidc-provider';
import { CLIENT, issuerOfTenant, REFRESH_SECONDS, refreshToken, SECRET } from './oauth-seed.ts';

const API = 'https://api.example.com';
const stored = new Map<string, AdapterPayload>();

function adapter(model: string) {
  const key = (id: string) => `${model}:${id}`;
  return {
    upsert: async (id: string, payload: AdapterPayload) => void stored.set(key(id), payload),
    find: async (id: string) => stored.get(key(id)),
    async consume(id: string) {
      const payload = stored.get(key(id));
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    },
    destroy: async (id: string) => void stored.delete(key(id)),
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    revokeByGrantId: async () => undefined,
  };
}

function jwk(pair: { privateKey: { export(options: { format: 'jwk' }): object } }, alg: string) {
  return { ...pair.privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg };
}

const provider = new Provider(issuerOfTenant(1), {
  adapter,
  jwks: {
    keys: [
      jwk(generateKeyPairSync('rsa', { modulusLength: 2048 }), 'RS256'),
      jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ES256'),
    ] as never,
  },
  clients: [
    {
      client_id: CLIENT,
      client_secret: SECRET,
      redirect_uris: ['https://app.example.com/callback'],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      scope: 'openid offline_access',
    },
  ],
  scopes: ['openid', 'offline_access'],
  conformIdTokenClaims: false,
  rotateRefreshToken: true,
  findAccount: async (_koa, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
  ttl: {
    AccessToken: 900,
    ClientCredentials: 900,
    IdToken: 900,
    RefreshToken: REFRESH_SECONDS,
    Grant: REFRESH_SECONDS,
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (koa) =>
        koa.oidc.params?.['grant_type'] === 'client_credentials' ? API : (undefined as never),
      getResourceServerInfo: async () => ({
        scope: 'users:read',
        audience: API,
        accessTokenTTL: 900,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

const now = Math.floor(Date.now() / 1000);
const common = { iat: now, exp: now + REFRESH_SECONDS, accountId: 'somebody', clientId: CLIENT };
for (let n = 1; n <= Number(process.env['REFRESH_TOKENS']); n += 1) {
  const grantId = randomUUID();
  const openid = { scope: 'openid offline_access' };
  stored.set(`Grant:${grantId}`, { ...common, kind: 'Grant', jti: grantId, openid } as never);
  stored.set(`RefreshToken:${refreshToken(n)}`, {
    ...common,
    kind: 'RefreshToken',
    jti: refreshToken(n),
    grantId,
    gty: 'authorization_code',
    scope: 'openid offline_access',
    iiat: now,
    rotations: 0,
  });
}

const handle = provider.callback();
createServer((request, response) => {
  // Below the issuer, as ours is asked.
  request.url = (request.url ?? '').replace(/^\/t\/t1\/oauth2/, '');
  handle(request, response);
}).listen(Number(process.env['PORT']), '127.0.0.1');
