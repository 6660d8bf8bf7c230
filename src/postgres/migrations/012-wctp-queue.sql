-- What is owed by WCTP is looked for by service, many times a minute: it must not cost more because another service never fetches its own.
ALTER TABLE wardroom.wctp_responses ADD COLUMN service text;
UPDATE wardroom.wctp_responses r SET service = t.service FROM wardroom.wctp_tickets t WHERE t.ticket_id = r.ticket_id;
ALTER TABLE wardroom.wctp_responses ALTER COLUMN service SET NOT NULL;

-- `kept`: of a client's message; clients ask as often as they like, and confirm nothing.
ALTER TABLE wardroom.wctp_responses DROP CONSTRAINT wctp_responses_state_check;
ALTER TABLE wardroom.wctp_responses ADD CONSTRAINT wctp_responses_state_check CHECK (state IN ('pending', 'sent', 'parked', 'kept'));
UPDATE wardroom.wctp_responses r SET state = 'kept' FROM wardroom.wctp_tickets t
 WHERE t.ticket_id = r.ticket_id AND t.tracking_number IS NOT NULL AND r.state = 'pending';

DROP INDEX wardroom.wctp_responses_pending;
CREATE INDEX wctp_responses_pending ON wardroom.wctp_responses (service, ticket_id, sequence_no) WHERE state = 'pending';
CREATE INDEX wctp_responses_of_ticket ON wardroom.wctp_responses (ticket_id, sequence_no);
