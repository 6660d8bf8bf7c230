-- Who left for good (offboarded), so that no schedule calls them any more, and who takes what schedules name them for.
CREATE TABLE wardroom.departures (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id text NOT NULL,
  -- Null: nobody; the hole falls to the practice's default list.
  given_to text,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  -- They came back.
  ended_at timestamptz
);
CREATE UNIQUE INDEX departures_standing ON wardroom.departures (user_id) WHERE ended_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON wardroom.departures TO wardroom_service;
