-- Journeys that come round.

-- The new rule stands before the old one falls: no moment without either.
ALTER TABLE journey_watch ADD CONSTRAINT journey_watch_way CHECK (way IN ('holds', 'date', 'every'));
ALTER TABLE journey_watch DROP CONSTRAINT journey_watch_way_check;
ALTER TABLE journey_watch RENAME CONSTRAINT journey_watch_way TO journey_watch_way_check;
ALTER TABLE journey_watch ADD COLUMN came_to timestamptz;
COMMENT ON TABLE journey_watch IS 'Since when the sweep asks for whom a journey''s condition holds, whose date has come, or whether a day has come round, and (by hash) what it asks.';
COMMENT ON COLUMN journey_watch.came_to IS 'Of a recurrence: up to when its rounds have been noted.';
COMMENT ON COLUMN journey_match.value IS 'Of a date or a round its day; a condition has none.';
