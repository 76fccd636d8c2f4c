-- name: stuck_runs
-- Law 7 for runs: open, and blocked, or waiting for nothing that has a name and a deadline, or past the deadline.
SELECT 'run' AS noun, enrolment_id::text AS id, lead_id, journey AS what, waiting_for, waits_until,
       CASE WHEN blocked_at IS NOT NULL THEN 'blocked: ' || COALESCE(error, 'no error was kept')
            WHEN waiting_for IS NULL OR waits_until IS NULL THEN 'waits for nothing with a name and a deadline'
            ELSE 'its deadline passed and nothing happened' END AS why,
       (SELECT c.name FROM campaign c WHERE c.campaign_id = enrolment.campaign_id) AS campaign
  FROM enrolment
 WHERE status = 'active'
   AND (blocked_at IS NOT NULL OR waiting_for IS NULL OR waits_until IS NULL OR waits_until < :overdue_since)
 ORDER BY COALESCE(blocked_at, waits_until), enrolment_id;

-- name: stuck_hand_offs
-- Law 7 for hand-offs: undecided, or accepted with the clock of its first try running.
SELECT 'hand-off' AS noun, hand_off_id::text AS id, lead_id, kind AS what, waiting_for, waits_until,
       CASE WHEN blocked_at IS NOT NULL THEN 'blocked: ' || COALESCE(error, 'no error was kept')
            WHEN waiting_for IS NULL OR waits_until IS NULL THEN 'waits for nothing with a name and a deadline'
            ELSE 'its clock passed and nothing happened' END AS why
  FROM hand_off
 WHERE (blocked_at IS NOT NULL AND closed_at IS NULL)
    OR (state = 'offered' AND (waiting_for IS NULL OR waits_until IS NULL OR waits_until < :overdue_since))
    OR (state = 'accepted' AND first_try_at IS NULL AND closed_at IS NULL AND waits_until < :overdue_since)
    OR EXISTS (SELECT FROM appeal a WHERE a.hand_off_id = hand_off.hand_off_id AND a.state = 'open'
                  AND a.decide_by < :overdue_since)
 ORDER BY COALESCE(blocked_at, waits_until), hand_off_id;

-- name: stuck_stages
-- Law 7 for SLA stages: a promise without a deadline, or past it.
SELECT 'stage' AS noun, lead_id || '/' || track AS id, lead_id, stage AS what, waiting_for, waits_until,
       CASE WHEN waiting_for IS NULL OR waits_until IS NULL THEN 'waits for nothing with a name and a deadline'
            ELSE 'its promise is broken and nobody asked about it' END AS why
  FROM lead_stage
 WHERE (stage = ANY (:sla_stages::text[]) AND (waiting_for IS NULL OR waits_until IS NULL)
   AND NOT EXISTS (SELECT FROM lead l WHERE l.lead_id = lead_stage.lead_id AND l.erased_at IS NOT NULL))
    OR (waits_until < :overdue_since
   AND NOT EXISTS (SELECT FROM lead_clock c WHERE c.lead_id = lead_stage.lead_id AND c.due_at >= :overdue_since
                      AND c.kind LIKE '%:' || lead_stage.track))
 ORDER BY waits_until, lead_id, track;

-- name: stuck_clocks
-- A clock of a lead's lifecycle that came due and was not heard.
SELECT 'clock' AS noun, lead_id || '/' || kind AS id, lead_id, kind AS what, kind AS waiting_for, due_at AS waits_until,
       'it came due and nobody heard it' AS why
  FROM lead_clock
 WHERE due_at < :overdue_since
 ORDER BY due_at, lead_id, kind;

-- name: stuck_messages
-- Mail that is due and that its lane doesn't take. A paused lane is a person's decision, shown as such elsewhere.
SELECT 'mail' AS noun, c.message_id::text AS id, m.lead_id, m.mail AS what, 'lane ' || c.lane AS waiting_for,
       c.slot_at AS waits_until, 'its slot passed and its lane did not take it' AS why,
       (SELECT n.name FROM campaign n JOIN enrolment e ON e.campaign_id = n.campaign_id
         WHERE e.enrolment_id = m.enrolment_id) AS campaign
  FROM claimable c
  JOIN message m ON m.message_id = c.message_id
 WHERE c.slot_at < :overdue_since
 ORDER BY c.slot_at, c.message_id;

-- name: stuck_campaigns
-- Law 7 for campaigns that run, or end the runs of a stopped one: blocked, or waiting for nothing, or past it.
SELECT 'campaign' AS noun, campaign_id::text AS id, NULL::uuid AS lead_id, name AS what, waiting_for, waits_until,
       CASE WHEN error IS NOT NULL THEN 'blocked: ' || error
            WHEN waiting_for IS NULL OR waits_until IS NULL THEN 'waits for nothing with a name and a deadline'
            ELSE 'its next look is overdue and nothing happened' END AS why, name AS campaign
  FROM campaign
 WHERE error IS NOT NULL
    OR (status = 'running' AND (waiting_for IS NULL OR waits_until IS NULL))
    OR waits_until < :overdue_since
 ORDER BY waits_until, campaign_id;

-- name: stuck_pauses
-- A paused journey holds everybody in it: past the day of its review nobody has said that it shall last.
SELECT 'pause' AS noun, pause_id::text AS id, NULL::uuid AS lead_id, journey AS what,
       'somebody to review the pause' AS waiting_for, review_at AS waits_until,
       'paused by ' || paused_by || ', and the day of its review has passed' AS why
  FROM journey_pause
 WHERE resumed_at IS NULL AND review_at < :at
 ORDER BY review_at, pause_id;

-- name: journey_of_campaign
-- Whose pause holds a campaign.
SELECT journey FROM campaign WHERE name = :name;

-- name: unowned_leads
-- Leads that sales should have: past the gate or in a promise, with neither owner nor an open hand-off.
SELECT s.lead_id, s.track, s.stage, s.since
  FROM lead_stage s
  JOIN lead l ON l.lead_id = s.lead_id
 WHERE s.stage = ANY (:owned_stages::text[])
   AND l.owner_id IS NULL
   AND l.erased_at IS NULL
   AND NOT EXISTS (SELECT FROM hand_off h WHERE h.lead_id = s.lead_id AND h.state = 'offered')
   AND NOT EXISTS (SELECT FROM hand_off_member m
                     JOIN hand_off h ON h.hand_off_id = m.hand_off_id
                    WHERE m.lead_id = s.lead_id AND h.state = 'offered')
 ORDER BY s.since, s.lead_id;
