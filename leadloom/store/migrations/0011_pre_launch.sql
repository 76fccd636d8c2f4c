-- What stands between a plan and its first mail: a check, an approval, stages and arms.

ALTER TABLE campaign
    ADD COLUMN free_because text,
    ADD COLUMN expected integer CHECK (expected > 0),
    ADD COLUMN on_gap text NOT NULL DEFAULT 'leave-out' CHECK (on_gap IN ('leave-out', 'block')),
    ADD COLUMN arms jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN held_because text,
    ADD CHECK (held_because IS NULL OR status = 'paused');
COMMENT ON COLUMN campaign.held_because IS 'Why the campaign was paused by itself; NULL when a person paused it, or nobody did.';

ALTER TABLE campaign_member DROP CONSTRAINT campaign_member_arm_check;
ALTER TABLE campaign_member ADD CONSTRAINT campaign_member_arm_check CHECK (arm <> '');
COMMENT ON COLUMN campaign_member.arm IS 'holdout, enrol (a campaign without arms), or the name of one of its arms; drawn when the audience is frozen.';

ALTER TABLE enrolment ADD COLUMN arm text;
COMMENT ON COLUMN enrolment.arm IS 'The arm of the campaign that began the run: what its conditions may ask.';

CREATE TABLE campaign_stage (
    campaign_id  uuid NOT NULL REFERENCES campaign,
    no           integer NOT NULL CHECK (no > 0),
    upto         integer NOT NULL CHECK (upto > 0),
    wait_s       integer CHECK (wait_s >= 0),
    opened_at    timestamptz,
    opened_by    text,
    reached_at   timestamptz,
    PRIMARY KEY (campaign_id, no),
    CHECK ((opened_at IS NULL) = (opened_by IS NULL)),
    CHECK (reached_at IS NULL OR opened_at IS NOT NULL)
);
COMMENT ON TABLE campaign_stage IS 'Members up to a number come in; when the last of them is decided, the next stage waits wait_s, or (NULL) for somebody to say go on.';

CREATE TABLE campaign_approval (
    campaign_id  uuid NOT NULL REFERENCES campaign,
    no           integer NOT NULL CHECK (no > 0),
    act          text NOT NULL CHECK (act IN ('submitted', 'approved', 'taken back')),
    at           timestamptz NOT NULL,
    by           text NOT NULL,
    why          text NOT NULL DEFAULT '',
    terms        jsonb NOT NULL,
    PRIMARY KEY (campaign_id, no)
);
COMMENT ON TABLE campaign_approval IS 'Who asked for an approval, gave it or took it back, and of what: the newest counts, as long as the terms are still those.';

CREATE TABLE campaign_check (
    campaign_id  uuid PRIMARY KEY REFERENCES campaign,
    at           timestamptz NOT NULL,
    by           text NOT NULL,
    members      integer NOT NULL,
    findings     jsonb NOT NULL
);
COMMENT ON TABLE campaign_check IS 'What stood against a launch when somebody looked last.';

CREATE TABLE campaign_exclusion (
    campaign_id  uuid NOT NULL REFERENCES campaign_check ON DELETE CASCADE,
    no           integer NOT NULL,
    why          text NOT NULL,
    PRIMARY KEY (campaign_id, no),
    FOREIGN KEY (campaign_id, no) REFERENCES campaign_member
);
COMMENT ON TABLE campaign_exclusion IS 'Members whom the newest check would leave out, each with the first thing against it.';

-- campaigns_in_trouble: what came back lately, of all mails
CREATE INDEX event_came_back ON event (at) WHERE kind IN ('bounced', 'complained');
