-- The tables. Who may see and change what follows in 0002_isolation.
--
-- Every tenant-owned table is keyed by (tenant_id, id) and refers by composite foreign keys, so that a
-- reference into another tenant cannot be stored. Columns that are searched or ordered by hold
-- folded text in byte order (COLLATE "C"): ranges over them use an index under row-level security.
-- Enumerations are text with a check for the same reason: comparing values of an enum type is not
-- leakproof, and such a condition may not choose an index there.

-- The tenant that the session speaks for; NULL, and therefore no row at all, when none is bound.
CREATE FUNCTION current_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(pg_catalog.current_setting('app.tenant_id', true), '')::pg_catalog.uuid $$;

-- The tenant of the platform's operators.
CREATE FUNCTION platform_tenant() RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT '00000000-0000-7000-8000-000000000001'::pg_catalog.uuid $$;

CREATE TABLE tenants (
  id uuid NOT NULL,
  slug text COLLATE "C" NOT NULL,
  host text COLLATE "C",
  issuer text,
  name text NOT NULL,
  status text COLLATE "C" NOT NULL DEFAULT 'ACTIVE',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  deleted_at timestamptz(3),
  CONSTRAINT tenants_pkey PRIMARY KEY (id),
  CONSTRAINT tenants_slug_check CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  CONSTRAINT tenants_host_check CHECK (host ~ '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$'),
  -- The platform tenant is made here, before PUBLIC_URL is known; the first start gives it its issuer.
  CONSTRAINT tenants_issuer_check CHECK (issuer <> '' AND issuer IS NOT NULL OR id = platform_tenant() AND issuer IS NULL),
  CONSTRAINT tenants_name_check CHECK (name <> ''),
  CONSTRAINT tenants_status_check CHECK (status IN ('ACTIVE', 'SUSPENDED', 'DELETED')),
  CONSTRAINT tenants_version_check CHECK (version > 0),
  CONSTRAINT tenants_deleted_check CHECK ((status = 'DELETED') = (deleted_at IS NOT NULL)),
  CONSTRAINT tenants_platform_check CHECK (id <> platform_tenant() OR status = 'ACTIVE')
);
CREATE UNIQUE INDEX tenants_slug_key ON tenants (slug);
CREATE UNIQUE INDEX tenants_host_key ON tenants (host);

CREATE TABLE users (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  email text NOT NULL,
  email_key text COLLATE "C" NOT NULL,
  email_verified boolean NOT NULL DEFAULT false,
  display_name text,
  name_key text COLLATE "C",
  given_name text,
  family_name text,
  status text COLLATE "C" NOT NULL DEFAULT 'ACTIVE',
  locale text,
  attributes jsonb NOT NULL DEFAULT '{}',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT users_email_check CHECK (email <> '' AND email_key <> ''),
  CONSTRAINT users_attributes_check CHECK (jsonb_typeof(attributes) = 'object'),
  CONSTRAINT users_status_check CHECK (status IN ('ACTIVE', 'SUSPENDED')),
  CONSTRAINT users_version_check CHECK (version > 0),
  CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX users_tenant_id_email_key_key ON users (tenant_id, email_key);
CREATE INDEX users_tenant_id_name_key_id_idx ON users (tenant_id, name_key, id);
CREATE INDEX users_tenant_id_status_id_idx ON users (tenant_id, status, id);

CREATE TABLE user_search_tokens (
  tenant_id uuid NOT NULL,
  token text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL,
  CONSTRAINT user_search_tokens_pkey PRIMARY KEY (tenant_id, token, user_id),
  CONSTRAINT user_search_tokens_token_check CHECK (token <> ''),
  CONSTRAINT user_search_tokens_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX user_search_tokens_tenant_id_user_id_idx ON user_search_tokens (tenant_id, user_id);

CREATE TABLE groups (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  description text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT groups_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT groups_name_check CHECK (name <> '' AND name_key <> ''),
  CONSTRAINT groups_version_check CHECK (version > 0),
  CONSTRAINT groups_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX groups_tenant_id_name_key_key ON groups (tenant_id, name_key);

CREATE TABLE group_members (
  tenant_id uuid NOT NULL,
  group_id uuid NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT group_members_pkey PRIMARY KEY (tenant_id, group_id, user_id),
  CONSTRAINT group_members_tenant_id_group_id_fkey FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT group_members_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX group_members_tenant_id_user_id_group_id_idx ON group_members (tenant_id, user_id, group_id);

CREATE TABLE roles (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  description text,
  scopes text[] NOT NULL,
  built_in text,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT roles_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT roles_name_check CHECK (name <> '' AND name_key <> ''),
  CONSTRAINT roles_built_in_check CHECK (built_in IN ('owner', 'admin', 'auditor', 'member')),
  CONSTRAINT roles_version_check CHECK (version > 0),
  CONSTRAINT roles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX roles_tenant_id_name_key_key ON roles (tenant_id, name_key);
-- A tenant has each built-in role once.
CREATE UNIQUE INDEX roles_tenant_id_built_in_key ON roles (tenant_id, built_in) WHERE built_in IS NOT NULL;

CREATE TABLE user_roles (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT user_roles_pkey PRIMARY KEY (tenant_id, user_id, role_id),
  CONSTRAINT user_roles_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT user_roles_tenant_id_role_id_fkey FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX user_roles_tenant_id_role_id_user_id_idx ON user_roles (tenant_id, role_id, user_id);

CREATE TABLE group_roles (
  tenant_id uuid NOT NULL,
  group_id uuid NOT NULL,
  role_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT group_roles_pkey PRIMARY KEY (tenant_id, group_id, role_id),
  CONSTRAINT group_roles_tenant_id_group_id_fkey FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT group_roles_tenant_id_role_id_fkey FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX group_roles_tenant_id_role_id_group_id_idx ON group_roles (tenant_id, role_id, group_id);

CREATE TABLE api_keys (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  scopes text[] NOT NULL,
  created_by_kind text NOT NULL,
  created_by_id uuid,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT api_keys_name_check CHECK (name <> '' AND prefix <> '' AND created_by_kind <> ''),
  CONSTRAINT api_keys_version_check CHECK (version > 0),
  CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE api_key_secrets (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  api_key_id uuid NOT NULL,
  hash bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3),
  CONSTRAINT api_key_secrets_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT api_key_secrets_hash_check CHECK (octet_length(hash) = 32),
  CONSTRAINT api_key_secrets_tenant_id_api_key_id_fkey FOREIGN KEY (tenant_id, api_key_id) REFERENCES api_keys (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX api_key_secrets_hash_key ON api_key_secrets (hash);
CREATE INDEX api_key_secrets_tenant_id_api_key_id_idx ON api_key_secrets (tenant_id, api_key_id);

-- A UUIDv7 begins with its time, so months are ranges of ids and the key stays (tenant_id, id).
CREATE TABLE audit_events (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  type text COLLATE "C" NOT NULL,
  severity text COLLATE "C" NOT NULL,
  result text COLLATE "C" NOT NULL,
  reason text,
  occurred_at timestamptz(3) NOT NULL,
  actor_kind text NOT NULL,
  actor_id text COLLATE "C",
  on_behalf_of text,
  targets jsonb NOT NULL,
  request_id text NOT NULL,
  details jsonb NOT NULL,
  personal jsonb NOT NULL,
  leaf_hash bytea NOT NULL,
  CONSTRAINT audit_events_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT audit_events_type_check CHECK (type <> ''),
  CONSTRAINT audit_events_severity_check CHECK (severity IN ('INFO', 'NOTICE', 'WARNING', 'CRITICAL')),
  CONSTRAINT audit_events_result_check CHECK (result IN ('SUCCESS', 'REFUSED', 'FAILED')),
  CONSTRAINT audit_events_json_check CHECK (
    jsonb_typeof(targets) = 'array' AND jsonb_typeof(details) = 'object' AND jsonb_typeof(personal) = 'object'
  ),
  CONSTRAINT audit_events_leaf_hash_check CHECK (octet_length(leaf_hash) = 32)
) PARTITION BY RANGE (id);
CREATE INDEX audit_events_tenant_id_type_id_idx ON audit_events (tenant_id, type, id);
CREATE INDEX audit_events_tenant_id_actor_id_id_idx ON audit_events (tenant_id, actor_id, id);
-- Of what is rare only: most events are a success of no severity, and write nothing here.
CREATE INDEX audit_events_tenant_id_severity_id_idx ON audit_events (tenant_id, severity, id) WHERE severity <> 'INFO';
CREATE INDEX audit_events_tenant_id_result_id_idx ON audit_events (tenant_id, result, id) WHERE result <> 'SUCCESS';

CREATE TABLE audit_targets (
  tenant_id uuid NOT NULL,
  target text COLLATE "C" NOT NULL,
  event_id uuid NOT NULL,
  CONSTRAINT audit_targets_pkey PRIMARY KEY (tenant_id, target, event_id),
  CONSTRAINT audit_targets_target_check CHECK (target <> '')
);

CREATE TABLE outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  tenant_id uuid NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  CONSTRAINT outbox_pkey PRIMARY KEY (seq)
);
CREATE INDEX outbox_xid_seq_idx ON outbox (xid, seq);

CREATE TABLE outbox_cursors (
  consumer text COLLATE "C" NOT NULL,
  xid xid8 NOT NULL DEFAULT '0'::xid8,
  seq bigint NOT NULL DEFAULT 0,
  CONSTRAINT outbox_cursors_pkey PRIMARY KEY (consumer)
);

CREATE TABLE idempotency_keys (
  tenant_id uuid NOT NULL,
  id bytea NOT NULL,
  request_hash bytea NOT NULL,
  answer bytea,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT idempotency_keys_hash_check CHECK (octet_length(id) = 32 AND octet_length(request_hash) = 32)
);
CREATE INDEX idempotency_keys_tenant_id_expires_at_idx ON idempotency_keys (tenant_id, expires_at);

CREATE TABLE data_keys (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  provider_kid text NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT data_keys_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT data_keys_provider_kid_check CHECK (provider_kid <> ''),
  CONSTRAINT data_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE subject_keys (
  tenant_id uuid NOT NULL,
  subject uuid NOT NULL,
  salt bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT subject_keys_pkey PRIMARY KEY (tenant_id, subject),
  CONSTRAINT subject_keys_salt_check CHECK (octet_length(salt) >= 16),
  CONSTRAINT subject_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE rate_limits (
  key text COLLATE "C" NOT NULL,
  points integer NOT NULL DEFAULT 0,
  expire bigint,
  CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
);

COMMENT ON TABLE outbox IS 'infrastructure: what was committed, for its readers; ids and event names only';
COMMENT ON TABLE outbox_cursors IS 'infrastructure: how far each reader of the outbox has come';
COMMENT ON TABLE rate_limits IS 'infrastructure: points spent by limit and caller';

INSERT INTO tenants (id, slug, name) VALUES (platform_tenant(), 'platform', 'Platform');

-- What a built-in role grants follows the program's catalogue of scopes, so none is stored.
INSERT INTO roles (tenant_id, id, name, name_key, description, scopes, built_in)
SELECT platform_tenant(), id::uuid, name, name, description, '{}', name
FROM (VALUES
  ('00000000-0000-7000-8000-000000000011', 'owner', 'Everything in this tenant, including who its owners are.'),
  ('00000000-0000-7000-8000-000000000012', 'admin', 'Everything in this tenant, except making or changing owners.'),
  ('00000000-0000-7000-8000-000000000013', 'auditor', 'Reads everything in this tenant, changes nothing.'),
  ('00000000-0000-7000-8000-000000000014', 'member', 'Their own data only.')
) AS built_in (id, name, description);
