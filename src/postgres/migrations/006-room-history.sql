-- Up to when each room's history at the homeserver was compared with the inbox. A homeserver may lose events that it should have
-- pushed; they are found in its rooms.
CREATE TABLE wardroom.inbox_rooms (
  room_id text PRIMARY KEY,
  -- Real time, by our clock.
  compared_to timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON wardroom.inbox_rooms TO wardroom_service;
