-- What becomes of messages: legal holds, what was deleted and how, and the runs that delete (45 CFR 164.310(d)(2), 164.316(b)(2)(i)).

-- What was done about holds. Nothing is ever changed or taken out.
CREATE TABLE wardroom.hold_events (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hold_id text NOT NULL,
  event jsonb NOT NULL,
  at timestamptz NOT NULL,
  -- The reason, sealed: people write names into it.
  reason_key_id text,
  reason_nonce bytea,
  reason_ciphertext bytea
);
GRANT SELECT, INSERT ON wardroom.hold_events TO wardroom_service;

-- Answers hold what people wrote, reasons and notes: sealed from now on.
ALTER TABLE wardroom.command_answers
  ALTER answer DROP NOT NULL,
  ADD COLUMN outcome text,
  ADD COLUMN key_id text,
  ADD COLUMN nonce bytea,
  ADD COLUMN ciphertext bytea;
CREATE INDEX command_answers_running ON wardroom.command_answers (event_id) WHERE outcome = 'running';
GRANT UPDATE (outcome, key_id, nonce, ciphertext) ON wardroom.command_answers TO wardroom_service;

-- How an event left the homeserver. While it is being deleted, `gone_how` says by what and `gone_at` is empty.
ALTER TABLE wardroom.inbox_events
  ADD COLUMN gone_how text CHECK (gone_how IN ('purged', 'redacted', 'recalled', 'withdrawn')),
  ADD COLUMN gone_at timestamptz;
-- What may still be there, of a room, in the order of arrival. Redactions hold nothing themselves.
CREATE INDEX inbox_events_there ON wardroom.inbox_events (room_id, seq)
  WHERE state_key IS NULL AND gone_at IS NULL AND type <> 'm.room.redaction';
CREATE INDEX inbox_events_going ON wardroom.inbox_events (room_id, seq) WHERE gone_how IS NOT NULL AND gone_at IS NULL;
CREATE INDEX inbox_events_members ON wardroom.inbox_events (room_id, state_key) WHERE type = 'm.room.member';
CREATE INDEX inbox_events_relating ON wardroom.inbox_events (relates_to) WHERE relates_to IS NOT NULL;

CREATE INDEX messages_of_report_rooms ON wardroom.messages (room_id) WHERE kind = 'report';

-- Rooms whose history from before Wardroom heard of them is in the inbox's order, too: in adopted rooms there is some.
CREATE TABLE wardroom.retention_rooms (
  room_id text PRIMARY KEY,
  indexed_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON wardroom.retention_rooms TO wardroom_service;

-- Media that messages name; encrypted, so that no homeserver knows what belongs to which room.
CREATE TABLE wardroom.event_media (
  event_id text NOT NULL,
  mxc text NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (event_id, mxc)
);
CREATE INDEX event_media_of ON wardroom.event_media (mxc);
GRANT SELECT, INSERT, UPDATE ON wardroom.event_media TO wardroom_service;

CREATE TABLE wardroom.retention_runs (
  run_id text PRIMARY KEY,
  started_at timestamptz NOT NULL,
  -- Who asked for it; `wardroom`: it was due.
  asked_by text NOT NULL,
  -- Counted so far, src/flows/retention/report.ts.
  report jsonb NOT NULL,
  finished_at timestamptz
);
CREATE INDEX retention_runs_open ON wardroom.retention_runs (started_at) WHERE finished_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON wardroom.retention_runs TO wardroom_service;

-- A ticket whose text is destroyed; its life stays, it says nothing about anybody's health.
ALTER TABLE wardroom.tickets ADD COLUMN erased_at timestamptz;
ALTER TABLE wardroom.tickets ALTER text_key_id DROP NOT NULL, ALTER text_nonce DROP NOT NULL, ALTER text_ciphertext DROP NOT NULL;
CREATE INDEX tickets_kept ON wardroom.tickets (accepted_at, ticket_id) WHERE erased_at IS NULL;

-- Every copy of a ticket's text that Wardroom has, at once.
CREATE FUNCTION wardroom.erase_tickets(p_tickets text[], p_at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE erased integer;
BEGIN
  UPDATE wardroom.tickets SET text_key_id = NULL, text_nonce = NULL, text_ciphertext = NULL, erased_at = p_at
    WHERE ticket_id = ANY (p_tickets) AND erased_at IS NULL;
  GET DIAGNOSTICS erased = ROW_COUNT;
  UPDATE wardroom.messages SET words_key_id = NULL, words_nonce = NULL, words_ciphertext = NULL, ciphertext = NULL
    WHERE ticket_id = ANY (p_tickets) AND (words_key_id IS NOT NULL OR ciphertext IS NOT NULL) AND state IN ('sent', 'failed');
  UPDATE wardroom.reports SET text_key_id = NULL, text_nonce = NULL, text_ciphertext = NULL
    WHERE ticket_id = ANY (p_tickets) AND text_key_id IS NOT NULL;
  UPDATE wardroom.wctp_tickets SET choices_key_id = NULL, choices_nonce = NULL, choices_ciphertext = NULL
    WHERE ticket_id = ANY (p_tickets) AND choices_key_id IS NOT NULL;
  UPDATE wardroom.wctp_responses SET text_key_id = NULL, text_nonce = NULL, text_ciphertext = NULL
    WHERE ticket_id = ANY (p_tickets) AND text_key_id IS NOT NULL;
  RETURN erased;
END $$;
GRANT EXECUTE ON FUNCTION wardroom.erase_tickets(text[], timestamptz) TO wardroom_service;
GRANT UPDATE ON wardroom.wctp_tickets TO wardroom_service;

-- Destroys content keys of ticket texts under which nothing is sealed any more, of months that are over: what lies in old backups of these
-- tables, or in pages the database has not used again, cannot be read without. As their owner: the service may not touch other keys.
CREATE FUNCTION wardroom.destroy_unused_keys(p_before_month text) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  UPDATE wardroom.content_keys k SET wrapped = NULL, wrapped_by = NULL, destroyed_at = now()
    WHERE k.class = 'ticket' AND k.month < p_before_month AND k.wrapped IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM wardroom.tickets WHERE text_key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.messages WHERE words_key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.reports WHERE text_key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.wctp_tickets WHERE choices_key_id = k.key_id::text)
      AND NOT EXISTS (SELECT 1 FROM wardroom.wctp_responses WHERE text_key_id = k.key_id::text)
    RETURNING k.key_id
$$;
REVOKE EXECUTE ON FUNCTION wardroom.destroy_unused_keys(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wardroom.destroy_unused_keys(text) TO wardroom_service;
