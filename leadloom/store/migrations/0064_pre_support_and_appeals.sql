-- What support raises for sales, and what marketing appeals.

CREATE TABLE support_request (
    request_id   uuid PRIMARY KEY,
    lead_id      uuid NOT NULL REFERENCES lead,
    hand_off_id  uuid REFERENCES hand_off,
    deal_id      uuid REFERENCES deal,
    raised_by    text NOT NULL,
    raised_at    timestamptz NOT NULL,
    about        text NOT NULL,
    said         text NOT NULL
);
COMMENT ON TABLE support_request IS 'What somebody of support heard and raised for sales: whom it is about and what was said, as they wrote it.';
COMMENT ON COLUMN support_request.hand_off_id IS 'The offer it became or joined; NULL when the company has an open deal (deal_id).';
CREATE INDEX support_request_lead ON support_request (lead_id);
-- what became of it is told to who raised it
CREATE INDEX support_request_hand_off ON support_request (hand_off_id);
CREATE INDEX support_request_raised ON support_request (raised_at);

CREATE TABLE appeal (
    hand_off_id   uuid PRIMARY KEY REFERENCES hand_off,
    raised_by     text NOT NULL,
    raised_at     timestamptz NOT NULL,
    words         text NOT NULL,
    state         text NOT NULL CHECK (state IN ('open', 'upheld', 'dismissed', 'lapsed')),
    asked         text NOT NULL,
    asked_at      timestamptz NOT NULL,
    decide_by     timestamptz NOT NULL,
    passed_on_at  timestamptz,
    decided_by    text,
    decided_at    timestamptz,
    answer        text,
    goes_to       text,
    new_hand_off_id uuid REFERENCES hand_off (hand_off_id),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
COMMENT ON TABLE appeal IS 'Marketing disagrees with a rejection; the lead-management owner decides, then the sponsor, else the rejection stands (lapsed).';
COMMENT ON COLUMN appeal.asked IS 'Handle of who is to decide now, until decide_by.';
CREATE INDEX appeal_open ON appeal (decide_by) WHERE state = 'open';
CREATE INDEX appeal_new ON appeal (new_hand_off_id);
-- how often a lead came back, and the number of its next hand-off
CREATE INDEX hand_off_lead ON hand_off (lead_id);
