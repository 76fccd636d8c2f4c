-- Many leads: imported files, campaigns with their frozen audience and costs, deals whose amount nobody told.

CREATE TABLE import (
    import_id    uuid PRIMARY KEY,
    noun         text NOT NULL CHECK (noun IN ('leads', 'deals')),
    file_name    text NOT NULL,
    file_hash    text NOT NULL,
    options      jsonb NOT NULL,
    started_at   timestamptz NOT NULL,
    started_by   text NOT NULL,
    finished_at  timestamptz
);
COMMENT ON TABLE import IS 'A file somebody brought in: how it was read, and by whom. Its rows are import_row and import_fault.';
-- import_under_way: the same file read the same way goes on where it stopped
CREATE INDEX import_file ON import (noun, file_hash);

CREATE TABLE import_row (
    import_id  uuid NOT NULL REFERENCES import,
    row_no     integer NOT NULL CHECK (row_no > 0),
    lead_id    uuid REFERENCES lead,
    outcome    text NOT NULL CHECK (outcome IN ('new', 'changed', 'unchanged')),
    opted_out  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (import_id, row_no)
);
COMMENT ON TABLE import_row IS 'What became of each row that was taken, written in the transaction that took it: the checkpoint of a resumed import, and the list a campaign may go to.';
-- held_of_lead: in which lists a person was
CREATE INDEX import_row_lead ON import_row (lead_id);

CREATE TABLE import_fault (
    import_id  uuid NOT NULL REFERENCES import,
    row_no     integer NOT NULL CHECK (row_no > 0),
    kind       text NOT NULL CHECK (kind IN ('refused', 'quarantined')),
    field      text NOT NULL,
    why        text NOT NULL,
    cells      jsonb NOT NULL,
    PRIMARY KEY (import_id, row_no, field)
);
COMMENT ON COLUMN import_fault.kind IS 'refused: nothing of the row was taken; quarantined: taken, but kept out of the figures it would spoil.';

-- accounts_alike: a company's name written with other spaces or capitals
CREATE INDEX account_alike ON account (replace(lower(name), ' ', ''));
-- products_alike: the same for products
CREATE INDEX deal_product_alike ON deal (replace(lower(product), ' ', '')) WHERE product IS NOT NULL;

CREATE TABLE campaign (
    campaign_id   uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    journey       text NOT NULL,
    goal          text NOT NULL,
    owner_id      uuid NOT NULL REFERENCES owner,
    audience      jsonb NOT NULL,
    per_minute    integer CHECK (per_minute > 0),
    spread_s      integer NOT NULL DEFAULT 0 CHECK (spread_s >= 0),
    holdout       double precision NOT NULL DEFAULT 0 CHECK (holdout >= 0 AND holdout < 1),
    status        text NOT NULL CHECK (status IN ('planned', 'running', 'paused', 'stopped', 'finished')),
    status_at     timestamptz NOT NULL,
    planned_at    timestamptz NOT NULL,
    planned_by    text NOT NULL,
    launched_at   timestamptz,
    ended_at      timestamptz,
    waiting_for   text,
    waits_until   timestamptz,
    error         text,
    CHECK ((status IN ('stopped', 'finished')) = (ended_at IS NOT NULL)),
    CHECK (status = 'planned' OR launched_at IS NOT NULL OR status = 'stopped')
);
COMMENT ON TABLE campaign IS 'An audience sent into a journey, with a cost, a goal and an owner. Its counts are queries over its members and their runs.';
COMMENT ON COLUMN campaign.audience IS 'The question that chose the members, kept for whoever asks later; the members themselves are frozen.';
COMMENT ON COLUMN campaign.per_minute IS 'Pace of enrolment; NULL as fast as the workers go.';
COMMENT ON COLUMN campaign.waiting_for IS 'What its workflow waits for (law 7); NULL when only a person can go on: planned, paused, at its end.';
COMMENT ON COLUMN campaign.spread_s IS 'First steps are spread over so many seconds, so that equal timers do not fire together.';

ALTER TABLE enrolment ADD COLUMN campaign_id uuid REFERENCES campaign;
-- campaign_progress: its runs, and those to end when it stops
CREATE INDEX enrolment_campaign ON enrolment (campaign_id, status) WHERE campaign_id IS NOT NULL;

CREATE TABLE campaign_member (
    campaign_id   uuid NOT NULL REFERENCES campaign,
    no            integer NOT NULL CHECK (no > 0),
    lead_id       uuid NOT NULL REFERENCES lead,
    arm           text NOT NULL CHECK (arm IN ('enrol', 'holdout')),
    decided_at    timestamptz,
    enrolment_id  uuid REFERENCES enrolment,
    left_out      text,
    PRIMARY KEY (campaign_id, no),
    UNIQUE (campaign_id, lead_id),
    CHECK (enrolment_id IS NULL OR decided_at IS NOT NULL),
    CHECK (left_out IS NULL OR (decided_at IS NOT NULL AND enrolment_id IS NULL))
);
COMMENT ON TABLE campaign_member IS 'The frozen audience. decided_at says that enrolment has come by: either a run, or why not (a closed list of codes), or held out.';
-- next_members: where enrolment goes on
CREATE INDEX campaign_member_next ON campaign_member (campaign_id, no) WHERE decided_at IS NULL;
-- held_of_lead, and whose campaigns a lead was in
CREATE INDEX campaign_member_lead ON campaign_member (lead_id);

CREATE TABLE campaign_cost (
    campaign_id  uuid NOT NULL REFERENCES campaign,
    no           integer NOT NULL CHECK (no > 0),
    at           timestamptz NOT NULL,
    amount       numeric(14, 2) NOT NULL,
    currency     text NOT NULL,
    what         text NOT NULL,
    entered_by   text NOT NULL,
    PRIMARY KEY (campaign_id, no)
);
COMMENT ON TABLE campaign_cost IS 'What a campaign cost, a row for each bill; a correction is another row, also a negative one.';

ALTER TABLE deal ALTER COLUMN amount DROP NOT NULL;
ALTER TABLE deal ALTER COLUMN currency DROP NOT NULL;
ALTER TABLE deal ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}';
ALTER TABLE deal ADD CONSTRAINT deal_money_has_currency CHECK (amount IS NULL OR currency IS NOT NULL);
COMMENT ON COLUMN deal.amount IS 'NULL: nobody told; never 0 for that.';

-- Law 6: the one place that says what stops a mail, asked by planning, claiming and by the mark before the dot.
-- A view that takes the instant, because SQL never asks the clock for business time (law 11).
CREATE OR REPLACE FUNCTION vetoes(at timestamptz)
RETURNS TABLE (message_id uuid, code text, detail text)
LANGUAGE sql STABLE AS $$
    SELECT m.message_id, said.code, said.detail
      FROM message m
      LEFT JOIN lead l ON l.lead_id = m.lead_id AND m.owner_id IS NULL
      LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
     CROSS JOIN LATERAL (
           SELECT 'suppressed' AS code, s.reason AS detail
             FROM suppression s
            WHERE s.lifted_at IS NULL AND s.scope = 'address' AND s.value = l.email
              AND (s.purpose IS NULL OR (s.purpose = m.purpose AND m.mail_class = 'marketing'))
           UNION ALL
           SELECT 'suppressed', s.reason
             FROM suppression s
            WHERE s.lifted_at IS NULL AND s.scope = 'domain' AND s.value = split_part(l.email, '@', 2)
              AND (s.purpose IS NULL OR (s.purpose = m.purpose AND m.mail_class = 'marketing'))
           UNION ALL
           SELECT 'no_address', 'the lead has no mail address'
            WHERE m.owner_id IS NULL AND l.email IS NULL
           UNION ALL
           SELECT 'no_basis', 'no permission of the kinds ' || array_to_string(m.needs_basis, ', ')
            WHERE m.needs_basis IS NOT NULL
              AND NOT EXISTS (
                  SELECT FROM basis b
                   WHERE b.lead_id = m.lead_id AND b.purpose = m.purpose AND b.channel = 'mail'
                     AND b.kind = ANY (m.needs_basis) AND b.at <= vetoes.at
                     AND (b.until IS NULL OR b.until > vetoes.at)
                     AND (b.revoked_at IS NULL OR b.revoked_at > vetoes.at))
           UNION ALL
           SELECT 'exited', COALESCE(e.outcome, 'the run ended')
            WHERE e.status = 'exited'
           UNION ALL
           SELECT 'decided', 'the hand-off is ' || h.state
             FROM hand_off h
            WHERE h.hand_off_id = m.hand_off_id
              AND m.step IN ('offer', 'remind') AND (h.state <> 'offered' OR h.assignment_no <> m.visit)
           UNION ALL
           SELECT 'held', 'sales is in conversation with the company'
            WHERE m.mail_class = 'marketing' AND m.owner_id IS NULL AND e.prospect
              AND (EXISTS (SELECT FROM hand_off h
                            WHERE h.lead_id = m.lead_id
                              AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL)))
                OR EXISTS (SELECT FROM hand_off h
                            WHERE h.account_id = l.account_id
                              AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL)))
                OR EXISTS (SELECT FROM deal d WHERE d.lead_id = m.lead_id AND d.stage = 'open')
                OR EXISTS (SELECT FROM deal d WHERE d.account_id = l.account_id AND d.stage = 'open'))
           UNION ALL
           SELECT CASE c.status WHEN 'paused' THEN 'held' ELSE 'exited' END, 'its campaign is ' || c.status
             FROM campaign c
            WHERE c.campaign_id = e.campaign_id AND m.owner_id IS NULL AND c.status IN ('paused', 'stopped')
           UNION ALL
           SELECT 'fenced', 'the database was restored: an operator must advance the epoch'
             FROM fence f
            WHERE m.claim_epoch IS NOT NULL AND m.claim_epoch <> f.epoch
           UNION ALL
           SELECT 'stopped', n.paused_why
             FROM lane n
            WHERE n.lane = m.lane AND n.paused_why IS NOT NULL) said
$$;

-- A page of drafts claims the keys of its people, in one order, before it writes them: checked at the commit.
ALTER TABLE identity_key ALTER CONSTRAINT identity_key_lead_id_fkey DEFERRABLE INITIALLY DEFERRED;

-- A relay that takes nothing at all is left alone for a while, without burning the tries of every mail.
ALTER TABLE lane ADD COLUMN rests_until timestamptz, ADD COLUMN rests_why text;
COMMENT ON COLUMN lane.rests_until IS 'The relay takes nothing at all: until then nothing of the lane is due. rests_why is what it said.';

-- Lanes go from turn to turn by an index: a page costs the same whether forty mails are due or fifty thousand.
ALTER TABLE message ADD COLUMN turn text NOT NULL DEFAULT 'hand-off';
UPDATE message m SET turn = e.journey FROM enrolment e WHERE e.enrolment_id = m.enrolment_id;
COMMENT ON COLUMN message.turn IS 'Whose turn it takes in its lane: its campaign''s, else its journey''s, else that of hand-offs.';
-- due_messages: what a lane takes of each turn
CREATE INDEX message_turn ON message (lane, priority, turn, slot_at, message_id) WHERE status IN ('reserved', 'deferred');

CREATE OR REPLACE VIEW claimable AS
SELECT m.message_id, m.lane, m.slot_at, m.priority, m.enrolment_id, m.mail_class, m.lead_id, m.owner_id,
       GREATEST(m.slot_at, n.rests_until) AS due_at, m.turn
  FROM message m
  JOIN lane n ON n.lane = m.lane
 WHERE m.status IN ('reserved', 'deferred') AND n.paused_why IS NULL;

-- vetoes: does sales talk with this person
CREATE INDEX hand_off_talks ON hand_off (lead_id) WHERE state = 'offered' OR (state = 'accepted' AND closed_at IS NULL);
