-- Somebody may have had another room with Wardroom before: what stands there is forgotten in its time, too.
ALTER TABLE wardroom.direct_rooms DROP CONSTRAINT direct_rooms_pkey, DROP CONSTRAINT direct_rooms_room_id_key, ADD PRIMARY KEY (room_id);
CREATE INDEX direct_rooms_of ON wardroom.direct_rooms (user_id);
