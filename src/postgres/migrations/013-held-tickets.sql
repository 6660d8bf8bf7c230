-- Which tickets somebody took and did not close.
CREATE INDEX tickets_held ON wardroom.tickets USING gin ((life->'acknowledgements') jsonb_path_ops) WHERE state = 'acknowledged';
