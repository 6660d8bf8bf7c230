-- How tickets came by WCTP, and the statuses and replies owed in return.
CREATE TABLE wardroom.wctp_tickets (
  ticket_id text PRIMARY KEY REFERENCES wardroom.tickets,
  service text NOT NULL,
  account text NOT NULL,
  sender_id text NOT NULL,
  -- Whom statuses and replies go to.
  responses_to text NOT NULL,
  message_id text NOT NULL,
  transaction_id text,
  recipient_id text NOT NULL,
  version smallint NOT NULL,
  wants jsonb NOT NULL,
  reply_token text,
  tracking_number text,
  -- The choices offered with the text are health information like the text.
  choices_key_id text,
  choices_nonce bytea,
  choices_ciphertext bytea
);
CREATE UNIQUE INDEX wctp_tickets_tracking ON wardroom.wctp_tickets (tracking_number) WHERE tracking_number IS NOT NULL;
GRANT SELECT, INSERT ON wardroom.wctp_tickets TO wardroom_service;

CREATE TABLE wardroom.wctp_responses (
  -- What a poller confirms.
  sequence_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ticket_id text NOT NULL REFERENCES wardroom.wctp_tickets,
  kind text NOT NULL CHECK (kind IN ('QUEUED', 'DELIVERED', 'READ', 'reply', 'choice', 'failure')),
  error_code smallint,
  what text,
  at timestamptz NOT NULL,
  text_key_id text,
  text_nonce bytea,
  text_ciphertext bytea,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'parked')),
  attempts integer NOT NULL DEFAULT 0,
  first_tried_at timestamptz,
  -- Tries are made in the machine's time, whatever business time it is.
  next_try_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX wctp_responses_once ON wardroom.wctp_responses (ticket_id, kind) WHERE kind IN ('QUEUED', 'DELIVERED', 'READ');
CREATE INDEX wctp_responses_pending ON wardroom.wctp_responses (ticket_id, sequence_no) WHERE state = 'pending';
GRANT SELECT, INSERT, UPDATE ON wardroom.wctp_responses TO wardroom_service;
