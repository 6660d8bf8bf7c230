-- How a database that was set back in time, damaged, or belongs to another installation is told from the right one.

-- Which installation this database is of: written at its first start, never changed.
CREATE TABLE wardroom.installation (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  installation_id uuid NOT NULL DEFAULT gen_random_uuid(),
  server_name text NOT NULL,
  -- Each key that what is stored here depends on, by a hash that tells it from others and nothing else.
  fingerprints jsonb NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON wardroom.installation TO wardroom_service;

ALTER TABLE wardroom.crypto_voice
  -- Counts the commits of the store. The homeserver keeps the epoch of the last state whose effects left: a store with a lower one was set back.
  ADD COLUMN epoch bigint NOT NULL DEFAULT 0,
  -- Keyed digest of all the voice's records; null in a store older than this column.
  ADD COLUMN digest bytea;
