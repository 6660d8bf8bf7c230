-- The pinned identities of administrators (design decision 16), and what their commands were answered.

CREATE TABLE wardroom.administrators (
  user_id text PRIMARY KEY,
  -- The public cross-signing master key that the homeserver showed last.
  master_key text NOT NULL,
  state text NOT NULL CHECK (state IN ('seen', 'confirmed', 'changed')),
  -- The key that was there before it changed.
  previous_key text,
  pinned_at timestamptz NOT NULL,
  -- Who confirmed the last key that was confirmed, and when; they stay when it changes.
  confirmed_by text,
  confirmed_at timestamptz,
  -- The control room was told of this key.
  told boolean NOT NULL DEFAULT false,
  CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
  CHECK (state <> 'confirmed' OR confirmed_by <> user_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON wardroom.administrators TO wardroom_service;

-- One answer per command, written with what the command did: a command that comes again is answered the same and does nothing.
CREATE TABLE wardroom.command_answers (
  event_id text PRIMARY KEY,
  answer jsonb NOT NULL,
  at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON wardroom.command_answers TO wardroom_service;
