-- Where a tenant's events are sent, what is frozen to be sent, and which streams have something to do.

CREATE TABLE log_streams (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  kind text COLLATE "C" NOT NULL,
  settings jsonb NOT NULL,
  secrets bytea NOT NULL,
  event_types text[] DEFAULT ARRAY[]::text[],
  min_severity text COLLATE "C" NOT NULL DEFAULT 'INFO',
  batch_seconds integer NOT NULL DEFAULT 0,
  state text COLLATE "C" NOT NULL DEFAULT 'ACTIVE',
  state_reason text,
  next_leaf bigint NOT NULL DEFAULT 0,
  rejections integer NOT NULL DEFAULT 0,
  failing_since timestamptz(3),
  last_success timestamptz(3),
  last_error text,
  last_error_at timestamptz(3),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT log_streams_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT log_streams_kind_check CHECK (kind IN ('HTTP', 'STANDARD_WEBHOOKS', 'S3', 'DATADOG', 'SPLUNK')),
  CONSTRAINT log_streams_min_severity_check CHECK (min_severity IN ('INFO', 'NOTICE', 'WARNING', 'CRITICAL')),
  CONSTRAINT log_streams_state_check CHECK (state IN ('ACTIVE', 'PAUSED', 'DISABLED') AND (state = 'DISABLED') = (state_reason IS NOT NULL)),
  CONSTRAINT log_streams_batch_seconds_check CHECK (batch_seconds BETWEEN 0 AND 900),
  CONSTRAINT log_streams_next_leaf_check CHECK (next_leaf >= 0),
  CONSTRAINT log_streams_version_check CHECK (version > 0),
  CONSTRAINT log_streams_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE log_stream_deliveries (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  stream_id uuid NOT NULL,
  state text COLLATE "C" NOT NULL DEFAULT 'PENDING',
  from_leaf bigint NOT NULL,
  to_leaf bigint NOT NULL,
  events integer NOT NULL,
  event_types text[] DEFAULT ARRAY[]::text[],
  min_severity text COLLATE "C" NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(3),
  reason text,
  status integer,
  event_id uuid,
  created_at timestamptz(3) NOT NULL,
  died_at timestamptz(3),
  CONSTRAINT log_stream_deliveries_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT log_stream_deliveries_bounds_check CHECK (0 <= from_leaf AND from_leaf <= to_leaf AND events > 0),
  CONSTRAINT log_stream_deliveries_state_check CHECK (state IN ('PENDING', 'DEAD')),
  -- A batch is divided until one event is left, and that one is named.
  CONSTRAINT log_stream_deliveries_dead_check CHECK (
    (state = 'DEAD') = (died_at IS NOT NULL) AND (state = 'PENDING' OR events = 1 AND event_id IS NOT NULL)),
  CONSTRAINT log_stream_deliveries_tenant_id_stream_id_fkey FOREIGN KEY (tenant_id, stream_id) REFERENCES log_streams (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX log_stream_deliveries_tenant_id_stream_id_state_from_leaf_idx ON log_stream_deliveries (tenant_id, stream_id, state, from_leaf);
-- An event is dead once, however often a stream went back behind it.
CREATE UNIQUE INDEX log_stream_deliveries_dead_key ON log_stream_deliveries (tenant_id, stream_id, event_id) WHERE state = 'DEAD';

-- No row security: whoever looks for work does not know a tenant yet. Ids and moments, no word of a tenant's.
CREATE TABLE log_stream_work (
  stream_id uuid NOT NULL,
  tenant_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL DEFAULT 'ACTIVE',
  due_at timestamptz(3) NOT NULL,
  idle boolean NOT NULL DEFAULT false,
  woken bigint NOT NULL DEFAULT 0,
  nudged boolean NOT NULL DEFAULT false,
  failures integer NOT NULL DEFAULT 0,
  served_at timestamptz(3) NOT NULL,
  lease_token uuid,
  lease_until timestamptz(3) NOT NULL,
  behind_since timestamptz(3),
  CONSTRAINT log_stream_work_pkey PRIMARY KEY (stream_id),
  CONSTRAINT log_stream_work_tenant_id_stream_id_fkey FOREIGN KEY (tenant_id, stream_id) REFERENCES log_streams (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX log_stream_work_tenant_id_stream_id_key ON log_stream_work (tenant_id, stream_id);
CREATE INDEX log_stream_work_due_at_idx ON log_stream_work (due_at);
COMMENT ON TABLE log_stream_work IS 'infrastructure: which log streams have something to do, and who is at it';

SELECT isolate_tenants('log_streams');
SELECT isolate_tenants('log_stream_deliveries');

GRANT SELECT, INSERT, UPDATE, DELETE ON log_streams, log_stream_deliveries, log_stream_work TO signet_app;

-- The sequencer's commit wakes the tenant's streams, on every instance: whoever goes to sleep compares
-- `woken` with what it was when it last looked.
CREATE FUNCTION wake_log_streams() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  UPDATE public.log_stream_work SET woken = woken + 1, idle = false,
    due_at = CASE WHEN idle THEN '-infinity'::timestamptz ELSE due_at END
  WHERE tenant_id = NEW.tenant_id AND state = 'ACTIVE';
  RETURN NULL;
END
$$;
CREATE TRIGGER wake_log_streams AFTER INSERT OR UPDATE OF size ON audit_trees
  FOR EACH ROW EXECUTE FUNCTION wake_log_streams();
