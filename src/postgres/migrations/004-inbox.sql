-- The inbox of homeserver transactions. Content is dropped once handled; ids and order stay, for receipts and repetitions.

CREATE TABLE wardroom.inbox_transactions (
  txn_id text NOT NULL,
  fingerprint text NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (txn_id, fingerprint)
);
CREATE INDEX inbox_transactions_received ON wardroom.inbox_transactions (received_at);

CREATE TABLE wardroom.inbox_events (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id text NOT NULL UNIQUE,
  room_id text NOT NULL,
  sender text NOT NULL,
  type text NOT NULL,
  state_key text,
  relates_to text,
  rel_type text,
  ours boolean NOT NULL,
  is_root boolean NOT NULL,
  session_id text,
  sent_at bigint NOT NULL,
  received_at timestamptz NOT NULL,
  content jsonb,
  state text NOT NULL CHECK (state IN ('waiting', 'parked', 'handled', 'given_up')),
  code text,
  parked_times integer NOT NULL DEFAULT 0,
  retry_at timestamptz
);
CREATE INDEX inbox_events_waiting ON wardroom.inbox_events (seq) WHERE state = 'waiting';
CREATE INDEX inbox_events_parked ON wardroom.inbox_events (retry_at) WHERE state = 'parked';
CREATE INDEX inbox_events_roots ON wardroom.inbox_events (room_id, seq) WHERE is_root;

-- One row per receipt that can move: (room, user, thread). seq 0 = nothing yet.
CREATE TABLE wardroom.inbox_receipts (
  room_id text NOT NULL,
  user_id text NOT NULL,
  thread text NOT NULL,
  -- Place of the last event it covers.
  seq bigint NOT NULL DEFAULT 0,
  -- Up to where it was passed on.
  handled_seq bigint NOT NULL DEFAULT 0,
  -- An event it points to that has not arrived yet.
  pending_event text,
  PRIMARY KEY (room_id, user_id, thread)
);
CREATE INDEX inbox_receipts_moved ON wardroom.inbox_receipts (room_id) WHERE seq > handled_seq;
CREATE INDEX inbox_receipts_pending ON wardroom.inbox_receipts (pending_event) WHERE pending_event IS NOT NULL;

-- A whole transaction in one call and one commit. False: the same transaction was taken in before.
CREATE FUNCTION wardroom.inbox_commit(p_txn_id text, p_fingerprint text, p_received_at timestamptz, p_events jsonb, p_receipts jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE arrived text[];
BEGIN
  INSERT INTO wardroom.inbox_transactions (txn_id, fingerprint, received_at)
    VALUES (p_txn_id, p_fingerprint, p_received_at) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;

  WITH new AS (
    INSERT INTO wardroom.inbox_events
      (event_id, room_id, sender, type, state_key, relates_to, rel_type, ours, is_root, session_id, sent_at, received_at, content, state)
    SELECT e->>'eventId', e->>'roomId', e->>'sender', e->>'type', e->>'stateKey', e->>'relatesTo', e->>'relType',
           (e->>'ours')::boolean, (e->>'isRoot')::boolean, e->>'sessionId', (e->>'sentAt')::bigint, p_received_at,
           NULLIF(e->'content', 'null'::jsonb),
           CASE WHEN NULLIF(e->'content', 'null'::jsonb) IS NULL THEN 'handled' ELSE 'waiting' END
      FROM jsonb_array_elements(p_events) WITH ORDINALITY AS item(e, place) ORDER BY place
    ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id)
  SELECT array_agg(event_id) INTO arrived FROM new;

  IF jsonb_array_length(p_receipts) > 0 THEN
    INSERT INTO wardroom.inbox_receipts AS r (room_id, user_id, thread, pending_event)
      SELECT e->>'roomId', e->>'userId', e->>'thread', e->>'eventId' FROM jsonb_array_elements(p_receipts) AS item(e)
      ON CONFLICT (room_id, user_id, thread) DO UPDATE SET pending_event = EXCLUDED.pending_event
        -- A repeated older receipt must not push out one that still waits for its event.
        WHERE r.pending_event IS NULL
           OR NOT EXISTS (SELECT 1 FROM wardroom.inbox_events known WHERE known.event_id = EXCLUDED.pending_event AND known.seq <= r.seq);
    SELECT array_cat(arrived, array_agg(e->>'eventId')) INTO arrived FROM jsonb_array_elements(p_receipts) AS item(e);
  END IF;

  UPDATE wardroom.inbox_receipts r SET seq = GREATEST(r.seq, e.seq), pending_event = NULL
    FROM wardroom.inbox_events e
    WHERE r.pending_event = ANY (arrived) AND e.event_id = r.pending_event AND e.room_id = r.room_id;
  RETURN true;
END $$;

GRANT SELECT, INSERT, DELETE ON wardroom.inbox_transactions TO wardroom_service;
GRANT SELECT, INSERT, UPDATE ON wardroom.inbox_events, wardroom.inbox_receipts TO wardroom_service;
GRANT EXECUTE ON FUNCTION wardroom.inbox_commit(text, text, timestamptz, jsonb, jsonb) TO wardroom_service;
