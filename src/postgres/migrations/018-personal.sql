-- Tickets in the room of the one who is called (`deliver: personal`).

CREATE TABLE wardroom.personal_rooms (
  account text NOT NULL,
  user_id text NOT NULL,
  room_id text NOT NULL UNIQUE,
  PRIMARY KEY (account, user_id)
);
GRANT SELECT, INSERT, UPDATE ON wardroom.personal_rooms TO wardroom_service;

-- In whose own room the message goes; null: in the account's.
ALTER TABLE wardroom.messages ADD COLUMN audience text;
-- One root per ticket and room.
DROP INDEX wardroom.messages_one_root;
CREATE UNIQUE INDEX messages_one_root ON wardroom.messages (ticket_id, coalesce(audience, '')) WHERE kind = 'ticket';
CREATE INDEX messages_of_personal_room ON wardroom.messages (room_id) WHERE audience IS NOT NULL;
