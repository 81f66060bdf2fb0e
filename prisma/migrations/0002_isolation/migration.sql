-- Who may see and change what.
--
-- signet_app      the server at run time (SET ROLE). Owns nothing; least privilege a table.
-- signet_definer  owns the functions that must look before a tenant is known; sees what they read.
-- the owner       runs the migrations; the policies bind it too (FORCE). A data migration over all tenants
--                 says ALTER TABLE ... NO FORCE ROW LEVEL SECURITY first and FORCE again after it.
-- Nobody has BYPASSRLS.

-- Roles belong to the cluster: another database of it may have made them. From PostgreSQL 16 on, making
-- a role does not yet allow to SET ROLE to it, hence the grant to oneself.
DO $$
DECLARE
  name text;
  may_become boolean;
BEGIN
  FOREACH name IN ARRAY ARRAY['signet_app', 'signet_definer'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
      END IF;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL; -- another database's migration was faster
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'role % does not exist and % may not create it', name, current_user
          USING ERRCODE = 'insufficient_privilege', HINT = format(
            'As a superuser: CREATE ROLE %1$I NOLOGIN; GRANT %1$I TO %2$I; or: ALTER ROLE %2$I CREATEROLE', name, current_user);
    END;
    -- The privilege 'SET' is new in PostgreSQL 16; before it, a member may.
    EXECUTE format('SELECT pg_has_role(%L, %L)', name,
      CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) INTO may_become;
    IF NOT may_become THEN
      BEGIN
        EXECUTE format('GRANT %I TO %I', name, current_user);
      EXCEPTION WHEN insufficient_privilege THEN
        RAISE EXCEPTION '% may not act as role %', current_user, name
          USING ERRCODE = 'insufficient_privilege',
            HINT = format('As a superuser: GRANT %I TO %I', name, current_user);
      END;
    END IF;
  END LOOP;
END
$$;

-- A function is given to signet_definer below, which takes the right to let it create in the schema.
DO $$
BEGIN
  IF NOT has_schema_privilege('public', 'CREATE WITH GRANT OPTION') THEN
    RAISE EXCEPTION '% may not share schema public of database %', current_user, current_database()
      USING ERRCODE = 'insufficient_privilege',
        HINT = format('As a superuser: ALTER DATABASE %I OWNER TO %I', current_database(), current_user);
  END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO signet_app, signet_definer;

-- Whatever a default privilege of the cluster gave away, and functions are executable by everybody by default.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM signet_app, signet_definer;

GRANT SELECT, INSERT ON tenants TO signet_app;
-- Neither the id nor the slug of a tenant ever changes, and its deletion is soft.
GRANT UPDATE (host, issuer, name, status, version, updated_at, deleted_at) ON tenants TO signet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON users, groups, roles, api_key_secrets TO signet_app;
GRANT SELECT, INSERT, DELETE ON group_members, user_roles, group_roles, user_search_tokens TO signet_app;
-- A key is revoked, not deleted: the audit log speaks of it.
GRANT SELECT, INSERT, UPDATE ON api_keys TO signet_app;
GRANT SELECT, INSERT ON audit_events, audit_targets TO signet_app;
GRANT SELECT, INSERT, DELETE ON outbox TO signet_app;
GRANT SELECT, INSERT, UPDATE ON outbox_cursors TO signet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys, rate_limits TO signet_app;
-- A lost data key is lost data: it is wrapped anew, never deleted. A subject's salt is erased.
GRANT SELECT, INSERT, UPDATE ON data_keys TO signet_app;
GRANT SELECT, INSERT, DELETE ON subject_keys TO signet_app;

-- The migration runner's own table, made before the first migration: readiness compares it.
DO $$
BEGIN
  IF to_regclass('public._prisma_migrations') IS NOT NULL THEN
    GRANT SELECT ON public._prisma_migrations TO signet_app;
    COMMENT ON TABLE public._prisma_migrations IS 'infrastructure: the migrations that were applied';
  END IF;
END
$$;

-- Makes a table with a column tenant_id one that only its tenant sees; every migration that adds a
-- tenant-owned table calls it.
CREATE FUNCTION isolate_tenants(owned regclass) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', owned);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', owned);
  EXECUTE format(
    'CREATE POLICY tenant_isolation ON %s USING (tenant_id = (SELECT public.current_tenant()))'
    ' WITH CHECK (tenant_id = (SELECT public.current_tenant()))', owned);
END
$$;
REVOKE ALL ON FUNCTION isolate_tenants(regclass) FROM PUBLIC;

SELECT isolate_tenants('users');
SELECT isolate_tenants('user_search_tokens');
SELECT isolate_tenants('groups');
SELECT isolate_tenants('group_members');
SELECT isolate_tenants('roles');
SELECT isolate_tenants('user_roles');
SELECT isolate_tenants('group_roles');
SELECT isolate_tenants('api_keys');
SELECT isolate_tenants('api_key_secrets');
SELECT isolate_tenants('audit_events');
SELECT isolate_tenants('audit_targets');
SELECT isolate_tenants('idempotency_keys');
SELECT isolate_tenants('data_keys');
SELECT isolate_tenants('subject_keys');

-- A tenant sees itself; the platform's tenant sees them all (and nothing of what they own).
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON tenants
  USING (id = (SELECT current_tenant()) OR (SELECT current_tenant()) = platform_tenant())
  WITH CHECK (id = (SELECT current_tenant()) OR (SELECT current_tenant()) = platform_tenant());

-- Whose secret this is, before a tenant is known: an exact match on the hash and nothing else. Whether
-- key, tenant and creator are still good is decided by the caller, inside the tenant.
CREATE FUNCTION credential_lookup(presented bytea)
RETURNS TABLE (tenant_id uuid, api_key_id uuid, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.tenant_id, s.api_key_id, s.expires_at FROM public.api_key_secrets s WHERE s.hash = presented
$$;
REVOKE ALL ON FUNCTION credential_lookup(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION credential_lookup(bytea) TO signet_app;
CREATE POLICY credential_lookup ON api_key_secrets FOR SELECT TO signet_definer USING (true);
GRANT SELECT (tenant_id, api_key_id, hash, expires_at) ON api_key_secrets TO signet_definer;
-- Its new owner must be allowed to create in the schema, for this moment only.
GRANT CREATE ON SCHEMA public TO signet_definer;
ALTER FUNCTION credential_lookup(bytea) OWNER TO signet_definer;
REVOKE CREATE ON SCHEMA public FROM signet_definer;

-- The audit log is append-only for everybody, the owner and superusers included. ALWAYS: also in a
-- session with session_replication_role = replica. What is older than its retention leaves by DROP of
-- its partition.
CREATE FUNCTION refuse_audit_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$$;

-- A row trigger reaches the partitions by itself; a statement trigger, which alone sees TRUNCATE and a
-- change that matches no row, does not.
CREATE FUNCTION protect_audit_statements(guarded regclass) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s'
    ' FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change()', guarded);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', guarded);
END
$$;
REVOKE ALL ON FUNCTION protect_audit_statements(regclass) FROM PUBLIC;

SELECT protect_audit_statements('audit_events');
SELECT protect_audit_statements('audit_targets');
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER append_only_rows;

-- A partition is reached through its parent only: no grant, and no policy that would let anybody in.
CREATE FUNCTION protect_audit_partition(part regclass) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', part);
  PERFORM public.protect_audit_statements(part);
END
$$;
REVOKE ALL ON FUNCTION protect_audit_partition(regclass) FROM PUBLIC;

-- The smallest id that a UUIDv7 (RFC 9562 section 5.7) of this moment can have.
CREATE FUNCTION uuid7_floor(moment timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid $$;

-- Takes what no month takes: ids of a clock that is far off, or of months that nobody prepared.
CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT;
SELECT protect_audit_partition('audit_events_default');

-- Adds one month. The table is made apart and then attached: writers of other months go on, only the
-- default partition is locked while it is looked through. Rows of this month that already lie there
-- stay there (they are found as ever), and the month goes without a partition of its own.
CREATE FUNCTION audit_add_partition(partition_name text, from_time timestamptz, to_time timestamptz) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF to_regclass(format('public.%I', partition_name)) IS NOT NULL THEN
    RETURN 'exists';
  END IF;
  EXECUTE format('CREATE TABLE public.%I (LIKE public.audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition_name);
  PERFORM protect_audit_partition(format('public.%I', partition_name)::regclass);
  EXECUTE format('ALTER TABLE public.audit_events ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
    partition_name, uuid7_floor(from_time), uuid7_floor(to_time));
  RETURN 'created';
EXCEPTION WHEN check_violation THEN
  RETURN 'left-in-default';
END
$$;
REVOKE ALL ON FUNCTION audit_add_partition(text, timestamptz, timestamptz) FROM PUBLIC;

-- Sees to the partitions of this month and the coming ones (UTC); answers a row a month: created, exists or
-- left-in-default. Called at start and once a day, by any instance at any time: they take turns. Waits at
-- most 2 s for a lock and then fails with lock_not_available; the next call tries again.
CREATE FUNCTION audit_ensure_partitions(months integer DEFAULT 3)
RETURNS TABLE (partition_name text, outcome text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
  this_month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
  month timestamp;
BEGIN
  IF months IS NULL OR months NOT BETWEEN 0 AND 24 THEN
    RAISE EXCEPTION 'months must be 0 to 24' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('audit_ensure_partitions'));
  FOR n IN 0..months LOOP
    month := this_month + make_interval(months => n);
    partition_name := 'audit_events_' || to_char(month, 'YYYY_MM');
    outcome := audit_add_partition(partition_name, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
    RETURN NEXT;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION audit_ensure_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_ensure_partitions(integer) TO signet_app;

SELECT audit_ensure_partitions(3);
