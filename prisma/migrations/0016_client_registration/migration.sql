-- Clients that register themselves (RFC 7591 and 7592): what a tenant allows them, the tokens that let them in, and those
-- by which they are managed afterwards.

CREATE TABLE client_registration_policies (
  tenant_id uuid NOT NULL,
  enabled boolean NOT NULL DEFAULT false,
  grant_types text[] NOT NULL,
  identity_scopes text[] NOT NULL,
  api_scopes text[] NOT NULL,
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT client_registration_policies_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT client_registration_policies_version_check CHECK (version > 0),
  CONSTRAINT client_registration_policies_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE client_registration_audiences (
  tenant_id uuid NOT NULL,
  resource_id uuid NOT NULL,
  CONSTRAINT client_registration_audiences_pkey PRIMARY KEY (tenant_id, resource_id),
  CONSTRAINT client_registration_audiences_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES client_registration_policies (tenant_id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT client_registration_audiences_tenant_id_resource_id_fkey FOREIGN KEY (tenant_id, resource_id) REFERENCES api_resources (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE initial_access_tokens (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  hash bytea NOT NULL,
  api_scopes text[] NOT NULL,
  max_clients integer NOT NULL,
  clients_made integer NOT NULL DEFAULT 0,
  created_by_kind text COLLATE "C" NOT NULL,
  created_by_id uuid,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3),
  CONSTRAINT initial_access_tokens_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT initial_access_tokens_name_check CHECK (length(name) BETWEEN 1 AND 120),
  CONSTRAINT initial_access_tokens_hash_check CHECK (length(hash) = 32),
  CONSTRAINT initial_access_tokens_clients_check CHECK (max_clients BETWEEN 1 AND 1000 AND clients_made BETWEEN 0 AND max_clients),
  -- Ninety days, and an hour for clocks that differ.
  CONSTRAINT initial_access_tokens_expiry_check CHECK (expires_at > created_at AND expires_at <= created_at + interval '2161 hours'),
  CONSTRAINT initial_access_tokens_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX initial_access_tokens_tenant_id_hash_key ON initial_access_tokens (tenant_id, hash);
CREATE INDEX initial_access_tokens_tenant_id_expires_at_idx ON initial_access_tokens (tenant_id, expires_at);

CREATE TABLE oauth_client_registrations (
  tenant_id uuid NOT NULL,
  client_id uuid NOT NULL,
  hash bytea NOT NULL,
  api_scopes text[] NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT oauth_client_registrations_pkey PRIMARY KEY (tenant_id, client_id),
  CONSTRAINT oauth_client_registrations_hash_check CHECK (length(hash) = 32),
  CONSTRAINT oauth_client_registrations_tenant_id_client_id_fkey FOREIGN KEY (tenant_id, client_id) REFERENCES oauth_clients (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);

SELECT isolate_tenants('client_registration_policies');
SELECT isolate_tenants('client_registration_audiences');
SELECT isolate_tenants('initial_access_tokens');
SELECT isolate_tenants('oauth_client_registrations');

GRANT SELECT, INSERT, UPDATE ON client_registration_policies TO signet_app;
GRANT SELECT, INSERT, DELETE ON client_registration_audiences TO signet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON initial_access_tokens TO signet_app;
GRANT SELECT, INSERT, DELETE ON oauth_client_registrations TO signet_app;
