-- How long a stream's receiver takes: slow ones have places of their own, so that the quick never wait for them.
-- Null: not tried yet; 0: quick; else so many quick answers from being quick again.
ALTER TABLE log_stream_work ADD COLUMN slowness integer;
ALTER TABLE log_stream_work ADD CONSTRAINT log_stream_work_slowness_check CHECK (slowness >= 0);

-- Addresses and agents go along only where somebody asked for them. Streams that there are go on as they were.
ALTER TABLE log_streams ADD COLUMN with_where boolean NOT NULL DEFAULT true;
ALTER TABLE log_streams ALTER COLUMN with_where SET DEFAULT false;
