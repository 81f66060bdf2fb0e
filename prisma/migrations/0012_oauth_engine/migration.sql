-- What the engine of OAuth keeps: hashes of what it gave away, and what belongs to them.

CREATE TABLE oauth_codes (
  tenant_id uuid NOT NULL,
  hash bytea NOT NULL,
  kind text COLLATE "C" NOT NULL,
  grant_id uuid,
  user_code_hash bytea,
  payload jsonb NOT NULL,
  consumed_at timestamptz(3),
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT oauth_codes_pkey PRIMARY KEY (tenant_id, hash),
  CONSTRAINT oauth_codes_hash_check CHECK (length(hash) = 32 AND length(user_code_hash) = 32),
  CONSTRAINT oauth_codes_kind_check CHECK (kind IN ('AuthorizationCode', 'DeviceCode', 'PushedAuthorizationRequest')),
  CONSTRAINT oauth_codes_tenant_id_grant_id_fkey FOREIGN KEY (tenant_id, grant_id) REFERENCES oauth_grants (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX oauth_codes_tenant_id_user_code_hash_key ON oauth_codes (tenant_id, user_code_hash);
CREATE INDEX oauth_codes_tenant_id_grant_id_idx ON oauth_codes (tenant_id, grant_id);
CREATE INDEX oauth_codes_tenant_id_expires_at_idx ON oauth_codes (tenant_id, expires_at);

CREATE TABLE oauth_tokens (
  tenant_id uuid NOT NULL,
  hash bytea NOT NULL,
  kind text COLLATE "C" NOT NULL,
  grant_id uuid,
  payload jsonb NOT NULL,
  salt bytea,
  consumed_at timestamptz(3),
  successor_hash bytea,
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT oauth_tokens_pkey PRIMARY KEY (tenant_id, hash),
  CONSTRAINT oauth_tokens_hash_check CHECK (length(hash) = 32 AND length(successor_hash) = 32),
  CONSTRAINT oauth_tokens_kind_check CHECK (kind IN ('RefreshToken', 'AccessToken', 'ClientCredentials', 'InitialAccessToken', 'RegistrationAccessToken')),
  CONSTRAINT oauth_tokens_salt_check CHECK ((kind = 'RefreshToken') = (salt IS NOT NULL) AND length(salt) = 16),
  CONSTRAINT oauth_tokens_tenant_id_grant_id_fkey FOREIGN KEY (tenant_id, grant_id) REFERENCES oauth_grants (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX oauth_tokens_tenant_id_grant_id_idx ON oauth_tokens (tenant_id, grant_id);
CREATE INDEX oauth_tokens_tenant_id_expires_at_idx ON oauth_tokens (tenant_id, expires_at);

CREATE TABLE oauth_interactions (
  tenant_id uuid NOT NULL,
  hash bytea NOT NULL,
  payload jsonb NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT oauth_interactions_pkey PRIMARY KEY (tenant_id, hash),
  CONSTRAINT oauth_interactions_hash_check CHECK (length(hash) = 32)
);
CREATE INDEX oauth_interactions_tenant_id_expires_at_idx ON oauth_interactions (tenant_id, expires_at);

CREATE TABLE oauth_sessions (
  tenant_id uuid NOT NULL,
  hash bytea NOT NULL,
  session_id uuid,
  payload jsonb NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT oauth_sessions_pkey PRIMARY KEY (tenant_id, hash),
  CONSTRAINT oauth_sessions_hash_check CHECK (length(hash) = 32)
);
CREATE INDEX oauth_sessions_tenant_id_session_id_idx ON oauth_sessions (tenant_id, session_id);
CREATE INDEX oauth_sessions_tenant_id_expires_at_idx ON oauth_sessions (tenant_id, expires_at);

CREATE TABLE oauth_spent (
  tenant_id uuid NOT NULL,
  hash bytea NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT oauth_spent_pkey PRIMARY KEY (tenant_id, hash),
  CONSTRAINT oauth_spent_hash_check CHECK (length(hash) = 32)
);
CREATE INDEX oauth_spent_tenant_id_expires_at_idx ON oauth_spent (tenant_id, expires_at);

SELECT isolate_tenants('oauth_codes');
SELECT isolate_tenants('oauth_tokens');
SELECT isolate_tenants('oauth_interactions');
SELECT isolate_tenants('oauth_sessions');
SELECT isolate_tenants('oauth_spent');

GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_codes, oauth_tokens, oauth_interactions, oauth_sessions TO signet_app;
-- What was spent stays spent.
GRANT SELECT, INSERT, DELETE ON oauth_spent TO signet_app;
