-- The policy as it was at any time (45 CFR 164.316(b)(2)(i)): only ever added to, the latest holds.

CREATE TABLE wardroom.policy_versions (
  version integer PRIMARY KEY,
  -- src/policy/policySchema.ts, Policy; complete, as it was understood then.
  policy json NOT NULL,
  change json NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON wardroom.policy_versions TO wardroom_service;
