-- A queue of suggested duplicates that people work through: what they put off, and whom the sweep couldn't look at.

ALTER TABLE duplicate ADD COLUMN put_off_until timestamptz;
ALTER TABLE duplicate ADD COLUMN put_off_by text;
COMMENT ON COLUMN duplicate.put_off_until IS 'Somebody said later: until then the suggestion waits aside, still open.';

CREATE TABLE match_fault (
    lead_id  uuid PRIMARY KEY REFERENCES lead,
    error    text NOT NULL,
    at       timestamptz NOT NULL,
    tries    integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE match_fault IS 'A lead the sweep couldn''t compare with others or merge by rule, with the reason; gone once it could.';
