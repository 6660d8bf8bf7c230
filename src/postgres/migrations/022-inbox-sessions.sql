-- Whether an encrypted event needs a session that was used before: who goes on with an old key after somebody was removed (45 CFR 164.308(a)(3)(ii)(C)).
CREATE INDEX inbox_events_sessions ON wardroom.inbox_events (session_id, room_id, seq) WHERE session_id IS NOT NULL;
