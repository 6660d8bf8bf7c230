-- Emergency access to rooms (45 CFR 164.312(a)(2)(ii)). Why, and what was found at the review, may hold health information and is sealed.

-- Only ever added to.
CREATE TABLE wardroom.break_glass_events (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  access_id integer NOT NULL,
  -- src/policy/emergency.ts, BreakGlassEvent: ids, times and codes.
  event json NOT NULL,
  at timestamptz NOT NULL,
  text_key_id text,
  text_nonce bytea,
  text_ciphertext bytea
);
CREATE INDEX break_glass_events_of ON wardroom.break_glass_events (access_id, number);
-- Each is granted once, ended once and reviewed once.
CREATE UNIQUE INDEX break_glass_events_once ON wardroom.break_glass_events (access_id, (event->>'type'))
  WHERE event->>'type' IN ('granted', 'ended', 'closed', 'reviewed');

GRANT SELECT, INSERT ON wardroom.break_glass_events TO wardroom_service;
