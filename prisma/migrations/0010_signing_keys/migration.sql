-- The keys by which a tenant signs its tokens, and when they are replaced.

CREATE TABLE signing_keys (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  alg text COLLATE "C" NOT NULL,
  kid text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  public_jwk jsonb NOT NULL,
  private_key bytea,
  created_at timestamptz(3) NOT NULL,
  promoted_at timestamptz(3),
  retiring_at timestamptz(3),
  retires_at timestamptz(3),
  retired_at timestamptz(3),
  CONSTRAINT signing_keys_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT signing_keys_alg_check CHECK (alg IN ('RS256', 'ES256', 'EdDSA')),
  CONSTRAINT signing_keys_kid_check CHECK (kid ~ '^[A-Za-z0-9_-]{43}$'),
  CONSTRAINT signing_keys_state_check CHECK (state IN ('NEXT', 'CURRENT', 'RETIRING', 'RETIRED')),
  -- RFC 7518 sections 6.2.2, 6.3.2 and 6.4: no member of a private or symmetric key.
  CONSTRAINT signing_keys_public_jwk_check CHECK (
    public_jwk ->> 'kid' = kid AND public_jwk ->> 'alg' = alg
      AND NOT public_jwk ?| ARRAY['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']),
  CONSTRAINT signing_keys_private_key_check CHECK ((state = 'RETIRED') = (private_key IS NULL)),
  CONSTRAINT signing_keys_promoted_check CHECK ((state = 'NEXT') = (promoted_at IS NULL)),
  CONSTRAINT signing_keys_retiring_check CHECK (
    (state IN ('NEXT', 'CURRENT')) = (retiring_at IS NULL) AND (retiring_at IS NULL) = (retires_at IS NULL)
      AND retires_at >= retiring_at),
  CONSTRAINT signing_keys_retired_check CHECK ((state = 'RETIRED') = (retired_at IS NOT NULL)),
  CONSTRAINT signing_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX signing_keys_tenant_id_kid_key ON signing_keys (tenant_id, kid);
-- One key signs, one waits: also when two instances make the first one at the same time.
CREATE UNIQUE INDEX signing_keys_tenant_id_alg_current_key ON signing_keys (tenant_id, alg) WHERE state = 'CURRENT';
CREATE UNIQUE INDEX signing_keys_tenant_id_alg_next_key ON signing_keys (tenant_id, alg) WHERE state = 'NEXT';
-- Read by every instance once in a while: what is retired need not be passed over.
CREATE INDEX signing_keys_tenant_id_live_idx ON signing_keys (tenant_id) WHERE state <> 'RETIRED';

CREATE TABLE signing_key_policies (
  tenant_id uuid NOT NULL,
  rotation_days integer NOT NULL DEFAULT 90,
  overlap_seconds integer NOT NULL DEFAULT 90000,
  version integer NOT NULL DEFAULT 1,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT signing_key_policies_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT signing_key_policies_rotation_check CHECK (rotation_days BETWEEN 1 AND 730),
  -- A day, the longest that a token lives, and an hour.
  CONSTRAINT signing_key_policies_overlap_check CHECK (overlap_seconds BETWEEN 90000 AND 2592000),
  CONSTRAINT signing_key_policies_version_check CHECK (version > 0),
  CONSTRAINT signing_key_policies_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

SELECT isolate_tenants('signing_keys');
SELECT isolate_tenants('signing_key_policies');

GRANT SELECT, INSERT, UPDATE ON signing_keys, signing_key_policies TO signet_app;
