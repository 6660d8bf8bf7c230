-- Who was given which role, who took it back, who confirmed it. Only ever added to: who held what at any time in the past can be told
-- (45 CFR 164.316(b)(2)(i)).

CREATE TABLE wardroom.role_events (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id text NOT NULL,
  role text NOT NULL,
  -- src/policy/roles.ts, RoleEvent.
  event jsonb NOT NULL,
  at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON wardroom.role_events TO wardroom_service;
