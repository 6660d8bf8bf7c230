-- Reminders as they were asked for by a scheduling system, what became of each, and what patients answered. No health information: names of templates, and the
-- system's own ids. The text itself is in wardroom.texts, as long as it is on its way.
CREATE TABLE wardroom.reminders (
  number bigint GENERATED ALWAYS AS IDENTITY,
  -- Of whoever asked: the same again is the same reminder.
  reminder_id text PRIMARY KEY,
  -- Of the whole request, under a key of the installation.
  fingerprint text NOT NULL,
  -- Null: it may not be sent, `code` says why.
  text_id text REFERENCES wardroom.texts,
  code text,
  line text NOT NULL,
  phone_ref text NOT NULL,
  patient_ref text NOT NULL,
  template text NOT NULL,
  language text NOT NULL,
  version integer NOT NULL,
  at timestamptz NOT NULL,
  answer text CHECK (answer IN ('confirm', 'reschedule')),
  answered_at timestamptz
);
CREATE INDEX reminders_of_text ON wardroom.reminders (text_id) WHERE text_id IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON wardroom.reminders TO wardroom_service;
