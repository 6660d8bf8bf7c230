-- Incidents, the record of activity that officers review, and what is remembered for both (45 CFR 164.308(a)(1)(ii)(D), (a)(6)(ii), 164.414).
-- What somebody wrote may hold health information and is sealed under a content key.

CREATE TABLE wardroom.incidents (
  incident_id integer PRIMARY KEY,
  -- Of a draft: rule, person and day. One of each, whatever happens.
  draft_key text UNIQUE,
  -- Closed or dismissed: its clock stands still.
  is_over boolean NOT NULL DEFAULT false,
  opened_at timestamptz NOT NULL
);

-- Only ever added to.
CREATE TABLE wardroom.incident_events (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incident_id integer NOT NULL REFERENCES wardroom.incidents,
  -- src/policy/incidents/incident.ts, IncidentEvent: ids, days and codes.
  event json NOT NULL,
  at timestamptz NOT NULL,
  text_key_id text,
  text_nonce bytea,
  text_ciphertext bytea
);
CREATE INDEX incident_events_of ON wardroom.incident_events (incident_id, number);

-- A worksheet that was uploaded for a command: what is posted for it, sealed (it holds the file's key), so that it is posted once.
CREATE TABLE wardroom.incident_exports (
  command_event text PRIMARY KEY,
  incident_id integer NOT NULL REFERENCES wardroom.incidents,
  mxc text NOT NULL,
  content_key_id text NOT NULL,
  content_nonce bytea NOT NULL,
  content_ciphertext bytea NOT NULL,
  -- Of the message, once it was posted.
  event_id text,
  at timestamptz NOT NULL
);

-- How far the audit log and the inbox were read, and since when.
CREATE TABLE wardroom.activity_position (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Index of the first leaf that was not read.
  leaf bigint NOT NULL,
  -- Place in inbox_events of the last message that was counted.
  message bigint NOT NULL,
  since timestamptz NOT NULL
);

-- What happened how often on a day of the policy's time zone. Action "alarm": an alarm was raised.
CREATE TABLE wardroom.activity_counts (
  day date NOT NULL,
  action text NOT NULL,
  outcome text NOT NULL,
  code text NOT NULL,
  times bigint NOT NULL,
  PRIMARY KEY (day, action, outcome, code)
);

-- What anomaly rules look at (src/policy/anomalies/anomaly.ts, ActivityFact), for some weeks.
CREATE TABLE wardroom.activity_facts (
  leaf bigint PRIMARY KEY,
  fact json NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX activity_facts_at ON wardroom.activity_facts (at);

CREATE TABLE wardroom.sender_counts (
  day date NOT NULL,
  sender text NOT NULL,
  messages bigint NOT NULL,
  PRIMARY KEY (day, sender)
);
CREATE INDEX sender_counts_of ON wardroom.sender_counts (sender, day);

-- Who was in which room, as the audit log tells it. from_at null: already there when the record begins.
CREATE TABLE wardroom.room_stays (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  room_id text NOT NULL,
  user_id text NOT NULL,
  from_at timestamptz,
  until_at timestamptz
);
CREATE INDEX room_stays_of ON wardroom.room_stays (room_id, user_id);

-- Devices of administrators that were seen.
CREATE TABLE wardroom.watched_devices (
  user_id text NOT NULL,
  device_id text NOT NULL,
  first_seen timestamptz NOT NULL,
  -- Signed by its owner; or there before anybody looked; or told of.
  is_settled boolean NOT NULL,
  PRIMARY KEY (user_id, device_id)
);

-- Summaries as they were made; what was signed must not change.
CREATE TABLE wardroom.activity_reviews (
  review_id text PRIMARY KEY,
  from_day date NOT NULL,
  -- Excluded.
  to_day date NOT NULL,
  -- The bytes of which the digest is (src/policy/review/summary.ts, ReviewSummary).
  summary text NOT NULL,
  digest text NOT NULL,
  made_at timestamptz NOT NULL
);

-- Posted, chased, signed. Only ever added to.
CREATE TABLE wardroom.review_events (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  review_id text NOT NULL REFERENCES wardroom.activity_reviews,
  -- src/flows/reviewsPort.ts, ReviewEvent.
  event json NOT NULL,
  at timestamptz NOT NULL,
  text_key_id text,
  text_nonce bytea,
  text_ciphertext bytea
);
CREATE INDEX review_events_of ON wardroom.review_events (review_id, number);
-- One signature each.
CREATE UNIQUE INDEX review_events_signed ON wardroom.review_events (review_id) WHERE event->>'type' = 'signed';

GRANT SELECT, INSERT ON wardroom.incidents, wardroom.incident_events, wardroom.incident_exports, wardroom.room_stays, wardroom.activity_reviews,
  wardroom.review_events TO wardroom_service;
GRANT UPDATE (event_id) ON wardroom.incident_exports TO wardroom_service;
GRANT UPDATE (is_over) ON wardroom.incidents TO wardroom_service;
GRANT UPDATE (until_at) ON wardroom.room_stays TO wardroom_service;
GRANT SELECT, INSERT, UPDATE ON wardroom.activity_position, wardroom.activity_counts, wardroom.watched_devices TO wardroom_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON wardroom.activity_facts, wardroom.sender_counts TO wardroom_service;
