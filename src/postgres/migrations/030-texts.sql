-- Texts to and from telephones, what is said of them in rooms, and what patients agreed to (45 CFR 164.522(b), 47 CFR 64.1200).
-- Telephone numbers and patients' references stand here only as digests under a key of the installation, or sealed.

-- What was done about consent. Nothing is ever changed or taken out: six years (45 CFR 164.316(b)(2)(i)), and stopped numbers for good.
CREATE TABLE wardroom.consent_events (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  -- Null: it speaks of a telephone, whoever uses it.
  patient_ref text,
  -- Of a telephone number or an address.
  address_ref text NOT NULL,
  key_id text NOT NULL,
  nonce bytea NOT NULL,
  ciphertext bytea NOT NULL
);
CREATE INDEX consent_events_of_patient ON wardroom.consent_events (patient_ref) WHERE patient_ref IS NOT NULL;
CREATE INDEX consent_events_of_address ON wardroom.consent_events (address_ref);
GRANT SELECT, INSERT ON wardroom.consent_events TO wardroom_service;

CREATE TABLE wardroom.texts (
  -- The order of arrival.
  number bigint GENERATED ALWAYS AS IDENTITY,
  text_id text PRIMARY KEY,
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  line text NOT NULL,
  carrier text NOT NULL,
  -- The carrier's own name of it: what makes an inbound one the same when it comes again.
  carrier_id text,
  phone_ref text NOT NULL,
  patient_ref text,
  -- What it is for, src/flows/texting/textsPort.ts.
  purpose text NOT NULL,
  state text NOT NULL,
  code text,
  carrier_code text,
  at timestamptz NOT NULL,
  -- Of an outbound one that waits: not sent before.
  due_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  segments integer,
  -- Room and event of the clinician's message that an outbound one carries.
  room_id text,
  event_id text,
  -- Who wrote it.
  author text,
  -- Of a ladder's step: which ticket waits, what its holder answers with, who that is.
  ticket_id text REFERENCES wardroom.tickets,
  token text,
  person text,
  -- Keyed by what must be known until the last report is in.
  phone_key_id text NOT NULL,
  phone_nonce bytea NOT NULL,
  phone_ciphertext bytea NOT NULL,
  -- The text itself, only as long as it is on its way.
  body_key_id text,
  body_nonce bytea,
  body_ciphertext bytea
);
CREATE UNIQUE INDEX texts_taken_once ON wardroom.texts (carrier, carrier_id) WHERE direction = 'in';
CREATE INDEX texts_reported ON wardroom.texts (carrier, carrier_id) WHERE direction = 'out' AND carrier_id IS NOT NULL;
CREATE INDEX texts_waiting ON wardroom.texts (due_at) WHERE state IN ('received', 'queued', 'handing');
CREATE INDEX texts_in_turn ON wardroom.texts (line, phone_ref, number) WHERE state IN ('queued', 'handing');
CREATE INDEX texts_between ON wardroom.texts (phone_ref, at);
CREATE INDEX texts_of_patient ON wardroom.texts (patient_ref, at) WHERE patient_ref IS NOT NULL;
CREATE INDEX texts_of_event ON wardroom.texts (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX texts_of_ticket ON wardroom.texts (ticket_id) WHERE ticket_id IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON wardroom.texts TO wardroom_service;

-- Messages about texts that a line's voice owes a room, in order per room.
CREATE TABLE wardroom.text_posts (
  number bigint GENERATED ALWAYS AS IDENTITY,
  post_id text PRIMARY KEY,
  text_id text REFERENCES wardroom.texts,
  line text NOT NULL,
  -- In whose room of the line, which may have to be made yet; null: the one for telephones that nobody knows.
  patient_ref text,
  -- Once it is known.
  room_id text,
  -- An earlier post that this one edits.
  edits text,
  state text NOT NULL CHECK (state IN ('queued', 'encrypted', 'sent', 'dropped')),
  at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  key_id text,
  nonce bytea,
  content bytea,
  ciphertext jsonb,
  event_id text
);
CREATE INDEX text_posts_owed ON wardroom.text_posts (number) WHERE state IN ('queued', 'encrypted');
CREATE INDEX text_posts_of_event ON wardroom.text_posts (event_id) WHERE event_id IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON wardroom.text_posts TO wardroom_service;

-- Who uses which telephone, as staff said. Two people may share one, and one may have two.
CREATE TABLE wardroom.patient_phones (
  phone_ref text NOT NULL,
  patient_ref text NOT NULL,
  since timestamptz NOT NULL,
  -- Said to be somebody else's by now.
  ended_at timestamptz,
  -- The number and the reference, sealed.
  key_id text NOT NULL,
  nonce bytea NOT NULL,
  ciphertext bytea NOT NULL,
  PRIMARY KEY (phone_ref, patient_ref)
);
CREATE INDEX patient_phones_of ON wardroom.patient_phones (patient_ref);
GRANT SELECT, INSERT, UPDATE ON wardroom.patient_phones TO wardroom_service;

-- Parts of a long text that are waiting for the others, for carriers that send them one by one (SMPP).
CREATE TABLE wardroom.text_parts (
  carrier text NOT NULL,
  -- What the parts of one text have in common.
  text_ref text NOT NULL,
  part integer NOT NULL,
  at timestamptz NOT NULL,
  key_id text NOT NULL,
  nonce bytea NOT NULL,
  ciphertext bytea NOT NULL,
  PRIMARY KEY (carrier, text_ref, part)
);
GRANT SELECT, INSERT, DELETE ON wardroom.text_parts TO wardroom_service;
