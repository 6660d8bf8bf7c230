-- The rooms that Wardroom keeps as their class demands, the spaces of roles, and partners' spaces that it fills (45 CFR 164.308(a)(4)).
-- What was done to them is in the audit log; here is only what they are to be.

CREATE TABLE wardroom.kept_rooms (
  key text PRIMARY KEY,
  room_id text UNIQUE,
  -- src/flows/keptRoomsPort.ts, KeptSubject.
  subject jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('invited', 'kept', 'closed', 'replaced')),
  replaced_by text,
  -- By fault: how often it was corrected lately (KnownFault).
  faults jsonb NOT NULL DEFAULT '{}',
  -- Place in inbox_events of the last departure.
  left_seq bigint,
  since timestamptz NOT NULL
);

-- Whom was told, once per room, what is recorded in it and for how long.
CREATE TABLE wardroom.kept_rooms_told (
  room_id text NOT NULL,
  user_id text NOT NULL,
  told_at timestamptz NOT NULL,
  PRIMARY KEY (room_id, user_id)
);

GRANT SELECT, INSERT, UPDATE ON wardroom.kept_rooms TO wardroom_service;
GRANT SELECT, INSERT ON wardroom.kept_rooms_told TO wardroom_service;
