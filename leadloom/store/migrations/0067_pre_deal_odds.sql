-- What people say of a deal's odds, who know more than the deals before it. A log: the last row stands.
CREATE TABLE deal_odds (
    deal_id  uuid NOT NULL REFERENCES deal,
    no       integer NOT NULL,
    share    double precision CHECK (share BETWEEN 0 AND 1),
    by       text NOT NULL,
    why      text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (deal_id, no)
);
COMMENT ON COLUMN deal_odds.share IS 'NULL: from here on as the deals before say.';
