-- How long pages of microsites were read: by a session that lives in a page's memory, by a lead once they are known.

CREATE TABLE reading (
    session   text NOT NULL,
    site      text NOT NULL,
    piece     text NOT NULL,
    lead_id   uuid REFERENCES lead,
    seconds   integer NOT NULL CHECK (seconds >= 0),
    moved     boolean NOT NULL,
    agent     text NOT NULL,
    track     text,
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    told_at   timestamptz,
    PRIMARY KEY (session, site, piece)
);
-- readings_of_lead, forget_readings: what somebody read
CREATE INDEX reading_lead ON reading (lead_id) WHERE lead_id IS NOT NULL;
-- forget_old_readings: what nobody was identified for
CREATE INDEX reading_anonymous ON reading (last_at) WHERE lead_id IS NULL;
COMMENT ON TABLE reading IS 'A page of a microsite as long as it was seen in one session. Visible seconds, never more than have passed; told_at: it became an event of the lead.';
