-- Reports and digests: several tickets in one message.
ALTER TABLE wardroom.messages
  -- Of a report: the alias of the room that reads it.
  ADD COLUMN report_to text,
  -- Of a report: the message whose ciphertext carries it, when that is another ticket's.
  ADD COLUMN bundled_in text;
UPDATE wardroom.messages m SET report_to = entry->>'to'
  FROM wardroom.tickets t, jsonb_array_elements(t.life->'plan') AS plan (entry)
 WHERE m.kind = 'report' AND m.ticket_id = t.ticket_id AND (entry->>'step')::integer = m.step;
CREATE INDEX messages_reports ON wardroom.messages (report_to) WHERE kind = 'report' AND state = 'queued';
CREATE INDEX messages_bundled ON wardroom.messages (bundled_in) WHERE bundled_in IS NOT NULL;

-- When the practice's report lists the ticket, whatever became of it.
ALTER TABLE wardroom.tickets ADD COLUMN report_at timestamptz;
CREATE INDEX tickets_summaries ON wardroom.tickets (report_at) WHERE report_at IS NOT NULL;
