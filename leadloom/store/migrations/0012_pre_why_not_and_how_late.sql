-- By step: what became of each visit, and how late it was; and whose turn a mail takes, which was not written for a while.

-- due_messages: mails that are still to go take turns again
UPDATE message m
   SET turn = CASE WHEN m.owner_id IS NULL THEN COALESCE('campaign/' || e.campaign_id, e.journey) ELSE 'hand-off' END
  FROM enrolment e
 WHERE e.enrolment_id = m.enrolment_id AND m.status IN ('reserved', 'deferred', 'held');

ALTER TABLE message
    ADD COLUMN due_at timestamptz,
    ADD COLUMN late_why text CHECK (late_why IN ('window', 'cap', 'held', 'stopped', 'relay', 'backlog', 'worker')),
    ADD COLUMN slot_codes text[] NOT NULL DEFAULT '{}';
UPDATE message SET due_at = slot_at WHERE status IN ('reserved', 'deferred', 'held', 'claimed', 'at_dot');
COMMENT ON COLUMN message.due_at IS 'Where the transaction that asked for it put it: how late it went counts from here. NULL for mail of before.';
COMMENT ON COLUMN message.late_why IS 'The first thing that made it later than due_at, as far as it is known.';
COMMENT ON COLUMN message.slot_codes IS 'slot_why from a closed list: window, day_off, cap, company_cap.';

ALTER TABLE lane ADD COLUMN looked_at timestamptz;
COMMENT ON COLUMN lane.looked_at IS 'The instant of its last claim: mail that was due before it and is still there had to wait behind other mail. -infinity while an operator stops the lane.';

ALTER TABLE step_log
    ADD COLUMN ended text CHECK (ended IN ('passed', 'skipped', 'expired', 'failed')),
    ADD COLUMN arrived_at timestamptz,
    ADD COLUMN due_at timestamptz;
COMMENT ON COLUMN step_log.ended IS 'How the visit to the step ended, on the row that ended it; NULL on all others.';
COMMENT ON COLUMN step_log.due_at IS 'When the run should have arrived at the step, beside when it did; on the row that ended the visit. NULL in rows of before.';
UPDATE step_log s
   SET ended = CASE WHEN s.did LIKE 'expired: %' THEN 'expired'
                    WHEN s.did LIKE 'failed, so %' THEN 'failed'
                    WHEN s.did LIKE 'the mail % isn''t needed: %' THEN 'skipped'
                    ELSE 'passed' END
  FROM (SELECT enrolment_id, no, step, visit, lead(step) OVER run AS next_step, lead(visit) OVER run AS next_visit
          FROM step_log
        WINDOW run AS (PARTITION BY enrolment_id ORDER BY no)) gone
 WHERE s.enrolment_id = gone.enrolment_id AND s.no = gone.no
   AND gone.next_step IS NOT NULL AND (gone.next_step, gone.next_visit) <> (gone.step, gone.visit);

-- steps_of_version: the runs of one version of a journey
CREATE INDEX enrolment_version ON enrolment (journey_hash);
