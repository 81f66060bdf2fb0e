-- Any password hash of a tenant, evenly: an address that nobody has is checked against one, so that it
-- costs what an account of this tenant costs.
CREATE INDEX passwords_stand_in_idx ON passwords (tenant_id, uuid_hash(user_id));
