-- name: add_stages
-- The stages of a launch; the first is open.
INSERT INTO campaign_stage (campaign_id, no, upto, wait_s, opened_at, opened_by)
SELECT :campaign_id::uuid, r.no, r.upto, r.wait_s, CASE WHEN r.no = 1 THEN :at::timestamptz END,
       CASE WHEN r.no = 1 THEN :by::text END
  FROM jsonb_to_recordset(:rows::jsonb) AS r (no integer, upto integer, wait_s integer);

-- name: stages_of_campaigns
-- In which stages their audiences come in.
SELECT campaign_id, no, upto, wait_s, opened_at, opened_by, reached_at
  FROM campaign_stage
 WHERE campaign_id = ANY (:campaign_ids::uuid[])
 ORDER BY campaign_id, no;

-- name: open_upto
-- How far the stages that are open reach; everybody, for a campaign without stages.
SELECT COALESCE((SELECT max(s.upto) FILTER (WHERE s.opened_at IS NOT NULL)
                   FROM campaign_stage s WHERE s.campaign_id = :campaign_id), 2147483647);

-- name: open_stage
-- The next stage comes in from now on.
UPDATE campaign_stage
   SET opened_at = :at,
       opened_by = :by
 WHERE campaign_id = :campaign_id
   AND no = :no
   AND opened_at IS NULL;

-- name: reach_stage
-- Its last member is decided: from here its wait counts.
UPDATE campaign_stage
   SET reached_at = :at
 WHERE campaign_id = :campaign_id
   AND no = :no
   AND reached_at IS NULL;

-- name: results_of_campaign
-- What came of its mails, by stage and arm. An answer that names its mail counts for that one; one that names none, for
-- a campaign whose mail the lead had got by then.
WITH member AS MATERIALIZED (
    SELECT c.no, c.lead_id, c.arm, c.enrolment_id, c.decided_at,
           COALESCE((SELECT min(s.no) FROM campaign_stage s
                      WHERE s.campaign_id = c.campaign_id AND s.upto >= c.no), 1) AS stage
      FROM campaign_member c
     WHERE c.campaign_id = :campaign_id),
     mail AS (
    SELECT m.no, count(*) FILTER (WHERE l.sent_at IS NOT NULL OR l.status = 'refused') AS sent
      FROM member m
      JOIN message l ON l.enrolment_id = m.enrolment_id
     WHERE l.owner_id IS NULL
     GROUP BY m.no),
     answer AS (
    SELECT m.no,
           count(*) FILTER (WHERE e.kind = 'bounced') AS bounced,
           count(*) FILTER (WHERE e.kind = 'complained') AS complained,
           count(*) FILTER (WHERE e.kind = 'unsubscribed') AS unsubscribed,
           bool_or(e.kind = 'link_clicked')::integer AS clicked
      FROM member m
      JOIN event e ON e.lead_id = m.lead_id
     WHERE m.enrolment_id IS NOT NULL
       AND e.kind IN ('bounced', 'complained', 'unsubscribed', 'link_clicked')
       AND (e.kind <> 'link_clicked' OR e.verdict = 'human')
       AND e.at >= m.decided_at
       AND EXISTS (SELECT FROM message l
                    WHERE l.enrolment_id = m.enrolment_id
                      AND l.owner_id IS NULL
                      AND COALESCE(l.sent_at, l.settled_at) <= e.at
                      AND COALESCE(e.data ->> 'message_id', l.message_id::text) = l.message_id::text)
     GROUP BY m.no)
SELECT m.stage, m.arm, count(*) AS members, count(m.enrolment_id) AS enrolled,
       count(*) FILTER (WHERE r.outcome = 'goal') AS reached_goal,
       COALESCE(sum(mail.sent), 0)::bigint AS sent,
       COALESCE(sum(answer.bounced), 0)::bigint AS bounced,
       COALESCE(sum(answer.complained), 0)::bigint AS complained,
       COALESCE(sum(answer.unsubscribed), 0)::bigint AS unsubscribed,
       COALESCE(sum(answer.clicked), 0)::bigint AS clicked
  FROM member m
  LEFT JOIN mail ON mail.no = m.no
  LEFT JOIN answer ON answer.no = m.no
  LEFT JOIN enrolment r ON r.enrolment_id = m.enrolment_id
 GROUP BY m.stage, m.arm
 ORDER BY m.stage, m.arm;

-- name: campaigns_in_trouble
-- Of running campaigns, all or one: mails that came back or were called spam since somebody last let it run, of how
-- many. Begins with the few that came back, so that a sweep may ask often.
WITH back AS MATERIALIZED (
    SELECT c.campaign_id, c.name, c.status_at, e.enrolment_id, v.kind
      FROM campaign c
      JOIN event v ON v.kind IN ('bounced', 'complained') AND v.at >= c.status_at
      JOIN enrolment e ON e.lead_id = v.lead_id AND e.campaign_id = c.campaign_id
     WHERE c.status = 'running'
       AND (:campaign_id::uuid IS NULL OR c.campaign_id = :campaign_id)
       AND EXISTS (SELECT FROM message m
                    WHERE m.enrolment_id = e.enrolment_id
                      AND m.owner_id IS NULL
                      AND COALESCE(m.sent_at, m.settled_at) BETWEEN c.status_at AND v.at
                      AND COALESCE(v.data ->> 'message_id', m.message_id::text) = m.message_id::text))
SELECT b.campaign_id, b.name,
       count(*) FILTER (WHERE b.kind = 'bounced') AS bounced,
       count(*) FILTER (WHERE b.kind = 'complained') AS complained,
       (SELECT count(*)
          FROM enrolment e
          JOIN message m ON m.enrolment_id = e.enrolment_id
         WHERE e.campaign_id = b.campaign_id
           AND m.owner_id IS NULL
           AND (m.sent_at >= b.status_at OR (m.status = 'refused' AND m.settled_at >= b.status_at))) AS sent
  FROM back b
 GROUP BY b.campaign_id, b.name, b.status_at;

-- name: hold_campaign
-- It paused by itself: the mark before the dot refuses its mails from this commit on, as after any pause.
UPDATE campaign
   SET status = 'paused',
       status_at = :at,
       held_because = :why,
       waiting_for = NULL,
       waits_until = NULL
 WHERE campaign_id = :campaign_id
   AND status = 'running'
RETURNING campaign_id;
