-- What the encryption engine of each voice must never lose (design.md 6.2). Values arrive encrypted under the crypto passphrase.

CREATE TABLE wardroom.crypto_voice (
  voice text PRIMARY KEY,
  device_id text,
  -- The device was announced and signed.
  ready boolean NOT NULL DEFAULT false,
  sync_token text,
  -- Private cross-signing keys, sealed apart from the engine's records: they outlive the device.
  sealed_identity bytea
);

-- The engine's IndexedDB: one row a database with its object stores and indexes, one row a record.
CREATE TABLE wardroom.crypto_database (
  voice text NOT NULL REFERENCES wardroom.crypto_voice,
  database text NOT NULL,
  version integer NOT NULL,
  stores jsonb NOT NULL,
  PRIMARY KEY (voice, database)
);

-- The same few rows change with every message: room in each page keeps those updates out of the index.
CREATE TABLE wardroom.crypto_record (
  voice text NOT NULL REFERENCES wardroom.crypto_voice,
  database text NOT NULL,
  store text NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  PRIMARY KEY (voice, database, store, key)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE wardroom.crypto_record ALTER value SET STORAGE EXTERNAL;

-- Which event was first seen at which place of which Megolm session, whichever voice opened it: a second event there is a
-- message played back.
CREATE TABLE wardroom.crypto_place (
  session text NOT NULL,
  index bigint NOT NULL,
  event text NOT NULL,
  PRIMARY KEY (session, index)
);

GRANT SELECT, INSERT, UPDATE ON wardroom.crypto_voice TO wardroom_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON wardroom.crypto_database, wardroom.crypto_record TO wardroom_service;
GRANT SELECT, INSERT ON wardroom.crypto_place TO wardroom_service;
