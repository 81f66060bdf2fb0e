-- Retention of the audit log: which months have left, and in which archives their events are.

-- Months whose partition was dropped, by an operator's command that runs as the owner.
CREATE TABLE audit_retention (
  month date NOT NULL,
  dropped_at timestamptz(3) NOT NULL,
  targets_left_at timestamptz(3),
  CONSTRAINT audit_retention_pkey PRIMARY KEY (month),
  CONSTRAINT audit_retention_month_check CHECK (extract(day FROM month) = 1)
);
COMMENT ON TABLE audit_retention IS 'infrastructure: months of the audit log that have left';

-- Where a tenant's events of a month went: leaves from_index to below to_index, in a file of this hash.
CREATE TABLE audit_archives (
  tenant_id uuid NOT NULL,
  month date NOT NULL,
  from_index bigint NOT NULL,
  to_index bigint NOT NULL,
  sha256 bytea NOT NULL,
  archived_at timestamptz(3) NOT NULL,
  CONSTRAINT audit_archives_pkey PRIMARY KEY (tenant_id, month),
  CONSTRAINT audit_archives_range_check CHECK (0 <= from_index AND from_index < to_index),
  CONSTRAINT audit_archives_sha256_check CHECK (octet_length(sha256) = 32)
);
-- Pieces of a log do not overlap, and one begins where the one before it ended.
CREATE UNIQUE INDEX audit_archives_tenant_id_to_index_key ON audit_archives (tenant_id, to_index);

SELECT isolate_tenants('audit_archives');
-- Only the owner writes here.
GRANT SELECT ON audit_archives TO signet_app;
SELECT protect_audit_statements('audit_archives');

-- What left does not come back; that its targets are gone too is added once.
CREATE FUNCTION refuse_retention_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF (NEW.month, NEW.dropped_at) = (OLD.month, OLD.dropped_at) AND OLD.targets_left_at IS NULL THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit_retention
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
ALTER TABLE audit_retention ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only_rows BEFORE UPDATE ON audit_retention
  FOR EACH ROW EXECUTE FUNCTION refuse_retention_change();
ALTER TABLE audit_retention ENABLE ALWAYS TRIGGER append_only_rows;

-- The first day of the month (UTC) that a UUIDv7 was made in.
CREATE FUNCTION uuid7_month(id uuid) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
  SELECT date_trunc('month', to_timestamp(
    ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AT TIME ZONE 'UTC')::date
$$;

-- The targets of an event may follow it, once its month has left; by the owner, for signet_app may not.
CREATE FUNCTION refuse_target_removal() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF EXISTS (SELECT FROM public.audit_retention WHERE month = public.uuid7_month(OLD.event_id)) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$$;
-- Replaced, not dropped: that waits for no backup that reads the table, and keeps nobody waiting behind it.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit_targets
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
ALTER TABLE audit_targets ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only_rows BEFORE DELETE ON audit_targets
  FOR EACH ROW EXECUTE FUNCTION refuse_target_removal();
ALTER TABLE audit_targets ENABLE ALWAYS TRIGGER append_only_rows;
