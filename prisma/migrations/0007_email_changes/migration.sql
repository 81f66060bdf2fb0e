-- A person may move their account to another address, by a link that goes there.

ALTER TABLE one_time_links DROP CONSTRAINT one_time_links_purpose_check;
ALTER TABLE one_time_links ADD CONSTRAINT one_time_links_purpose_check
  CHECK (purpose IN ('RESET', 'VERIFY_EMAIL', 'INVITATION', 'CHANGE_EMAIL'));
