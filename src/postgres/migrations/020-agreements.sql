-- Agreements with partners that were made, revoked and warned of by command (45 CFR 164.308(b)(3), 164.316(b)(2)(i)). Only ever added to.

CREATE TABLE wardroom.agreement_events (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  domain text NOT NULL,
  -- src/flows/partnersPort.ts, AgreementEvent.
  event json NOT NULL,
  at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON wardroom.agreement_events TO wardroom_service;
