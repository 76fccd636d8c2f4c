-- name: report_ways
-- Each lead's entries to stages in one track, in the order of its log, with what reports tell leads apart by: what
-- funnel and velocity are read from. One pass over the log; everything else is joined once per lead, not asked per lead.
SELECT way.lead_id,
       l.source,
       COALESCE(l.country, a.country) AS country,
       o.handle AS owner,
       a.industry,
       COALESCE(sent.campaigns, '{}') AS campaigns,
       way.stages,
       way.ats,
       way.definition_versions,
       way.days_only,
       way.placed,
       COALESCE(back.reasons, '{}') AS reject_reasons,
       COALESCE(came.imported_at > way.ats[1], false) AS history
  FROM (SELECT c.lead_id,
               array_agg(c.to_stage ORDER BY c.no) AS stages,
               array_agg(c.at ORDER BY c.no) AS ats,
               array_agg(c.definition_version ORDER BY c.no) AS definition_versions,
               array_agg(COALESCE(c.evidence ->> 'precision' = 'day', false) ORDER BY c.no) AS days_only,
               array_agg(c.reason = 'imported' ORDER BY c.no) AS placed
          FROM stage_change c
         WHERE c.track = :track
           AND c.at <= :as_of
         GROUP BY c.lead_id) way
  JOIN lead l ON l.lead_id = way.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
  LEFT JOIN owner o ON o.owner_id = l.owner_id
  LEFT JOIN (SELECT m.lead_id,
                    array_agg(c.name ORDER BY c.name) AS campaigns
               FROM campaign_member m
               JOIN campaign c ON c.campaign_id = m.campaign_id
              WHERE m.enrolment_id IS NOT NULL
                AND m.decided_at <= :as_of
              GROUP BY m.lead_id) sent
    ON sent.lead_id = way.lead_id
  LEFT JOIN (SELECT h.lead_id,
                    array_agg(DISTINCT h.reason) AS reasons
               FROM hand_off h
              WHERE h.track = :track
                AND h.reason IS NOT NULL
                AND h.decided_at <= :as_of
              GROUP BY h.lead_id) back
    ON back.lead_id = way.lead_id
  LEFT JOIN (SELECT r.lead_id,
                    min(i.started_at) AS imported_at
               FROM import_row r
               JOIN import i ON i.import_id = r.import_id
              WHERE r.outcome = 'new'
              GROUP BY r.lead_id) came
    ON came.lead_id = way.lead_id
 ORDER BY way.lead_id;

-- name: report_touches_of_leads
-- All touches by humans with the lead they belong to: a machine's click earns nobody credit.
SELECT lead_id, at, credit
  FROM event
 WHERE credit IS NOT NULL
   AND verdict = 'human'
   AND at <= :as_of
 ORDER BY lead_id, at, no;

-- name: report_first_acceptances
-- Every lead known by then, and when a rep first accepted it: the anchor of a lead's class.
SELECT l.lead_id,
       l.source,
       COALESCE(l.country, a.country) AS country,
       o.handle AS owner,
       a.industry,
       COALESCE(sent.campaigns, '{}') AS campaigns,
       accepted.at AS accepted_at
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
  LEFT JOIN owner o ON o.owner_id = l.owner_id
  LEFT JOIN (SELECT m.lead_id,
                    array_agg(c.name ORDER BY c.name) AS campaigns
               FROM campaign_member m
               JOIN campaign c ON c.campaign_id = m.campaign_id
              WHERE m.enrolment_id IS NOT NULL
                AND m.decided_at <= :as_of
              GROUP BY m.lead_id) sent
    ON sent.lead_id = l.lead_id
  LEFT JOIN (SELECT c.lead_id,
                    min(c.at) AS at
               FROM stage_change c
              WHERE c.to_stage = :accepted
                AND c.at <= :as_of
              GROUP BY c.lead_id) accepted
    ON accepted.lead_id = l.lead_id
 WHERE l.created_at <= :as_of
 ORDER BY l.lead_id;

-- name: report_deals_known
-- All deals created by then, each with its buying group: its lead and the leads of its company. Where its lead came
-- from is told by the deal's own lead, the company by the deal's own company, else by its lead's.
SELECT d.deal_id,
       d.external_id,
       d.currency,
       d.amount,
       d.created_at,
       d.stage,
       d.closed_at,
       l.source,
       COALESCE(l.country, a.country) AS country,
       o.handle AS owner,
       a.industry,
       COALESCE((SELECT array_agg(c.name ORDER BY c.name)
                   FROM campaign_member m
                   JOIN campaign c ON c.campaign_id = m.campaign_id
                  WHERE m.lead_id = d.lead_id
                    AND m.enrolment_id IS NOT NULL
                    AND m.decided_at <= :as_of), '{}') AS campaigns,
       (SELECT COALESCE(array_agg(u.lead_id), '{}')
          FROM (SELECT d.lead_id
                 WHERE d.lead_id IS NOT NULL
                 UNION
                SELECT mate.lead_id
                  FROM lead mate
                 WHERE mate.account_id = d.account_id) u) AS buying_group
  FROM deal d
  LEFT JOIN lead l ON l.lead_id = d.lead_id
  LEFT JOIN account a ON a.account_id = COALESCE(d.account_id, l.account_id)
  LEFT JOIN owner o ON o.owner_id = d.owner_id
 WHERE d.created_at <= :as_of
 ORDER BY d.created_at, d.external_id;

-- name: report_hand_offs_offered
-- All hand-offs offered by then (and not before `since`, where it is told), with the calendar of their owner and what
-- their notice and lead had. What was decided before `since` was offered before it: most of the past is never looked at.
SELECT h.hand_off_id,
       h.kind,
       h.state,
       h.decided_at,
       h.first_try_at,
       h.escalated_at,
       h.reason,
       o.calendar,
       h.why NOT IN ('[]'::jsonb, '{}'::jsonb, 'null'::jsonb) AS has_why,
       COALESCE(first_offer.at, h.offered_at, h.opened_at) AS offered_at,
       l.source,
       l.email,
       COALESCE((l.attributes -> 'had_work_mail')::boolean, false) AS had_work_mail,
       COALESCE(l.company, a.name) AS company,
       COALESCE(l.country, a.country) AS country,
       l.role
  FROM hand_off h
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
  LEFT JOIN owner o ON o.owner_id = h.owner_id
  LEFT JOIN LATERAL (SELECT min(s.at) AS at FROM assignment s WHERE s.hand_off_id = h.hand_off_id) first_offer ON true
 WHERE COALESCE(first_offer.at, h.offered_at, h.opened_at) <= :as_of
   AND (:since::timestamptz IS NULL
        OR ((h.decided_at IS NULL OR h.decided_at >= :since)
            AND COALESCE(first_offer.at, h.offered_at, h.opened_at) >= :since))
 ORDER BY offered_at, h.hand_off_id;

-- name: report_tries
-- How often owners tried to reach the leads they had accepted since then, and when they first did: a promise of sales.
SELECT h.hand_off_id,
       h.closed_at,
       COALESCE(array_agg(e.at ORDER BY e.at) FILTER (WHERE e.kind = 'attempt_made'), '{}') AS made_at,
       min(e.at) FILTER (WHERE e.kind <> 'attempt_made' OR (e.data ->> 'reached')::boolean) AS reached_at
  FROM hand_off h
  LEFT JOIN event e
    ON e.lead_id = h.lead_id
   AND e.kind = ANY (:kinds::text[])
   AND e.at BETWEEN h.opened_at AND LEAST(COALESCE(h.closed_at, :as_of::timestamptz), :as_of)
 WHERE h.state = 'accepted'
   AND h.decided_at <= :as_of
   AND (:since::timestamptz IS NULL OR h.decided_at >= :since)
 GROUP BY h.hand_off_id, h.closed_at;

-- name: report_score_entries_of_leads
-- The whole score log by lead: engagement at any instant is the decayed sum of these rows.
SELECT lead_id, event_no, kind, points, at, part, category, expires_at, known_at
  FROM score_entry
 WHERE at <= :as_of
 ORDER BY lead_id, event_no, part;

-- name: report_mails_per_day
-- Mails to leads that left our hands, by UTC day: the pulse of the house, owner notices left out.
SELECT (sent_at AT TIME ZONE 'UTC')::date AS day,
       count(*) AS mails
  FROM message
 WHERE status = 'sent'
   AND sent_at <= :as_of
   AND owner_id IS NULL
 GROUP BY day
 ORDER BY day;
