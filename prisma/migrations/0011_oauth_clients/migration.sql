-- OAuth 2.1 and OpenID Connect: the programs that people sign in to, the APIs that tokens are made for, what people
-- allowed, and what each sign-in gave.

CREATE TABLE oauth_clients (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  first_party boolean NOT NULL DEFAULT false,
  publisher text,
  redirect_uris text[] NOT NULL,
  post_logout_redirect_uris text[] NOT NULL,
  grant_types text[] NOT NULL,
  token_endpoint_auth_method text COLLATE "C" NOT NULL,
  jwks jsonb,
  jwks_uri text,
  identity_scopes text[] NOT NULL,
  api_scopes text[] NOT NULL,
  id_token_alg text COLLATE "C" NOT NULL DEFAULT 'RS256',
  refresh_rotation boolean NOT NULL DEFAULT true,
  refresh_idle_seconds integer NOT NULL DEFAULT 1209600,
  refresh_seconds integer NOT NULL DEFAULT 7776000,
  require_dpop boolean NOT NULL DEFAULT false,
  require_par boolean NOT NULL DEFAULT false,
  logo_uri text,
  client_uri text,
  policy_uri text,
  terms_uri text,
  backchannel_logout_uri text,
  disabled_at timestamptz(3),
  version integer NOT NULL DEFAULT 1,
  created_by_kind text COLLATE "C" NOT NULL,
  created_by_id uuid,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT oauth_clients_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT oauth_clients_name_check CHECK (length(name) BETWEEN 1 AND 120),
  CONSTRAINT oauth_clients_type_check CHECK (type IN ('WEB', 'SPA', 'NATIVE', 'SERVICE')),
  CONSTRAINT oauth_clients_first_party_check CHECK (NOT (first_party AND type = 'SERVICE')),
  CONSTRAINT oauth_clients_redirect_uris_check CHECK (cardinality(redirect_uris) <= 50 AND cardinality(post_logout_redirect_uris) <= 50),
  -- RFC 9700: no implicit grant, no password grant.
  CONSTRAINT oauth_clients_grant_types_check CHECK (grant_types <@ ARRAY['authorization_code', 'refresh_token', 'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:token-exchange']),
  -- Nobody signs in to a service, and what runs on people's devices keeps no secret (RFC 6749, 2.1).
  CONSTRAINT oauth_clients_service_check CHECK (type <> 'SERVICE' OR (redirect_uris = '{}' AND post_logout_redirect_uris = '{}'
    AND NOT grant_types && ARRAY['authorization_code', 'refresh_token'])),
  CONSTRAINT oauth_clients_public_check CHECK (type NOT IN ('SPA', 'NATIVE') OR NOT 'client_credentials' = ANY (grant_types)),
  CONSTRAINT oauth_clients_auth_method_check CHECK (CASE WHEN type IN ('SPA', 'NATIVE') THEN token_endpoint_auth_method = 'none'
    ELSE token_endpoint_auth_method IN ('client_secret_basic', 'client_secret_post', 'private_key_jwt') END),
  CONSTRAINT oauth_clients_jwks_check CHECK (num_nonnulls(jwks, jwks_uri) = (token_endpoint_auth_method = 'private_key_jwt')::int),
  CONSTRAINT oauth_clients_id_token_alg_check CHECK (id_token_alg IN ('RS256', 'ES256', 'EdDSA')),
  CONSTRAINT oauth_clients_refresh_check CHECK (refresh_idle_seconds BETWEEN 60 AND refresh_seconds AND refresh_seconds <= 31536000),
  CONSTRAINT oauth_clients_version_check CHECK (version > 0),
  CONSTRAINT oauth_clients_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX oauth_clients_tenant_id_name_key_id_idx ON oauth_clients (tenant_id, name_key, id);
CREATE INDEX oauth_clients_tenant_id_type_id_idx ON oauth_clients (tenant_id, type, id);

CREATE TABLE oauth_client_secrets (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  client_id uuid NOT NULL,
  hash bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3),
  CONSTRAINT oauth_client_secrets_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT oauth_client_secrets_hash_check CHECK (length(hash) = 32),
  CONSTRAINT oauth_client_secrets_tenant_id_client_id_fkey FOREIGN KEY (tenant_id, client_id) REFERENCES oauth_clients (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX oauth_client_secrets_tenant_id_client_id_idx ON oauth_client_secrets (tenant_id, client_id);
CREATE INDEX oauth_client_secrets_tenant_id_expires_at_idx ON oauth_client_secrets (tenant_id, expires_at);

CREATE TABLE api_resources (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  identifier text COLLATE "C" NOT NULL,
  name text NOT NULL,
  token_format text COLLATE "C" NOT NULL DEFAULT 'JWT',
  token_seconds integer NOT NULL DEFAULT 900,
  signing_alg text COLLATE "C" NOT NULL DEFAULT 'ES256',
  allow_offline boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT api_resources_pkey PRIMARY KEY (tenant_id, id),
  -- RFC 8707, 2: an absolute URI without a fragment.
  CONSTRAINT api_resources_identifier_check CHECK (identifier ~ '^[a-z][a-z0-9+.-]*:[^#[:space:]]+$' AND length(identifier) <= 255),
  CONSTRAINT api_resources_name_check CHECK (length(name) BETWEEN 1 AND 120),
  CONSTRAINT api_resources_token_format_check CHECK (token_format IN ('JWT', 'OPAQUE')),
  CONSTRAINT api_resources_token_seconds_check CHECK (token_seconds BETWEEN 60 AND 86400),
  CONSTRAINT api_resources_signing_alg_check CHECK (signing_alg IN ('ES256', 'RS256', 'EdDSA')),
  CONSTRAINT api_resources_version_check CHECK (version > 0),
  CONSTRAINT api_resources_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX api_resources_tenant_id_identifier_key ON api_resources (tenant_id, identifier);

CREATE TABLE api_resource_scopes (
  tenant_id uuid NOT NULL,
  resource_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL,
  description text NOT NULL,
  CONSTRAINT api_resource_scopes_pkey PRIMARY KEY (tenant_id, resource_id, name),
  -- RFC 6749, 3.3: %x21 / %x23-5B / %x5D-7E.
  CONSTRAINT api_resource_scopes_name_check CHECK (name ~ '^[!#-\[\]-~]{1,100}$'),
  CONSTRAINT api_resource_scopes_description_check CHECK (length(description) BETWEEN 1 AND 200),
  CONSTRAINT api_resource_scopes_tenant_id_resource_id_fkey FOREIGN KEY (tenant_id, resource_id) REFERENCES api_resources (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE oauth_client_audiences (
  tenant_id uuid NOT NULL,
  client_id uuid NOT NULL,
  resource_id uuid NOT NULL,
  CONSTRAINT oauth_client_audiences_pkey PRIMARY KEY (tenant_id, client_id, resource_id),
  CONSTRAINT oauth_client_audiences_tenant_id_client_id_fkey FOREIGN KEY (tenant_id, client_id) REFERENCES oauth_clients (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT oauth_client_audiences_tenant_id_resource_id_fkey FOREIGN KEY (tenant_id, resource_id) REFERENCES api_resources (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX oauth_client_audiences_tenant_id_resource_id_idx ON oauth_client_audiences (tenant_id, resource_id);

CREATE TABLE oauth_consents (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  client_id uuid NOT NULL,
  scopes text[] NOT NULL,
  resource_scopes jsonb NOT NULL DEFAULT '{}',
  granted_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT oauth_consents_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT oauth_consents_resource_scopes_check CHECK (jsonb_typeof(resource_scopes) = 'object'),
  CONSTRAINT oauth_consents_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT oauth_consents_tenant_id_client_id_fkey FOREIGN KEY (tenant_id, client_id) REFERENCES oauth_clients (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX oauth_consents_tenant_id_user_id_client_id_key ON oauth_consents (tenant_id, user_id, client_id);
CREATE INDEX oauth_consents_tenant_id_user_id_id_idx ON oauth_consents (tenant_id, user_id, id);
CREATE INDEX oauth_consents_tenant_id_client_id_idx ON oauth_consents (tenant_id, client_id);

CREATE TABLE oauth_grants (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  client_id uuid NOT NULL,
  session_id uuid,
  scopes text[] NOT NULL,
  resource_scopes jsonb NOT NULL DEFAULT '{}',
  claims jsonb,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  CONSTRAINT oauth_grants_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT oauth_grants_resource_scopes_check CHECK (jsonb_typeof(resource_scopes) = 'object'),
  CONSTRAINT oauth_grants_expiry_check CHECK (expires_at >= created_at),
  CONSTRAINT oauth_grants_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT oauth_grants_tenant_id_client_id_fkey FOREIGN KEY (tenant_id, client_id) REFERENCES oauth_clients (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX oauth_grants_tenant_id_user_id_client_id_idx ON oauth_grants (tenant_id, user_id, client_id);
CREATE INDEX oauth_grants_tenant_id_client_id_idx ON oauth_grants (tenant_id, client_id);
CREATE INDEX oauth_grants_tenant_id_session_id_idx ON oauth_grants (tenant_id, session_id);
CREATE INDEX oauth_grants_tenant_id_expires_at_idx ON oauth_grants (tenant_id, expires_at);

SELECT isolate_tenants('oauth_clients');
SELECT isolate_tenants('oauth_client_secrets');
SELECT isolate_tenants('oauth_client_audiences');
SELECT isolate_tenants('api_resources');
SELECT isolate_tenants('api_resource_scopes');
SELECT isolate_tenants('oauth_consents');
SELECT isolate_tenants('oauth_grants');

GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_clients, oauth_client_secrets, api_resources, api_resource_scopes, oauth_consents, oauth_grants TO signet_app;
GRANT SELECT, INSERT, DELETE ON oauth_client_audiences TO signet_app;
