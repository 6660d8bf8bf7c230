-- The audit log (design decisions 14 and 15; RFC 6962). Entries are written with the change they describe, then given their
-- place by one writer at a time. The service may add to the log; it can neither change nor remove what is in it.

-- Content keys: one per (patient, room or account; retention class; month), wrapped by the key-encryption key.
-- Destroying a key makes everything sealed under it unreadable for good.
CREATE TABLE wardroom.content_keys (
  key_id uuid PRIMARY KEY,
  -- Keyed reference, so that this table names nobody.
  scope_ref text NOT NULL,
  class text NOT NULL,
  month text NOT NULL CHECK (month ~ '^[0-9]{4}-[0-9]{2}$'),
  -- Which key-encryption key wrapped it.
  wrapped_by text,
  wrapped bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  destroyed_at timestamptz,
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL)),
  CHECK ((wrapped IS NULL) = (wrapped_by IS NULL))
);
CREATE UNIQUE INDEX content_keys_in_use ON wardroom.content_keys (scope_ref, class, month) WHERE wrapped IS NOT NULL;

CREATE SEQUENCE wardroom.audit_entry_ids AS bigint;

-- What happened: references and codes. A rolled-back change leaves a gap in the ids, never in the log.
CREATE TABLE wardroom.audit_entries (
  entry_id bigint PRIMARY KEY DEFAULT nextval('wardroom.audit_entry_ids'),
  -- The fields of the leaf but its place and the time it got it (src/audit/leaf.ts).
  body jsonb NOT NULL
);
ALTER SEQUENCE wardroom.audit_entry_ids OWNED BY wardroom.audit_entries.entry_id;

-- Who, what and the small facts, sealed together with the salt of the leaf's commitment.
CREATE TABLE wardroom.audit_payloads (
  -- Written in one statement with its entry; `audit fsck` looks that each leaf has its entry and payload.
  entry_id bigint PRIMARY KEY,
  key_id uuid NOT NULL,
  nonce bytea NOT NULL,
  ciphertext bytea NOT NULL
);

-- Entries that wait for their place.
CREATE TABLE wardroom.audit_pending (
  entry_id bigint PRIMARY KEY
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- The log itself.
CREATE TABLE wardroom.audit_leaves (
  idx bigint PRIMARY KEY CHECK (idx >= 0),
  entry_id bigint NOT NULL UNIQUE,
  -- The bytes that are hashed (JCS, RFC 8785).
  leaf bytea NOT NULL CHECK (octet_length(leaf) <= 65535),
  leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32)
);

-- The latest checkpoint: one row, replaced by compare-and-swap on its size.
CREATE TABLE wardroom.audit_checkpoint (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  size bigint NOT NULL CHECK (size >= 0),
  -- C2SP tlog-checkpoint, signed.
  note text NOT NULL,
  -- Roots of the complete subtrees, largest first; computed again from the leaves when null.
  frontier bytea
);

-- Every checkpoint ever signed.
CREATE TABLE wardroom.audit_checkpoint_history (
  size bigint PRIMARY KEY CHECK (size >= 0),
  note text NOT NULL
);

GRANT SELECT, INSERT ON wardroom.content_keys, wardroom.audit_entries, wardroom.audit_payloads, wardroom.audit_leaves,
  wardroom.audit_checkpoint_history TO wardroom_service;
GRANT USAGE ON SEQUENCE wardroom.audit_entry_ids TO wardroom_service;
GRANT SELECT, INSERT, DELETE ON wardroom.audit_pending TO wardroom_service;
GRANT SELECT, INSERT, UPDATE ON wardroom.audit_checkpoint TO wardroom_service;
