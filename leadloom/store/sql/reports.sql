-- name: report_ways
-- Each lead's entries to stages in one track, oldest first, with its source: what funnel and velocity are read from.
SELECT c.lead_id,
       l.source,
       array_agg(c.to_stage ORDER BY c.no) AS stages,
       array_agg(c.at ORDER BY c.no) AS ats,
       array_agg(c.definition_version ORDER BY c.no) AS definition_versions,
       COALESCE((SELECT array_agg(DISTINCT h.reason)
                   FROM hand_off h
                  WHERE h.lead_id = c.lead_id
                    AND h.track = :track
                    AND h.reason IS NOT NULL
                    AND h.decided_at <= :as_of), '{}') AS reject_reasons
  FROM stage_change c
  JOIN lead l ON l.lead_id = c.lead_id
 WHERE c.track = :track
   AND c.at <= :as_of
 GROUP BY c.lead_id, l.source
 ORDER BY c.lead_id;

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
       min(c.at) AS accepted_at
  FROM lead l
  LEFT JOIN stage_change c
    ON c.lead_id = l.lead_id
   AND c.to_stage = :accepted
   AND c.at <= :as_of
 WHERE l.created_at <= :as_of
 GROUP BY l.lead_id
 ORDER BY l.lead_id;

-- name: report_deals_known
-- All deals created by then, each with its buying group: its lead and the leads of its company.
SELECT d.deal_id,
       d.external_id,
       d.currency,
       d.amount,
       d.created_at,
       d.stage,
       d.closed_at,
       COALESCE((SELECT array_agg(l.lead_id ORDER BY l.lead_id)
                   FROM lead l
                  WHERE l.lead_id = d.lead_id
                     OR l.account_id = d.account_id), '{}') AS buying_group
  FROM deal d
 WHERE d.created_at <= :as_of
 ORDER BY d.created_at, d.external_id;

-- name: report_hand_offs_offered
-- All hand-offs offered by then, with the calendar of their owner and what their notice and lead had.
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
       COALESCE(l.company, a.name) AS company,
       COALESCE(l.country, a.country) AS country,
       l.role
  FROM hand_off h
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
  LEFT JOIN owner o ON o.owner_id = h.owner_id
  LEFT JOIN LATERAL (SELECT min(s.at) AS at FROM assignment s WHERE s.hand_off_id = h.hand_off_id) first_offer ON true
 WHERE COALESCE(first_offer.at, h.offered_at, h.opened_at) <= :as_of
 ORDER BY offered_at, h.hand_off_id;

-- name: report_score_entries_of_leads
-- The whole score log by lead: engagement at any instant is the decayed sum of these rows.
SELECT lead_id, event_no, kind, points, at
  FROM score_entry
 WHERE at <= :as_of
 ORDER BY lead_id, event_no;

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
