-- Who passed which course until when, which terms people accepted, and what they were told about it (45 CFR 164.308(a)(5), 164.530(b)). Nothing is ever
-- changed or taken out.
CREATE TABLE wardroom.training_events (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id text NOT NULL,
  event jsonb NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX training_events_of ON wardroom.training_events (user_id, number);
GRANT SELECT, INSERT ON wardroom.training_events TO wardroom_service;

-- A room of somebody and Wardroom, where they are told what concerns them alone.
CREATE TABLE wardroom.direct_rooms (
  user_id text PRIMARY KEY,
  room_id text NOT NULL UNIQUE
);
GRANT SELECT, INSERT, UPDATE ON wardroom.direct_rooms TO wardroom_service;
