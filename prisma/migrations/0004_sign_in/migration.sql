-- How people sign in: passwords, sessions, the policies about them, and sign-ins that are under way.

CREATE TABLE passwords (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  hash text NOT NULL,
  must_change boolean NOT NULL DEFAULT false,
  set_at timestamptz(3) NOT NULL,
  CONSTRAINT passwords_pkey PRIMARY KEY (tenant_id, user_id),
  CONSTRAINT passwords_hash_check CHECK (hash LIKE '$%' AND length(hash) <= 512),
  CONSTRAINT passwords_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE sessions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  amr text[] NOT NULL,
  acr text COLLATE "C" NOT NULL,
  auth_time timestamptz(3) NOT NULL,
  personal bytea,
  created_at timestamptz(3) NOT NULL,
  last_used_at timestamptz(3) NOT NULL,
  idle_expires_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  end_reason text COLLATE "C",
  CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT sessions_acr_check CHECK (acr IN ('pwd', 'mfa')),
  CONSTRAINT sessions_end_reason_check CHECK (end_reason IN ('SIGNED_OUT', 'ENDED', 'LIMIT', 'PASSWORD_CHANGED', 'FACTORS_CHANGED', 'USER_CLOSED')),
  CONSTRAINT sessions_token_hash_check CHECK (length(token_hash) = 32),
  CONSTRAINT sessions_idle_check CHECK (idle_expires_at <= expires_at),
  CONSTRAINT sessions_end_check CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  CONSTRAINT sessions_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX sessions_tenant_id_token_hash_key ON sessions (tenant_id, token_hash);
CREATE INDEX sessions_tenant_id_user_id_id_idx ON sessions (tenant_id, user_id, id);
CREATE INDEX sessions_tenant_id_expires_at_idx ON sessions (tenant_id, expires_at);

CREATE TABLE sign_in_policies (
  tenant_id uuid NOT NULL,
  registration text COLLATE "C" NOT NULL DEFAULT 'OFF',
  mfa text COLLATE "C" NOT NULL DEFAULT 'OPTIONAL',
  password_min_length integer,
  argon2_memory integer NOT NULL DEFAULT 19456,
  argon2_passes integer NOT NULL DEFAULT 2,
  argon2_lanes integer NOT NULL DEFAULT 1,
  session_idle_seconds integer NOT NULL DEFAULT 43200,
  session_seconds integer NOT NULL DEFAULT 604800,
  max_sessions integer NOT NULL DEFAULT 20,
  logo_uri text,
  accent_color text,
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT sign_in_policies_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT sign_in_policies_registration_check CHECK (registration IN ('OFF', 'OPEN', 'INVITATION')),
  CONSTRAINT sign_in_policies_mfa_check CHECK (mfa IN ('OFF', 'OPTIONAL', 'REQUIRED', 'REQUIRED_FOR_ADMINS')),
  -- The bounds of NIST SP 800-63B-4 section 3.1.1.2 and RFC 9106 section 4, and what a server can bear.
  CONSTRAINT sign_in_policies_password_check CHECK (password_min_length BETWEEN 8 AND 64),
  CONSTRAINT sign_in_policies_argon2_check CHECK (argon2_memory BETWEEN 19456 AND 131072 AND argon2_passes BETWEEN 2 AND 4 AND argon2_lanes BETWEEN 1 AND 4),
  CONSTRAINT sign_in_policies_session_check CHECK (session_idle_seconds BETWEEN 60 AND session_seconds AND session_seconds <= 7776000),
  CONSTRAINT sign_in_policies_max_sessions_check CHECK (max_sessions BETWEEN 1 AND 1000),
  CONSTRAINT sign_in_policies_accent_color_check CHECK (accent_color ~ '^#[0-9a-f]{6}$'),
  CONSTRAINT sign_in_policies_version_check CHECK (version > 0),
  CONSTRAINT sign_in_policies_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE sign_in_flows (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  token_hash bytea NOT NULL,
  purpose text COLLATE "C" NOT NULL,
  user_id uuid,
  state jsonb NOT NULL,
  guesses integer NOT NULL DEFAULT 0,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  CONSTRAINT sign_in_flows_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT sign_in_flows_purpose_check CHECK (purpose IN ('SIGN_IN', 'STEP_UP')),
  CONSTRAINT sign_in_flows_token_hash_check CHECK (length(token_hash) = 32),
  CONSTRAINT sign_in_flows_state_check CHECK (jsonb_typeof(state) = 'object'),
  CONSTRAINT sign_in_flows_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX sign_in_flows_tenant_id_token_hash_key ON sign_in_flows (tenant_id, token_hash);
CREATE INDEX sign_in_flows_tenant_id_user_id_idx ON sign_in_flows (tenant_id, user_id);
CREATE INDEX sign_in_flows_tenant_id_expires_at_idx ON sign_in_flows (tenant_id, expires_at);

SELECT isolate_tenants('passwords');
SELECT isolate_tenants('sessions');
SELECT isolate_tenants('sign_in_policies');
SELECT isolate_tenants('sign_in_flows');

GRANT SELECT, INSERT, UPDATE, DELETE ON passwords, sessions, sign_in_flows TO signet_app;
GRANT SELECT, INSERT, UPDATE ON sign_in_policies TO signet_app;
