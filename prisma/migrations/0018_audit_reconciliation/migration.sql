-- What keeps events from staying without a leaf, trees from being emptied, and tenants from waiting for
-- each other's log streams.

-- Every event of the tenant up to this one has its leaf; so each is looked at once.
CREATE TABLE audit_reconciled (
  tenant_id uuid NOT NULL,
  up_to uuid NOT NULL,
  CONSTRAINT audit_reconciled_pkey PRIMARY KEY (tenant_id)
);
SELECT isolate_tenants('audit_reconciled');
GRANT SELECT, INSERT, UPDATE ON audit_reconciled TO signet_app;

-- A tree changes by growing, and has as many subtrees as its size has bits.
CREATE OR REPLACE FUNCTION refuse_audit_shrink() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_TABLE_NAME = 'audit_trees' THEN
    IF NEW.tenant_id = OLD.tenant_id AND (
      (NEW.size, NEW.frontier) = (OLD.size, OLD.frontier)
      OR NEW.size > OLD.size AND octet_length(NEW.frontier) = 32 * bit_count(int8send(NEW.size))
    ) THEN
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

-- The sequencer says whose tree grew by a row of its own, and waits for nobody: whoever looks for work
-- wakes the streams, in a transaction of its own.
CREATE TABLE log_stream_wakes (
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL,
  CONSTRAINT log_stream_wakes_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE log_stream_wakes IS 'infrastructure: tenants whose log grew since their streams were last woken';
GRANT SELECT, INSERT, UPDATE, DELETE ON log_stream_wakes TO signet_app;

CREATE OR REPLACE FUNCTION wake_log_streams() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO public.log_stream_wakes (tenant_id)
  SELECT NEW.tenant_id WHERE EXISTS (
    SELECT FROM public.log_stream_work WHERE tenant_id = NEW.tenant_id);
  RETURN NULL;
END
$$;
