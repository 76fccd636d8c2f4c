-- A mail's mark and its settlement touch no index: what indexes ask of its state stands in columns that these two don't
-- change. So an update stays on its page (decision 0031). Which mails a claim took is a row of its own for the sweeps.

CREATE TABLE lane_claim (
    claim       uuid PRIMARY KEY,
    wall_at     timestamptz NOT NULL,
    message_ids uuid[] NOT NULL
);
COMMENT ON TABLE lane_claim IS 'A page of mails that a worker took, until each has left its claim: the sweeps find by it what a dead one held.';

INSERT INTO lane_claim (claim, wall_at, message_ids)
SELECT claim, min(wall_claimed_at), array_agg(message_id)
  FROM message
 WHERE status IN ('claimed', 'at_dot') AND claim IS NOT NULL AND wall_claimed_at IS NOT NULL
 GROUP BY claim;

DROP VIEW claimable;
DROP INDEX message_due;
DROP INDEX message_turn;
DROP INDEX message_open_claim;

ALTER TABLE message
    ADD COLUMN is_waiting boolean NOT NULL GENERATED ALWAYS AS (status IN ('reserved', 'deferred')) STORED,
    ADD COLUMN is_undecided boolean NOT NULL GENERATED ALWAYS AS (status IN ('uncertain', 'held')) STORED;
ALTER TABLE message SET (fillfactor = 70);

COMMENT ON COLUMN message.is_waiting IS 'For indexes, which would make each change of status an entry in all of them if they named it.';
COMMENT ON COLUMN message.is_undecided IS 'As is_waiting: neither on its way nor ended.';

-- lane_due: what a lane drains next
CREATE INDEX message_due ON message (lane, slot_at) WHERE is_waiting;
-- due_messages: what a lane takes of each turn
CREATE INDEX message_turn ON message (lane, priority, turn, slot_at, message_id) WHERE is_waiting;
-- uncertain_messages, leads_with_ended_holds: what waits for somebody to say more
CREATE INDEX message_undecided ON message (lead_id) WHERE is_undecided;

CREATE VIEW claimable AS
SELECT m.message_id, m.lane, m.slot_at, m.priority, m.enrolment_id, m.mail_class, m.lead_id, m.owner_id,
       GREATEST(m.slot_at, n.rests_until) AS due_at, m.turn, m.kept_why IS NOT NULL AND m.paced_at IS NULL AS asks_again
  FROM message m
  JOIN lane n ON n.lane = m.lane
 WHERE m.is_waiting AND n.paused_why IS NULL;
