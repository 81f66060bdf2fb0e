/** What the benchmarks of the issuers find in the database: clients, an API, and people who are signed in. */
import { createHash } from 'node:crypto';
import { ownerConnection } from '#kernel/db/migrate.ts';
import { encodeId } from '#kernel/ids.ts';
import { PLATFORM_TENANT_ID } from '#kernel/platform-tenant.ts';
import { seededId } from './seed.ts';

export const PUBLIC_URL = 'https://id.bench.example';
/** Of every client here. */
export const SECRET = 'a secret of the benchmarks, which opens nothing else';
export const CLIENT = encodeId('client', seededId(1));
export const OPAQUE_API = 'https://opaque.example.com';

export function issuerOfTenant(n: number): string {
  return `${PUBLIC_URL}/t/t${n}`;
}

/** The n-th refresh token of tenant 1, which nobody has used yet. */
export function refreshToken(n: number | string): string {
  return `refresh-token-${n}`;
}

/**
 * One client in each of the `tenants`, which may do everything here; in tenant 1 an API with opaque
 * tokens, and `refreshTokens` of as many sign-ins of its first user.
 */
export async function seedIssuers(
  url: string,
  { tenants, refreshTokens }: { readonly tenants: number; readonly refreshTokens: number },
): Promise<void> {
  const owner = await ownerConnection({ connectionString: url });
  try {
    await owner.query("SET synchronous_commit = 'off'");
    await owner.query("SELECT set_config('app.tenant_id', $1, false)", [PLATFORM_TENANT_ID]);
    await owner.query("UPDATE tenants SET issuer = $1 || slug WHERE slug ~ '^t[0-9]+$'", [
      `${PUBLIC_URL}/t/`,
    ]);
    await owner.query(CLIENTS);
    const hash = createHash('sha256').update(SECRET).digest();
    await owner.query('CALL bench.fill_clients($1, $2)', [tenants, hash]);
    const tenant = seededId(1);
    await owner.query("SELECT set_config('app.tenant_id', $1, false)", [tenant]);
    await owner.query(API, [tenant, seededId(1), OPAQUE_API]);
    await owner.query(AUDIENCE, [tenant, seededId(1)]);
    await owner.query(GRANTS, [tenant, seededId(1), refreshTokens]);
    const people = [encodeId('user', seededId(1)), CLIENT];
    await owner.query(TOKENS, [tenant, refreshTokens, ...people]);
    for (const table of ['oauth_clients', 'oauth_client_secrets', 'oauth_grants', 'oauth_tokens'])
      await owner.query(`VACUUM (ANALYZE) ${table}`);
  } finally {
    await owner.end();
  }
}

/** Seconds. */
export const REFRESH_SECONDS = 86_400;

const CLIENTS = `
CREATE PROCEDURE bench.fill_clients(tenants int, secret bytea) LANGUAGE plpgsql AS $$
DECLARE
  tenant uuid;
BEGIN
  FOR n IN 1..tenants LOOP
    tenant := bench.id(n);
    PERFORM set_config('app.tenant_id', tenant::text, false);
    INSERT INTO oauth_clients (tenant_id, id, name, name_key, type, first_party, redirect_uris, post_logout_redirect_uris,
      grant_types, token_endpoint_auth_method, identity_scopes, api_scopes, created_by_kind, created_at, updated_at)
    VALUES (tenant, bench.id(1), 'App', 'app', 'WEB', true, '{https://app.example.com/callback}', '{}',
      '{authorization_code,refresh_token,client_credentials}', 'client_secret_basic', '{openid,offline_access}', '{users:read}',
      'system', now(), now());
    INSERT INTO oauth_client_secrets (tenant_id, id, client_id, hash, created_at)
    VALUES (tenant, bench.id(1), bench.id(1), secret, now());
  END LOOP;
END
$$`;

const API = `
INSERT INTO api_resources (tenant_id, id, identifier, name, token_format, created_at, updated_at)
VALUES ($1, $2, $3, 'Opaque', 'OPAQUE', now(), now())`;

const AUDIENCE = `
INSERT INTO oauth_client_audiences (tenant_id, client_id, resource_id) VALUES ($1, $2, $2)`;

const GRANTS = `
INSERT INTO oauth_grants (tenant_id, id, user_id, client_id, scopes, created_at, expires_at)
SELECT $1, bench.id(n), $2, $2, '{openid,offline_access}', now(), now() + interval '1 day'
FROM generate_series(1, $3::int) n`;

const TOKENS = `
INSERT INTO oauth_tokens (tenant_id, hash, kind, grant_id, salt, expires_at, payload)
SELECT $1, sha256(('${refreshToken('')}' || n)::bytea), 'RefreshToken', bench.id(n),
  decode(md5(n::text), 'hex'), now() + interval '${REFRESH_SECONDS} s', jsonb_build_object(
    'kind', 'RefreshToken', 'iat', extract(epoch FROM now())::int, 'exp', extract(epoch FROM now())::int + ${REFRESH_SECONDS},
    'accountId', $3::text, 'clientId', $4::text, 'grantId', bench.id(n), 'gty', 'authorization_code',
    'scope', 'openid offline_access', 'iiat', extract(epoch FROM now())::int, 'rotations', 0)
FROM generate_series(1, $2::int) n`;

const BASIC = `Basic ${Buffer.from(`${CLIENT}:${encodeURIComponent(SECRET)}`).toString('base64')}`;
/** As a proxy would say: the name that everybody asks for. */
export const AT_HOME = { host: new URL(PUBLIC_URL).host };
export const FORM = {
  ...AT_HOME,
  'content-type': 'application/x-www-form-urlencoded',
  authorization: BASIC,
};
