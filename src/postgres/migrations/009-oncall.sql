-- Changes to the schedules of dispatch.yaml, made while Wardroom runs. Times are local wall times of the practice, as written there.
CREATE TABLE wardroom.oncall_overrides (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account text NOT NULL,
  role text NOT NULL,
  tier text NOT NULL CHECK (tier IN ('primary', 'backup')),
  starts text NOT NULL,
  ends text NOT NULL,
  -- A person's key in dispatch.yaml; empty: nobody, on purpose.
  who text NOT NULL,
  reason text,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  withdrawn_at timestamptz
);
GRANT SELECT, INSERT, UPDATE ON wardroom.oncall_overrides TO wardroom_service;
