-- What administrators asked for and have to confirm before it is done. Kept when it is over, so that a code never means two things.

CREATE TABLE wardroom.confirmations (
  code text PRIMARY KEY,
  command text NOT NULL,
  plan jsonb NOT NULL,
  -- Digest of what the administrator was shown.
  basis text NOT NULL,
  second_person boolean NOT NULL,
  asked_by text NOT NULL,
  asked_in text NOT NULL,
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_by text,
  used_in text,
  used_at timestamptz,
  CHECK ((used_by IS NULL) = (used_at IS NULL)),
  CHECK (NOT second_person OR used_by <> asked_by)
);
GRANT SELECT, INSERT, UPDATE (used_by, used_in, used_at) ON wardroom.confirmations TO wardroom_service;

-- An answer that was `running` gets its final state.
GRANT UPDATE (answer) ON wardroom.command_answers TO wardroom_service;
