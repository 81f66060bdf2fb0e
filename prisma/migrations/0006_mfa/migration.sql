-- Second factors and passkeys, the codes that stand in for them, and what was asked of a person and is not answered yet.

CREATE TABLE factors (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  name text NOT NULL,
  secret bytea,
  last_step bigint,
  credential_id bytea,
  public_key bytea,
  counter bigint,
  transports text[],
  aaguid uuid,
  backup_eligible boolean,
  backed_up boolean,
  user_verified boolean,
  created_at timestamptz(3) NOT NULL,
  confirmed_at timestamptz(3),
  last_used_at timestamptz(3),
  CONSTRAINT factors_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT factors_kind_check CHECK (kind IN ('TOTP', 'EMAIL', 'SMS', 'PASSKEY')),
  CONSTRAINT factors_name_check CHECK (length(name) BETWEEN 1 AND 200),
  CONSTRAINT factors_secret_check CHECK ((kind = 'PASSKEY') = (secret IS NULL)),
  CONSTRAINT factors_last_step_check CHECK (last_step IS NULL OR (kind = 'TOTP' AND last_step >= 0)),
  -- What an authenticator said when it was confirmed: all of it or nothing, and of passkeys only.
  CONSTRAINT factors_passkey_check CHECK (
    num_nulls(credential_id, public_key, counter, transports, aaguid, backup_eligible, backed_up, user_verified)
      = CASE WHEN kind = 'PASSKEY' AND confirmed_at IS NOT NULL THEN 0 ELSE 8 END),
  CONSTRAINT factors_credential_id_check CHECK (length(credential_id) BETWEEN 1 AND 1023),
  CONSTRAINT factors_public_key_check CHECK (length(public_key) BETWEEN 1 AND 2048),
  CONSTRAINT factors_counter_check CHECK (counter BETWEEN 0 AND 4294967295),
  CONSTRAINT factors_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX factors_tenant_id_credential_id_key ON factors (tenant_id, credential_id);
CREATE INDEX factors_tenant_id_user_id_id_idx ON factors (tenant_id, user_id, id);
CREATE INDEX factors_tenant_id_created_at_pending_idx ON factors (tenant_id, created_at) WHERE confirmed_at IS NULL;

CREATE TABLE backup_codes (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  hash text COLLATE "C" NOT NULL,
  created_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  CONSTRAINT backup_codes_pkey PRIMARY KEY (tenant_id, user_id, hash),
  CONSTRAINT backup_codes_hash_check CHECK (hash LIKE '$argon2id$%' AND length(hash) <= 512),
  CONSTRAINT backup_codes_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE challenges (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid,
  flow_id uuid,
  purpose text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL,
  factor_id uuid,
  guesses integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  CONSTRAINT challenges_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT challenges_purpose_check CHECK (purpose ~ '^[A-Z][A-Z_]{0,39}$'),
  CONSTRAINT challenges_kind_check CHECK (kind IN ('EMAIL', 'SMS', 'PASSKEY')),
  -- A code of six digits under a salted key derivation; of 256 random bits a digest is enough.
  CONSTRAINT challenges_hash_check CHECK (
    CASE kind WHEN 'PASSKEY' THEN length(hash) = 43 ELSE hash LIKE '$argon2id$%' AND length(hash) <= 512 END),
  CONSTRAINT challenges_guesses_check CHECK (guesses BETWEEN 0 AND 10),
  CONSTRAINT challenges_expires_at_check CHECK (expires_at <= created_at + interval '10 minutes'),
  -- Whose it is: a person's or, before anybody knows who it is, that sign-in's.
  CONSTRAINT challenges_owner_check CHECK (num_nonnulls(user_id, flow_id) > 0 AND (kind = 'PASSKEY' OR user_id IS NOT NULL)),
  CONSTRAINT challenges_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT challenges_tenant_id_factor_id_fkey FOREIGN KEY (tenant_id, factor_id) REFERENCES factors (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
-- A newer one takes the place of the older: there is never a second one that is still good.
CREATE UNIQUE INDEX challenges_tenant_id_user_id_flow_id_purpose_kind_key ON challenges (tenant_id, user_id, flow_id, purpose, kind) NULLS NOT DISTINCT;
CREATE INDEX challenges_tenant_id_hash_idx ON challenges (tenant_id, hash);
CREATE INDEX challenges_tenant_id_factor_id_idx ON challenges (tenant_id, factor_id);
CREATE INDEX challenges_tenant_id_expires_at_idx ON challenges (tenant_id, expires_at);

SELECT isolate_tenants('factors');
SELECT isolate_tenants('backup_codes');
SELECT isolate_tenants('challenges');

GRANT SELECT, INSERT, UPDATE, DELETE ON factors, backup_codes, challenges TO signet_app;
