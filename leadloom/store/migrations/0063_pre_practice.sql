-- What a new rep answered to practice leads. Names no lead: practice leads stand in the definition and are nobody.

CREATE TABLE practice_round (
    handle    text NOT NULL REFERENCES owner (handle),
    round     integer NOT NULL CHECK (round > 0),
    began_at  timestamptz NOT NULL,
    answers   jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (handle, round)
);
COMMENT ON TABLE practice_round IS 'Three made-up leads worked by a new rep; no report, mail or count reads it.';
COMMENT ON COLUMN practice_round.answers IS 'Name of the practice lead → the decision and when; the first answer stands.';
