-- Several ways into a journey, and several runs of it: per value of a key, or beside one another.

ALTER TABLE enrolment ADD COLUMN place text NOT NULL DEFAULT '';
COMMENT ON COLUMN enrolment.place IS 'What may be open once at a time: nothing but the journey (empty), a value of its key, or the run itself.';

-- The new rule stands before the old one falls: no moment without either.
-- open_runs_of_lead, and once-at-a-time re-entry
CREATE UNIQUE INDEX enrolment_open_place ON enrolment (lead_id, journey, place) WHERE status = 'active';
DROP INDEX enrolment_one_open;

CREATE TABLE journey_watch (
    journey  text NOT NULL,
    way      text NOT NULL CHECK (way IN ('holds', 'date')),
    asks     text NOT NULL,
    since    timestamptz NOT NULL,
    PRIMARY KEY (journey, way)
);
COMMENT ON TABLE journey_watch IS 'Since when the sweep asks for whom a journey''s condition holds, or whose date has come, and (by hash) what it asks.';

CREATE TABLE journey_match (
    journey     text NOT NULL,
    way         text NOT NULL,
    lead_id     uuid NOT NULL REFERENCES lead,
    value       text NOT NULL DEFAULT '',
    since       timestamptz NOT NULL,
    decided_at  timestamptz,
    stayed_out  text,
    PRIMARY KEY (journey, way, lead_id, value),
    FOREIGN KEY (journey, way) REFERENCES journey_watch ON DELETE CASCADE,
    CHECK (stayed_out IS NULL OR decided_at IS NOT NULL)
);
COMMENT ON TABLE journey_match IS 'For whom it is so: a row while it is, so that coming to hold is noticed once, and again after it ceased. stayed_out says why it let nobody in (a closed list of codes).';
COMMENT ON COLUMN journey_match.value IS 'Of a date its day; a condition has none.';
-- undecided_matches: who is next
CREATE INDEX journey_match_next ON journey_match (journey, way, lead_id, value) WHERE decided_at IS NULL;
