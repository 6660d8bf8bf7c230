-- Tickets, the messages owed to rooms, the reports owed to answering services.
-- Text of a ticket is sealed under a content key (45 CFR 164.312(a)(2)(iv)); everything else here is references and codes.

GRANT USAGE ON SCHEMA wardroom TO wardroom_service;
GRANT SELECT ON wardroom.migrations TO wardroom_service;

-- Crash recovery: each process holds a session advisory lock on its number; a number nobody holds is a dead process.
CREATE TABLE wardroom.processes (
  process_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  worker_ids text[] NOT NULL DEFAULT '{}',
  started_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON wardroom.processes TO wardroom_service;

CREATE TABLE wardroom.tickets (
  ticket_id text PRIMARY KEY,
  service text NOT NULL,
  account text NOT NULL,
  external_id text NOT NULL,
  -- Keyed hash of the text: tells a repeat from a correction without keeping either readable.
  fingerprint text NOT NULL,
  urgency text NOT NULL,
  state text NOT NULL,
  token text NOT NULL,
  accepted_at timestamptz NOT NULL,
  next_step_at timestamptz,
  room_id text,
  root_event_id text,
  -- The whole life (src/tickets/ticket.ts); the columns above repeat what is searched for.
  life jsonb NOT NULL,
  text_key_id text NOT NULL,
  text_nonce bytea NOT NULL,
  text_ciphertext bytea NOT NULL
);
-- Sealed bytes do not get smaller by compressing them. (As a statement of its own: only PostgreSQL 16 takes it in a CREATE TABLE.)
ALTER TABLE wardroom.tickets ALTER text_ciphertext SET STORAGE EXTERNAL;
CREATE INDEX tickets_same_id ON wardroom.tickets (external_id, accepted_at);
CREATE INDEX tickets_due ON wardroom.tickets (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX tickets_open ON wardroom.tickets (room_id) WHERE state NOT IN ('acknowledged', 'closed', 'reported');
CREATE INDEX tickets_tokens ON wardroom.tickets (account, token) WHERE state NOT IN ('acknowledged', 'closed', 'reported');
CREATE INDEX tickets_list ON wardroom.tickets (service, accepted_at, ticket_id);
GRANT SELECT, INSERT, UPDATE ON wardroom.tickets TO wardroom_service;

-- Numbers that no open ticket of the account has, for clinicians to type; made in blocks when there is none left.
CREATE TABLE wardroom.free_tokens (
  account text NOT NULL,
  token integer NOT NULL,
  PRIMARY KEY (account, token)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE TABLE wardroom.token_blocks (
  account text PRIMARY KEY,
  -- The largest number made so far.
  top integer NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON wardroom.free_tokens, wardroom.token_blocks TO wardroom_service;

CREATE TABLE wardroom.timeline (
  ticket_id text NOT NULL REFERENCES wardroom.tickets,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  event text NOT NULL,
  step integer,
  who text,
  late boolean NOT NULL DEFAULT false,
  code text,
  PRIMARY KEY (ticket_id, seq)
);
GRANT SELECT, INSERT ON wardroom.timeline TO wardroom_service;

CREATE TABLE wardroom.messages (
  message_id text PRIMARY KEY,
  ticket_id text NOT NULL REFERENCES wardroom.tickets,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  step integer,
  repeat integer NOT NULL,
  mention jsonb NOT NULL,
  due jsonb NOT NULL,
  notice text,
  in_reply_to text,
  state text NOT NULL CHECK (state IN ('queued', 'encrypted', 'sent', 'failed')),
  txn_id text NOT NULL,
  voice text,
  room_id text,
  -- Between encryption and sending only.
  ciphertext json,
  session_id text,
  readers jsonb,
  event_id text UNIQUE,
  queued_at timestamptz NOT NULL
);
ALTER TABLE wardroom.messages ALTER ciphertext SET STORAGE EXTERNAL;
CREATE INDEX messages_of_ticket ON wardroom.messages (ticket_id, seq);
CREATE INDEX messages_unrecorded ON wardroom.messages (room_id) WHERE state = 'encrypted';
CREATE INDEX messages_unsent ON wardroom.messages (queued_at) WHERE state IN ('queued', 'encrypted');
-- One root per ticket, whatever happens.
CREATE UNIQUE INDEX messages_one_root ON wardroom.messages (ticket_id) WHERE kind = 'ticket';
GRANT SELECT, INSERT, UPDATE ON wardroom.messages TO wardroom_service;

-- Which ticket an event in a room belongs to: our messages, people's replies, acknowledging reactions.
CREATE TABLE wardroom.ticket_events (
  event_id text PRIMARY KEY,
  ticket_id text NOT NULL REFERENCES wardroom.tickets,
  kind text NOT NULL CHECK (kind IN ('message', 'reply', 'acknowledgement'))
);
GRANT SELECT, INSERT, UPDATE ON wardroom.ticket_events TO wardroom_service;

CREATE TABLE wardroom.reports (
  ticket_id text NOT NULL REFERENCES wardroom.tickets,
  sequence integer NOT NULL,
  event_id text NOT NULL UNIQUE,
  status text NOT NULL,
  at timestamptz NOT NULL,
  step integer,
  by text,
  strength text,
  text_key_id text,
  text_nonce bytea,
  text_ciphertext bytea,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'parked', 'dropped')),
  attempts integer NOT NULL DEFAULT 0,
  first_tried_at timestamptz,
  PRIMARY KEY (ticket_id, sequence)
);
CREATE INDEX reports_pending ON wardroom.reports (ticket_id, sequence) WHERE state = 'pending';
GRANT SELECT, INSERT, UPDATE ON wardroom.reports TO wardroom_service;

CREATE TABLE wardroom.account_rooms (
  account text PRIMARY KEY,
  room_id text NOT NULL UNIQUE
);
GRANT SELECT, INSERT, UPDATE ON wardroom.account_rooms TO wardroom_service;
