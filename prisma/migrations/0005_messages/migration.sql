-- Messages that wait for the mail server, and the links that are sent with them.

CREATE TABLE messages (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid,
  template text COLLATE "C" NOT NULL,
  payload bytea,
  status text COLLATE "C" NOT NULL DEFAULT 'QUEUED',
  attempts integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  sent_at timestamptz(3),
  CONSTRAINT messages_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT messages_status_check CHECK (status IN ('QUEUED', 'SENT', 'FAILED')),
  -- Links and codes stay no longer than they are needed.
  CONSTRAINT messages_payload_check CHECK ((payload IS NOT NULL) = (status = 'QUEUED')),
  CONSTRAINT messages_sent_check CHECK ((sent_at IS NOT NULL) = (status = 'SENT')),
  CONSTRAINT messages_expiry_check CHECK (expires_at > created_at),
  CONSTRAINT messages_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX messages_tenant_id_user_id_idx ON messages (tenant_id, user_id);
CREATE INDEX messages_tenant_id_expires_at_idx ON messages (tenant_id, expires_at);
-- For the sweep of those that were never sent.
CREATE INDEX messages_queued_idx ON messages (tenant_id, expires_at) WHERE status = 'QUEUED';

CREATE TABLE one_time_links (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  token_hash bytea NOT NULL,
  purpose text COLLATE "C" NOT NULL,
  user_id uuid NOT NULL,
  email_key text COLLATE "C" NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  CONSTRAINT one_time_links_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT one_time_links_token_hash_check CHECK (length(token_hash) = 32),
  CONSTRAINT one_time_links_purpose_check CHECK (purpose IN ('RESET', 'VERIFY_EMAIL', 'INVITATION')),
  CONSTRAINT one_time_links_expiry_check CHECK (expires_at > created_at),
  CONSTRAINT one_time_links_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX one_time_links_tenant_id_token_hash_key ON one_time_links (tenant_id, token_hash);
-- A newer link takes the place of the older one, whoever makes them at the same time.
CREATE UNIQUE INDEX one_time_links_tenant_id_user_id_purpose_key ON one_time_links (tenant_id, user_id, purpose);
CREATE INDEX one_time_links_tenant_id_expires_at_idx ON one_time_links (tenant_id, expires_at);

SELECT isolate_tenants('messages');
SELECT isolate_tenants('one_time_links');

GRANT SELECT, INSERT, UPDATE, DELETE ON messages, one_time_links TO signet_app;
