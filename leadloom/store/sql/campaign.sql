-- name: plan_campaign
-- A campaign before its audience is known; a name is used once.
INSERT INTO campaign (
       campaign_id, name, journey, goal, owner_id, audience, per_minute, spread_s, holdout, status, status_at,
       planned_at, planned_by, free_because, expected, on_gap, arms, values)
SELECT :campaign_id, :name, :journey, :goal, o.owner_id, :audience, :per_minute, :spread_s, :holdout, 'planned', :at,
       :at, :by, :free_because, :expected, :on_gap, :arms, :values
  FROM owner o
 WHERE o.handle = :owner
    ON CONFLICT DO NOTHING
RETURNING campaign_id;

-- name: freeze_audience
-- The audience, numbered, in one statement: whoever comes later is not in it. A lead's arm is where a fraction made of
-- the two ids falls among the edges (domain/campaigns/arms.py draws the same, a test compares them). Their order is
-- drawn likewise, so that the first of them, a stage, are a fair sample of all.
INSERT INTO campaign_member (campaign_id, no, lead_id, arm)
SELECT :campaign_id::uuid,
       row_number() OVER (ORDER BY sha256(convert_to(found.lead_id || '/stage/' || :campaign_id::uuid, 'UTF8'))),
       found.lead_id,
       (SELECT e.arm
          FROM unnest(:arms::text[], :below::double precision[]) WITH ORDINALITY AS e (arm, below, no)
         WHERE ('x' || substr(encode(sha256(convert_to(found.lead_id || '/arm/' || :campaign_id::uuid, 'UTF8')),
                                     'hex'), 1, 13))::bit(52)::bigint / 4503599627370496.0::double precision < e.below
         ORDER BY e.no
         LIMIT 1)
  FROM (SELECT l.lead_id
          FROM lead l
          LEFT JOIN account a ON a.account_id = l.account_id
         WHERE l.erased_at IS NULL
           AND (:sources::text[] IS NULL OR l.source = ANY (:sources))
           AND (:countries::text[] IS NULL OR upper(COALESCE(l.country, a.country)) = ANY (:countries))
           AND (:owner::text IS NULL OR l.owner_id = (SELECT o.owner_id FROM owner o WHERE o.handle = :owner))
           AND (:stages::text[] IS NULL
             OR EXISTS (SELECT FROM lead_stage s
                         WHERE s.lead_id = l.lead_id AND s.track = :track::text AND s.stage = ANY (:stages)))
           AND (:imports::uuid[] IS NULL
             OR EXISTS (SELECT FROM import_row r
                         WHERE r.lead_id = l.lead_id AND r.import_id = ANY (:imports)))
           AND /* where */ TRUE) found;

-- name: audience_page
-- Whom the same question finds now, a page behind `after`: a preview writes nothing.
SELECT l.lead_id
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE l.erased_at IS NULL
   AND (:after::uuid IS NULL OR l.lead_id > :after)
   AND (:sources::text[] IS NULL OR l.source = ANY (:sources))
   AND (:countries::text[] IS NULL OR upper(COALESCE(l.country, a.country)) = ANY (:countries))
   AND (:owner::text IS NULL OR l.owner_id = (SELECT o.owner_id FROM owner o WHERE o.handle = :owner))
   AND (:stages::text[] IS NULL
     OR EXISTS (SELECT FROM lead_stage s
                 WHERE s.lead_id = l.lead_id AND s.track = :track::text AND s.stage = ANY (:stages)))
   AND (:imports::uuid[] IS NULL
     OR EXISTS (SELECT FROM import_row r WHERE r.lead_id = l.lead_id AND r.import_id = ANY (:imports)))
   AND /* where */ TRUE
 ORDER BY l.lead_id
 LIMIT :page_limit::integer;

-- name: leads_seen
-- Leads as `leads_for_update` reads them, without holding them: a preview keeps nobody waiting.
SELECT l.lead_id, l.account_id, l.email, l.first_name, l.last_name, l.company, l.country, l.role, l.title, l.phone,
       l.time_zone, l.language, l.source, l.owner_id, l.created_at, l.attributes, l.last_event_no
  FROM lead l
 WHERE l.lead_id = ANY (:lead_ids::uuid[]);

-- name: campaigns
-- Every campaign, newest first.
SELECT c.campaign_id, c.name, c.journey, c.goal, o.handle AS owner, c.audience, c.per_minute, c.spread_s, c.holdout,
       c.status, c.status_at, c.planned_at, c.planned_by, c.launched_at, c.ended_at, c.waiting_for, c.waits_until,
       c.error, c.free_because, c.expected, c.on_gap, c.arms, c.held_because, c.values
  FROM campaign c
  JOIN owner o ON o.owner_id = c.owner_id
 ORDER BY c.planned_at DESC, c.name;

-- name: campaign_named
-- One campaign, by its id or its name.
SELECT c.campaign_id, c.name, c.journey, c.goal, o.handle AS owner, c.audience, c.per_minute, c.spread_s, c.holdout,
       c.status, c.status_at, c.planned_at, c.planned_by, c.launched_at, c.ended_at, c.waiting_for, c.waits_until,
       c.error, c.free_because, c.expected, c.on_gap, c.arms, c.held_because, c.values
  FROM campaign c
  JOIN owner o ON o.owner_id = c.owner_id
 WHERE c.campaign_id = :campaign_id OR c.name = :name;

-- name: campaign_for_update
-- One campaign, held: a pause waits for the page that is being enrolled, and the next page sees the pause. NO KEY, so
-- that runs that only refer to it aren't held up.
SELECT c.campaign_id, c.name, c.journey, c.goal, o.handle AS owner, c.audience, c.per_minute, c.spread_s, c.holdout,
       c.status, c.status_at, c.planned_at, c.planned_by, c.launched_at, c.ended_at, c.waiting_for, c.waits_until,
       c.error, c.free_because, c.expected, c.on_gap, c.arms, c.held_because, c.values
  FROM campaign c
  JOIN owner o ON o.owner_id = c.owner_id
 WHERE c.campaign_id = :campaign_id
   FOR NO KEY UPDATE OF c;

-- name: move_campaign
-- A person moved it; what an error stopped goes on from here.
UPDATE campaign
   SET status = :status,
       status_at = :at,
       launched_at = CASE WHEN :status = 'running' THEN COALESCE(launched_at, :at::timestamptz) ELSE launched_at END,
       ended_at = CASE WHEN :status IN ('stopped', 'finished') THEN :at::timestamptz END,
       waiting_for = :waiting_for,
       waits_until = :waits_until,
       error = NULL,
       held_because = NULL
 WHERE campaign_id = :campaign_id;

-- name: campaign_waits
-- What its workflow waits for, and until when.
UPDATE campaign
   SET waiting_for = :waiting_for,
       waits_until = :waits_until
 WHERE campaign_id = :campaign_id;

-- name: block_campaign
-- A look failed three times: shown with its error, until somebody resumes it.
UPDATE campaign
   SET error = :error
 WHERE campaign_id = :campaign_id
   AND (status = 'running' OR (status = 'stopped' AND waiting_for IS NOT NULL));

-- name: next_members
-- Where enrolment goes on, within the stages that are open. Asked under the campaign's lock, so a page is decided once.
SELECT no, lead_id, arm
  FROM campaign_member
 WHERE campaign_id = :campaign_id
   AND no <= :upto::integer
   AND decided_at IS NULL
 ORDER BY no
 LIMIT :page_limit::integer;

-- name: member_circumstances
-- What else decides whether leads come in: their runs of this journey, who must be left alone, whom sales talks with.
WITH member AS MATERIALIZED (
    SELECT l.lead_id, l.account_id, l.email
      FROM lead l
     WHERE l.lead_id = ANY (:lead_ids::uuid[])),
     silence AS MATERIALIZED (
    SELECT m.lead_id, s.purpose
      FROM member m
     CROSS JOIN LATERAL silences_on(m.lead_id, m.email) s
     WHERE s.topic IS NULL),
     talk AS MATERIALIZED (
    SELECT h.lead_id, h.account_id
      FROM hand_off h
     WHERE h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL)
     UNION ALL
    SELECT d.lead_id, d.account_id
      FROM deal d
     WHERE d.stage = 'open')
SELECT m.lead_id,
       EXISTS (SELECT FROM enrolment e
                WHERE e.lead_id = m.lead_id AND e.journey = :journey::text AND e.status = 'active' AND e.place = '')
           AS open_run,
       (SELECT max(e.ended_at) FROM enrolment e
         WHERE e.lead_id = m.lead_id AND e.journey = :journey AND e.place = '') AS last_ended_at,
       ARRAY(SELECT e.entered_at FROM enrolment e
              WHERE e.lead_id = m.lead_id AND e.journey = :journey) AS began,
       m.email IS NOT NULL AS has_address,
       m.lead_id IN (SELECT s.lead_id FROM silence s WHERE s.purpose IS NULL) AS silenced,
       m.lead_id IN (SELECT s.lead_id FROM silence s WHERE s.purpose = 'marketing') AS silenced_for_marketing,
       m.lead_id IN (SELECT t.lead_id FROM talk t WHERE t.lead_id IS NOT NULL)
           OR (m.account_id IS NOT NULL
          AND m.account_id IN (SELECT t.account_id FROM talk t WHERE t.account_id IS NOT NULL)) AS in_conversation,
       COALESCE((SELECT s.stage FROM lead_stage s WHERE s.lead_id = m.lead_id AND s.track = :track::text), '') AS stage
  FROM member m;

-- name: decide_members
-- Enrolment has come by: a run, or why not, or held out.
UPDATE campaign_member m
   SET decided_at = :at,
       enrolment_id = r.enrolment_id,
       left_out = r.left_out
  FROM unnest(:nos::integer[], :enrolment_ids::uuid[], :left_outs::text[]) AS r (no, enrolment_id, left_out)
 WHERE m.campaign_id = :campaign_id
   AND m.no = r.no;

-- name: campaign_has_more
-- What is left to do: members to decide, now and at all, runs to end by themselves, unclaimed mails of a stopped one.
SELECT EXISTS (SELECT FROM campaign_member m
                WHERE m.campaign_id = :campaign_id AND m.no <= :upto::integer AND m.decided_at IS NULL) AS coming,
       EXISTS (SELECT FROM campaign_member m
                WHERE m.campaign_id = :campaign_id AND m.decided_at IS NULL) AS undecided,
       EXISTS (SELECT FROM enrolment e
                WHERE e.campaign_id = :campaign_id AND e.status = 'active') AS active,
       EXISTS (SELECT FROM message m
                 JOIN enrolment e ON e.enrolment_id = m.enrolment_id
                WHERE e.campaign_id = :campaign_id AND m.status IN ('reserved', 'deferred', 'held')) AS unsent;

-- name: active_runs_of_campaign
-- A page of runs that a stop ends.
SELECT e.enrolment_id
  FROM enrolment e
 WHERE e.campaign_id = :campaign_id
   AND e.status = 'active'
 ORDER BY e.enrolment_id
 LIMIT :page_limit::integer;

-- name: cancel_mail_of_campaign
-- A page of last mails, of runs that came to their end before the stop, that nobody has claimed.
UPDATE message m
   SET status = 'cancelled',
       reason = :reason,
       settled_at = :at
 WHERE m.message_id IN (
       SELECT unsent.message_id
         FROM message unsent
         JOIN enrolment e ON e.enrolment_id = unsent.enrolment_id
        WHERE e.campaign_id = :campaign_id
          AND unsent.status IN ('reserved', 'deferred', 'held')
        LIMIT :page_limit::integer)
   AND m.status IN ('reserved', 'deferred', 'held');

-- name: held_leads_of_campaign
-- Whose mail a resumed campaign lets go again: held rows that nothing holds any more, as the sweep of holds asks, too.
SELECT DISTINCT m.lead_id
  FROM message m
  JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE m.status = 'held' AND m.is_undecided
   AND e.campaign_id = :campaign_id
   AND NOT EXISTS (SELECT FROM vetoes(:at) v WHERE v.message_id = m.message_id AND v.code = 'held')
 ORDER BY m.lead_id
 LIMIT :page_limit::integer;

-- name: under_way_of_campaign
-- What an act finds under way: runs, and mails by how far they are; those past the dot arrive whatever one does.
SELECT (SELECT count(*) FROM campaign_member m
         WHERE m.campaign_id = :campaign_id AND m.arm <> 'holdout' AND m.decided_at IS NULL) AS undecided,
       (SELECT count(*) FROM enrolment e WHERE e.campaign_id = :campaign_id AND e.status = 'active') AS runs,
       count(*) FILTER (WHERE m.status IN ('reserved', 'deferred', 'held')) AS mails,
       count(*) FILTER (WHERE m.status = 'claimed') AS claimed,
       count(*) FILTER (WHERE m.status = 'at_dot') AS at_dot,
       count(*) FILTER (WHERE m.status = 'sent') AS accepted
  FROM enrolment e
  JOIN message m ON m.enrolment_id = e.enrolment_id
 WHERE e.campaign_id = :campaign_id
   AND m.owner_id IS NULL;

-- name: overdue_campaigns
-- The sweep: running or stopping, not blocked, and past what it waits for; or all decided and the last run ended.
SELECT c.campaign_id
  FROM campaign c
 WHERE c.error IS NULL
   AND (c.waits_until < :overdue_since
     OR (c.status = 'running'
    AND NOT EXISTS (SELECT FROM campaign_member m WHERE m.campaign_id = c.campaign_id AND m.decided_at IS NULL)
    AND NOT EXISTS (SELECT FROM enrolment e WHERE e.campaign_id = c.campaign_id AND e.status = 'active')))
 ORDER BY c.waits_until, c.campaign_id
 LIMIT :page_limit::integer;

-- name: members_by_fate
-- How far enrolment has come, for each campaign asked for.
SELECT m.campaign_id, m.arm, m.decided_at IS NOT NULL AS decided, m.left_out, count(*) AS members
  FROM campaign_member m
 WHERE m.campaign_id = ANY (:campaign_ids::uuid[])
 GROUP BY m.campaign_id, m.arm, m.decided_at IS NOT NULL, m.left_out;

-- name: runs_by_fate
-- How the runs of campaigns stand, and when the next of those that wait looks again.
SELECT e.campaign_id, e.status, e.outcome, e.blocked_at IS NOT NULL AS blocked, count(*) AS runs,
       min(e.waits_until) AS next_at
  FROM enrolment e
 WHERE e.campaign_id = ANY (:campaign_ids::uuid[])
 GROUP BY e.campaign_id, e.status, e.outcome, e.blocked_at IS NOT NULL;

-- name: mails_by_fate
-- How the mails of campaigns went, and when the next is planned.
SELECT e.campaign_id, m.status, count(*) AS mails, min(m.slot_at) FILTER (WHERE m.status IN ('reserved', 'deferred'))
           AS next_at
  FROM message m
  JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE e.campaign_id = ANY (:campaign_ids::uuid[])
   AND m.owner_id IS NULL
 GROUP BY e.campaign_id, m.status;

-- name: uncertain_of_campaign
-- Each mail of the campaign that nobody knows about, oldest first.
SELECT m.message_id, m.lead_id, m.mail, m.step, m.dot_at, m.reason
  FROM message m
  JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE e.campaign_id = :campaign_id
   AND m.status = 'uncertain'
 ORDER BY m.dot_at, m.message_id;

-- name: add_campaign_cost
-- One bill, or a correction of one; numbered under the campaign's lock.
INSERT INTO campaign_cost (campaign_id, no, at, amount, currency, what, entered_by)
SELECT :campaign_id::uuid, COALESCE(max(no), 0) + 1, :at, :amount, :currency, :what, :by
  FROM campaign_cost
 WHERE campaign_id = :campaign_id::uuid
RETURNING campaign_id, no, at, amount, currency, what, entered_by;

-- name: campaign_costs
-- What campaigns cost, bill by bill.
SELECT campaign_id, no, at, amount, currency, what, entered_by
  FROM campaign_cost
 WHERE campaign_id = ANY (:campaign_ids::uuid[])
 ORDER BY campaign_id, no;

-- name: list_members
-- Members behind a figure of a campaign: who came in, who was held out, who was left out and why.
WITH found AS (
    SELECT c.name AS campaign, c.journey, m.no, m.decided_at, m.lead_id, l.first_name, l.last_name, l.email,
           COALESCE(a.name, l.company) AS company, e.status, e.outcome, e.waiting_for, turn.fate,
           (CASE :sort::text
                WHEN 'name' THEN lower(concat_ws(' ', l.first_name, l.last_name, l.email))
                WHEN 'fate' THEN turn.fate
                ELSE c.name || '/' || lpad(m.no::text, 10, '0') END) COLLATE "C" AS sort_key,
           (c.campaign_id || '/' || lpad(m.no::text, 10, '0')) COLLATE "C" AS row_id
      FROM campaign_member m
      JOIN campaign c ON c.campaign_id = m.campaign_id
      JOIN lead l ON l.lead_id = m.lead_id
      LEFT JOIN account a ON a.account_id = l.account_id
      LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
     CROSS JOIN LATERAL (SELECT CASE WHEN m.arm = 'holdout' THEN 'held_out'
                                     WHEN m.decided_at IS NULL THEN 'undecided'
                                     ELSE COALESCE(m.left_out, 'enrolled') END AS fate) turn
     WHERE (:campaign::text IS NULL OR c.name = :campaign)
       AND (:arm::text IS NULL OR m.arm = :arm)
       AND (:stage::integer IS NULL
         OR :stage = COALESCE((SELECT min(s.no) FROM campaign_stage s
                                WHERE s.campaign_id = m.campaign_id AND s.upto >= m.no), 1))
       AND (:fate::text IS NULL
         OR turn.fate = :fate
         OR (:fate = 'left_out' AND m.left_out IS NOT NULL)))
SELECT campaign, journey, no, fate, decided_at, lead_id, first_name, last_name, email, company, status, outcome,
       waiting_for, sort_key, row_id, (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;

-- name: campaign_is_free
-- Why nothing is paid for it.
UPDATE campaign
   SET free_because = :because
 WHERE campaign_id = :campaign_id;
