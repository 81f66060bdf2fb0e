-- The audit log as a Merkle tree per tenant (RFC 9162): what was hashed where, and what was signed.

-- How far a tenant's tree has come. The frontier holds the roots of its perfect subtrees, the largest first.
CREATE TABLE audit_trees (
  tenant_id uuid NOT NULL,
  size bigint NOT NULL DEFAULT 0,
  frontier bytea NOT NULL,
  CONSTRAINT audit_trees_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT audit_trees_size_check CHECK (size >= 0),
  CONSTRAINT audit_trees_frontier_check CHECK (octet_length(frontier) % 32 = 0)
);

-- Which event is which leaf, without gaps; the hash stays when the event's month has left.
CREATE TABLE audit_leaves (
  tenant_id uuid NOT NULL,
  leaf_index bigint NOT NULL,
  event_id uuid NOT NULL,
  leaf_hash bytea NOT NULL,
  CONSTRAINT audit_leaves_pkey PRIMARY KEY (tenant_id, leaf_index),
  CONSTRAINT audit_leaves_leaf_index_check CHECK (leaf_index >= 0),
  CONSTRAINT audit_leaves_leaf_hash_check CHECK (octet_length(leaf_hash) = 32)
);
CREATE UNIQUE INDEX audit_leaves_tenant_id_event_id_key ON audit_leaves (tenant_id, event_id);

-- The tree in rows of 256 hashes: level 0 holds leaves, level n the roots of 256^n leaves.
CREATE TABLE audit_tiles (
  tenant_id uuid NOT NULL,
  level integer NOT NULL,
  tile_index bigint NOT NULL,
  hashes bytea NOT NULL,
  CONSTRAINT audit_tiles_pkey PRIMARY KEY (tenant_id, level, tile_index),
  CONSTRAINT audit_tiles_place_check CHECK (level BETWEEN 0 AND 7 AND tile_index >= 0),
  CONSTRAINT audit_tiles_hashes_check CHECK (
    octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0)
);
-- Hashes do not get smaller.
ALTER TABLE audit_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- What was said about a tree and cannot be taken back: the signed notes (C2SP tlog-checkpoint).
CREATE TABLE audit_checkpoints (
  tenant_id uuid NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (tenant_id, size),
  CONSTRAINT audit_checkpoints_size_check CHECK (size >= 0),
  CONSTRAINT audit_checkpoints_root_check CHECK (octet_length(root) = 32)
);

-- By what a tenant's checkpoints are signed: Ed25519. The name is the origin, and stays.
CREATE TABLE audit_keys (
  tenant_id uuid NOT NULL,
  origin text NOT NULL,
  public_key bytea NOT NULL,
  private_key bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CONSTRAINT audit_keys_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT audit_keys_public_key_check CHECK (octet_length(public_key) = 32),
  CONSTRAINT audit_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

SELECT isolate_tenants('audit_trees');
SELECT isolate_tenants('audit_leaves');
SELECT isolate_tenants('audit_tiles');
SELECT isolate_tenants('audit_checkpoints');
SELECT isolate_tenants('audit_keys');

GRANT SELECT, INSERT, UPDATE ON audit_trees, audit_tiles TO signet_app;
GRANT SELECT, INSERT ON audit_leaves, audit_checkpoints, audit_keys TO signet_app;

SELECT protect_audit_statements('audit_leaves');
SELECT protect_audit_statements('audit_checkpoints');

-- A tree grows, and what it has grown over stays: for everybody, as the log itself.
CREATE FUNCTION refuse_audit_shrink() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_TABLE_NAME = 'audit_trees' THEN
    IF NEW.tenant_id = OLD.tenant_id AND NEW.size >= OLD.size THEN
      RETURN NEW;
    END IF;
  ELSIF (NEW.tenant_id, NEW.level, NEW.tile_index) = (OLD.tenant_id, OLD.level, OLD.tile_index)
    AND substring(NEW.hashes FROM 1 FOR octet_length(OLD.hashes)) = OLD.hashes THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only: what % holds may only grow', TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$$;
DO $$
DECLARE
  guarded regclass;
BEGIN
  FOREACH guarded IN ARRAY ARRAY['audit_trees', 'audit_tiles']::regclass[] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON %s'
      ' FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change()', guarded);
    EXECUTE format('CREATE TRIGGER grows_only BEFORE UPDATE ON %s'
      ' FOR EACH ROW EXECUTE FUNCTION public.refuse_audit_shrink()', guarded);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', guarded);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER grows_only', guarded);
  END LOOP;
END
$$;

-- The sequencer's place in the outbox. The sweep reads this table, so none runs until this commits, and
-- from then on every one waits for the sequencer.
LOCK TABLE outbox_cursors IN ACCESS EXCLUSIVE MODE;
INSERT INTO outbox_cursors (consumer) VALUES ('audit-trees') ON CONFLICT DO NOTHING;

-- What earlier sweeps took from the outbox returns to it, in its order and before everything else: with
-- transaction 0, which live tails have long passed. Tenant by tenant: row security binds the owner too.
DO $$
DECLARE
  tenant uuid;
  tenants_then uuid[];
  tenant_before text := coalesce(current_setting('app.tenant_id', true), '');
BEGIN
  PERFORM set_config('app.tenant_id', platform_tenant()::text, true);
  tenants_then := ARRAY(SELECT id FROM tenants ORDER BY id);
  FOREACH tenant IN ARRAY tenants_then LOOP
    PERFORM set_config('app.tenant_id', tenant::text, true);
    INSERT INTO outbox (xid, tenant_id, event_id, type, occurred_at)
    SELECT '0'::xid8, e.tenant_id, e.id, e.type, e.occurred_at FROM audit_events e
    WHERE e.tenant_id = tenant
      AND NOT EXISTS (SELECT FROM outbox o WHERE o.tenant_id = e.tenant_id AND o.event_id = e.id)
    ORDER BY e.xid, e.id;
  END LOOP;
  PERFORM set_config('app.tenant_id', tenant_before, true);
END
$$;
