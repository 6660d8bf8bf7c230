-- Templates of texts: who wrote and who approved which version. Nothing is ever changed or taken out (45 CFR 164.316(b)). No health information: a
-- template holds slots in its place.
CREATE TABLE wardroom.text_templates (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  language text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  state text NOT NULL CHECK (state IN ('draft', 'approved', 'retired')),
  class text NOT NULL,
  body text NOT NULL,
  -- Who wrote this version: `wardroom` for one that came with it.
  author text NOT NULL,
  -- Who made it what `state` says, and when.
  by text NOT NULL,
  at timestamptz NOT NULL,
  -- A version is written, approved and retired once: two people who write at the same time do not get the same one.
  UNIQUE (name, language, version, state)
);
GRANT SELECT, INSERT ON wardroom.text_templates TO wardroom_service;
