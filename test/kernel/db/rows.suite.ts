/** What rows can be stored, by whom, and what the database refuses: the part of the schema's tests that writes. */
import { beforeAll, expect, test } from 'vitest';
import { A, addUser, B, column, makeTenants, PLATFORM, type Stored, thing } from './stored.ts';

export function rowTests(db: () => Stored): void {
  beforeAll(async () => {
    await makeTenants(db());
    for (const tenant of [A, B]) {
      await db().actAs('signet_app', tenant);
      await addUser(db(), tenant, thing(1), 'ada@example.com');
      await db().rows(
        "INSERT INTO groups (tenant_id, id, name, name_key) VALUES ($1, $2, 'Staff', 'staff')",
        [tenant, thing(2)],
      );
      await db().rows(
        'INSERT INTO group_members (tenant_id, group_id, user_id) VALUES ($1, $2, $3)',
        [tenant, thing(2), thing(1)],
      );
      await db().rows("INSERT INTO user_search_tokens VALUES ($1, 'ada', $2)", [tenant, thing(1)]);
    }
  });

  const refused = (text: string, values: unknown[] = []) =>
    db()
      .rows(text, values)
      .then(
        () => null,
        (error: { code?: string }) => error.code,
      );

  test('a tenant sees and changes its own rows; without a tenant there are none', async () => {
    const seen = async (tenant: string | undefined) => {
      await db().actAs('signet_app', tenant);
      const users = await db().rows('SELECT tenant_id FROM users');
      const tenants = await db().rows('SELECT slug FROM tenants ORDER BY slug');
      return [column(users, 'tenant_id'), column(tenants, 'slug')];
    };
    expect(await seen(A)).toEqual([[A], ['a']]);
    expect(await seen(B)).toEqual([[B], ['b']]);
    expect(await seen(PLATFORM)).toEqual([[], ['a', 'b', 'platform']]);
    expect(await seen(undefined)).toEqual([[], []]);

    await db().actAs('signet_app', A);
    expect(
      await db().rows("UPDATE users SET locale = 'de' WHERE tenant_id = $1 RETURNING id", [B]),
    ).toEqual([]);
    expect(await db().rows('DELETE FROM users WHERE tenant_id = $1 RETURNING id', [B])).toEqual([]);
    expect(await refused('UPDATE users SET tenant_id = $1', [B])).toBe('42501');
    expect(
      await refused(
        "INSERT INTO users (tenant_id, id, email, email_key) VALUES ($1, $2, 'x', 'x')",
        [B, thing(9)],
      ),
    ).toBe('42501');
  });

  test('the owner of the tables is bound by the policies like everybody', async () => {
    await db().actAs('owner', A);
    const [who] = await db().rows<{ rolsuper: boolean }>(
      'SELECT rolsuper FROM pg_roles WHERE rolname = session_user',
    );
    const users = await db().rows('SELECT tenant_id FROM users ORDER BY 1');
    // A superuser, which TEST_DATABASE_URL may name, is not.
    expect(column(users, 'tenant_id')).toEqual(who?.rolsuper ? [A, B] : [A]);
  });

  test('references stay inside the tenant, and go with what they refer to', async () => {
    await db().actAs('signet_app', A);
    await addUser(db(), A, thing(3), 'grace@example.com');
    await db().rows(
      'INSERT INTO group_members (tenant_id, group_id, user_id) VALUES ($1, $2, $3)',
      [A, thing(2), thing(3)],
    );
    await db().rows("INSERT INTO user_search_tokens VALUES ($1, 'grace', $2)", [A, thing(3)]);
    await db().actAs('signet_app', B);
    expect(
      await refused(
        'INSERT INTO group_members (tenant_id, group_id, user_id) VALUES ($1, $2, $3)',
        [B, thing(2), thing(3)],
      ),
    ).toBe('23503');
    await db().actAs('signet_app', A);
    await db().rows('DELETE FROM users WHERE tenant_id = $1 AND id = $2', [A, thing(3)]);
    expect(await db().rows('SELECT user_id FROM group_members')).toEqual([{ user_id: thing(1) }]);
    expect(await db().rows('SELECT token FROM user_search_tokens')).toEqual([{ token: 'ada' }]);
    expect(
      await refused(
        "INSERT INTO groups (tenant_id, id, name, name_key) VALUES ($1, $2, 'x', 'staff')",
        [A, thing(8)],
      ),
    ).toBe('23505');
  });

  test('a tenant keeps its id and slug and is never deleted; the platform stays active', async () => {
    await db().actAs('signet_app', PLATFORM);
    expect(await refused("UPDATE tenants SET slug = 'x' WHERE slug = 'a'")).toBe('42501');
    expect(await refused('UPDATE tenants SET id = $1 WHERE id = $2', [thing(1), A])).toBe('42501');
    expect(await refused('DELETE FROM tenants WHERE id = $1', [A])).toBe('42501');
    expect(await refused("UPDATE tenants SET status = 'SUSPENDED' WHERE id = $1", [PLATFORM])).toBe(
      '23514',
    );
    expect(await refused("UPDATE tenants SET status = 'DELETED' WHERE id = $1", [A])).toBe('23514');
    expect(await refused('UPDATE tenants SET issuer = NULL WHERE id = $1', [A])).toBe('23514');
    expect(
      await db().rows(
        "UPDATE tenants SET issuer = 'https://x' WHERE id = $1 AND issuer IS NULL RETURNING slug",
        [PLATFORM],
      ),
    ).toEqual([{ slug: 'platform' }]);
    expect(await db().rows('SELECT built_in, scopes FROM roles ORDER BY id')).toEqual(
      ['owner', 'admin', 'auditor', 'member'].map((built_in) => ({ built_in, scopes: [] })),
    );
  });

  test.each([
    ["INSERT INTO users (tenant_id, id, email, email_key) VALUES ($1, $2, 'x', '')", '23514'],
    [
      "INSERT INTO users (tenant_id, id, email, email_key, attributes) VALUES ($1, $2, 'x', 'x', '[]')",
      '23514',
    ],
    [
      "INSERT INTO users (tenant_id, id, email, email_key, version) VALUES ($1, $2, 'x', 'x', 0)",
      '23514',
    ],
    [
      "INSERT INTO roles (tenant_id, id, name, name_key, scopes) VALUES ($1, $2, 'x', '', '{}')",
      '23514',
    ],
    [
      "INSERT INTO roles (tenant_id, id, name, name_key, scopes, built_in) VALUES ($1, $2, 'x', 'x', '{}', 'god')",
      '23514',
    ],
    [
      "INSERT INTO api_key_secrets (tenant_id, id, api_key_id, hash) VALUES ($1, $2, $2, '\\x00')",
      '23514',
    ],
    [
      "INSERT INTO idempotency_keys (tenant_id, id, request_hash, expires_at) VALUES ($1, uuid_send($2::uuid), '', now())",
      '23514',
    ],
    ["INSERT INTO subject_keys (tenant_id, subject, salt) VALUES ($1, $2, '')", '23514'],
    [
      "INSERT INTO factors (tenant_id, id, user_id, kind, name, created_at) VALUES ($1, $2, $2, 'TOTP', 'x', now())",
      '23514',
    ],
    [
      "INSERT INTO factors (tenant_id, id, user_id, kind, name, created_at, confirmed_at) VALUES ($1, $2, $2, 'PASSKEY', 'x', now(), now())",
      '23514',
    ],
    [
      "INSERT INTO backup_codes (tenant_id, user_id, hash, created_at) VALUES ($1, $2, '7k3fa-x9q2m', now())",
      '23514',
    ],
    [
      "INSERT INTO challenges (tenant_id, id, user_id, purpose, kind, hash, created_at, expires_at) VALUES ($1, $2, $2, 'SIGN_IN', 'EMAIL', '123456', now(), now())",
      '23514',
    ],
    [
      "INSERT INTO challenges (tenant_id, id, user_id, purpose, kind, hash, created_at, expires_at) VALUES ($1, $2, $2, 'SIGN_IN', 'SMS', '$argon2id$', now(), now() + interval '11 minutes')",
      '23514',
    ],
    [
      "INSERT INTO oauth_clients (tenant_id, id, name, name_key, type, redirect_uris, post_logout_redirect_uris, grant_types, token_endpoint_auth_method, identity_scopes, api_scopes, created_by_kind, created_at, updated_at) VALUES ($1, $2, 'x', 'x', 'SPA', '{}', '{}', '{client_credentials}', 'none', '{}', '{}', 'internal', now(), now())",
      '23514',
    ],
    [
      "INSERT INTO oauth_clients (tenant_id, id, name, name_key, type, redirect_uris, post_logout_redirect_uris, grant_types, token_endpoint_auth_method, identity_scopes, api_scopes, created_by_kind, created_at, updated_at) VALUES ($1, $2, 'x', 'x', 'WEB', '{}', '{}', '{password}', 'client_secret_basic', '{}', '{}', 'internal', now(), now())",
      '23514',
    ],
    [
      "INSERT INTO oauth_client_secrets (tenant_id, id, client_id, hash, created_at) VALUES ($1, $2, $2, '\\x00', now())",
      '23514',
    ],
    [
      "INSERT INTO initial_access_tokens (tenant_id, id, name, hash, api_scopes, max_clients, clients_made, created_by_kind, created_at, expires_at) VALUES ($1, $2, 'x', sha256('x'), '{}', 1, 2, 'internal', now(), now() + interval '1 day')",
      '23514',
    ],
    [
      "INSERT INTO initial_access_tokens (tenant_id, id, name, hash, api_scopes, max_clients, created_by_kind, created_at, expires_at) VALUES ($1, $2, 'x', sha256('x'), '{}', 1, 'internal', now(), now() + interval '91 days')",
      '23514',
    ],
    [
      "INSERT INTO oauth_client_registrations (tenant_id, client_id, hash, api_scopes, created_at) VALUES ($1, $2, '\\x00', '{}', now())",
      '23514',
    ],
    [
      "INSERT INTO api_resources (tenant_id, id, identifier, name, created_at, updated_at) VALUES ($1, $2, 'https://a.example/#x', 'x', now(), now())",
      '23514',
    ],
    [
      "INSERT INTO api_resource_scopes (tenant_id, resource_id, name, description) VALUES ($1, $2, 'a b', 'x')",
      '23514',
    ],
    [
      "INSERT INTO oauth_grants (tenant_id, id, user_id, client_id, scopes, resource_scopes, created_at) VALUES ($1, $2, $2, $2, '{}', '[]', now())",
      '23514',
    ],
  ])('%s is refused', async (text, code) => {
    await db().actAs('signet_app', A);
    expect(await refused(text, [A, thing(20)])).toBe(code);
  });

  test.each(['A', '-a', 'a-', 'a_b', 'a b', '', 'a'.repeat(64)])(
    'the slug "%s" is refused',
    async (slug) => {
      await db().actAs('signet_app', thing(21));
      const insert =
        "INSERT INTO tenants (id, slug, issuer, name) VALUES ($1, $2, 'https://x', 'x')";
      expect(await refused(insert, [thing(21), slug])).toBe('23514');
    },
  );

  test('a tenant has each built-in role once, and any number of its own', async () => {
    await db().actAs('signet_app', A);
    const insert =
      'INSERT INTO roles (tenant_id, id, name, name_key, scopes, built_in) VALUES ($1, $2, $3, $3, $4, $5)';
    await db().rows(insert, [A, thing(30), 'owner', [], 'owner']);
    await db().rows(insert, [A, thing(31), 'one', ['users:read'], null]);
    await db().rows(insert, [A, thing(32), 'two', ['users:read'], null]);
    expect(await refused(insert, [A, thing(33), 'chief', [], 'owner'])).toBe('23505');
  });

  test('credential_lookup finds the tenant of a secret by its whole hash, before a tenant is known', async () => {
    const hash = Buffer.alloc(32, 7);
    await db().actAs('signet_app', B);
    await db().rows(
      "INSERT INTO api_keys (tenant_id, id, name, prefix, scopes, created_by_kind) VALUES ($1, $2, 'k', 'sgnt_x', '{}', 'internal')",
      [B, thing(40)],
    );
    await db().rows(
      'INSERT INTO api_key_secrets (tenant_id, id, api_key_id, hash) VALUES ($1, $2, $3, $4)',
      [B, thing(41), thing(40), hash],
    );
    await db().actAs('signet_app');
    expect(await db().rows('SELECT * FROM api_key_secrets')).toEqual([]);
    expect(await db().rows('SELECT * FROM credential_lookup($1)', [hash])).toEqual([
      { tenant_id: B, api_key_id: thing(40), expires_at: null },
    ]);
    expect(await db().rows('SELECT * FROM credential_lookup($1)', [hash.subarray(1)])).toEqual([]);
  });
}
