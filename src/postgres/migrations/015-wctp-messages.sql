-- What WCTP has no status for: to-dos of the operator, and what a clinician writes when the service is done with the ticket.
ALTER TABLE wardroom.wctp_responses DROP CONSTRAINT wctp_responses_kind_check;
ALTER TABLE wardroom.wctp_responses ADD CONSTRAINT wctp_responses_kind_check
  CHECK (kind IN ('QUEUED', 'DELIVERED', 'READ', 'reply', 'choice', 'failure', 'message', 'todo'));
