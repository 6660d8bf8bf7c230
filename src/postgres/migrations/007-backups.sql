-- When backups were made: what `wardroom_backup_age_seconds` is computed from.
CREATE TABLE wardroom.backups (
  made_at timestamptz PRIMARY KEY,
  rows bigint NOT NULL
);
GRANT SELECT, INSERT ON wardroom.backups TO wardroom_service;
