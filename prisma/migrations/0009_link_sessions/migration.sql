-- The link that moves an account is good only while the session that asked for it is live. One that
-- stands in the table from before names none, and is good no more.
ALTER TABLE one_time_links ADD COLUMN session_id uuid;
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_tenant_id_session_id_fkey
  FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX one_time_links_tenant_id_session_id_idx ON one_time_links (tenant_id, session_id);

-- Whoever still sends the token that a step-up has just replaced must not be told to forget the new one.
ALTER TABLE sessions ADD COLUMN previous_token_hash bytea;
ALTER TABLE sessions ADD CONSTRAINT sessions_previous_token_hash_check CHECK (length(previous_token_hash) = 32);
CREATE INDEX sessions_tenant_id_previous_token_hash_idx ON sessions (tenant_id, previous_token_hash)
  WHERE previous_token_hash IS NOT NULL;
