-- What operators and clinicians do with a ticket: what they write, and what was heard before.

-- Words of a person in a notice (a correction, a note, a repeat call): sealed like the ticket's own text.
ALTER TABLE wardroom.messages
  ADD COLUMN words_key_id text,
  ADD COLUMN words_nonce bytea,
  ADD COLUMN words_ciphertext bytea,
  -- The ticket of a repeat call whose text these words are.
  ADD COLUMN words_of text REFERENCES wardroom.tickets;

-- What an answering service said of a ticket, so that the same again is done once.
CREATE TABLE wardroom.operator_events (
  ticket_id text NOT NULL REFERENCES wardroom.tickets,
  -- The service's id of the event; else the fingerprint of its text.
  key text NOT NULL,
  -- Keyed hash of the text.
  fingerprint text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (ticket_id, key)
);
GRANT SELECT, INSERT, UPDATE ON wardroom.operator_events TO wardroom_service;
