-- What was told to an answering service of what somebody wrote, so that it can be taken back with the message (45 CFR 164.526).
ALTER TABLE wardroom.reports ADD COLUMN said_in text;
CREATE INDEX reports_said ON wardroom.reports (said_in) WHERE said_in IS NOT NULL;
ALTER TABLE wardroom.wctp_responses ADD COLUMN said_in text;
CREATE INDEX wctp_responses_said ON wardroom.wctp_responses (said_in) WHERE said_in IS NOT NULL;

CREATE INDEX inbox_events_recalled ON wardroom.inbox_events (event_id) WHERE gone_how = 'recalled';

-- Destroys what Wardroom copied of this event. How many copies there were, and how many of them had left.
CREATE FUNCTION wardroom.forget_said(p_event text, OUT copies integer, OUT told integer) LANGUAGE plpgsql AS $$
DECLARE more integer; gone integer;
BEGIN
  SELECT count(*), count(*) FILTER (WHERE state = 'sent') INTO copies, told
    FROM wardroom.reports WHERE said_in = p_event AND text_key_id IS NOT NULL;
  UPDATE wardroom.reports SET text_key_id = NULL, text_nonce = NULL, text_ciphertext = NULL WHERE said_in = p_event;
  SELECT count(*), count(*) FILTER (WHERE state = 'sent') INTO more, gone
    FROM wardroom.wctp_responses WHERE said_in = p_event AND text_key_id IS NOT NULL;
  UPDATE wardroom.wctp_responses
    SET text_key_id = NULL, text_nonce = NULL, text_ciphertext = NULL, state = CASE WHEN state = 'sent' THEN state ELSE 'parked' END
    WHERE said_in = p_event;
  copies := copies + more;
  told := told + gone;
END $$;
GRANT EXECUTE ON FUNCTION wardroom.forget_said(text) TO wardroom_service;
