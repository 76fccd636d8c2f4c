-- Notices of hand-offs may go to a channel or another system, too, durably.

CREATE TABLE notice_post (
    post_id      uuid PRIMARY KEY,
    hand_off_id  uuid NOT NULL REFERENCES hand_off ON DELETE CASCADE,
    step         text NOT NULL,
    no           integer NOT NULL,
    mail         text NOT NULL,
    endpoint     text NOT NULL,
    owner_id     uuid NOT NULL REFERENCES owner,
    personal     boolean NOT NULL,
    asked_at     timestamptz NOT NULL,
    next_at      timestamptz,
    tries        integer NOT NULL DEFAULT 0,
    ended_at     timestamptz,
    ended        text CHECK (ended IN ('sent', 'over', 'given up')),
    error        text,
    UNIQUE (hand_off_id, step, no, endpoint),
    CHECK ((ended_at IS NULL) = (ended IS NULL) AND (ended_at IS NULL) = (next_at IS NOT NULL))
);
COMMENT ON TABLE notice_post IS 'A notice of a hand-off for a channel or another system, beside the owner''s mail: one for each offer, step and endpoint.';
-- overdue_notice_posts: a try nobody made
CREATE INDEX notice_post_due ON notice_post (next_at) WHERE ended_at IS NULL;
