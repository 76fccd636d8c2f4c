-- name: hand_off_facts
-- The hand-offs that cards are about, each with the handle of its owner.
SELECT h.hand_off_id, h.lead_id, h.kind, h.asked_by, h.why, h.definition_version, h.state, o.handle AS owner, h.owner_id,
       h.pool, h.assignment_no, h.level, h.opened_at, h.accept_by, h.first_try_by, h.first_try_at, h.decided_at, h.decided_by,
       h.decided_via,
       EXISTS (SELECT FROM message m
                WHERE m.hand_off_id = h.hand_off_id AND m.step = 'offer' AND m.visit = h.assignment_no
                  AND (m.status IN ('uncertain', 'refused')
                    OR EXISTS (SELECT FROM mail_return r WHERE r.message_id = m.message_id AND r.kind = 'bounce')))
           AS notice_in_doubt
  FROM hand_off h
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.hand_off_id = ANY (:hand_off_ids::uuid[]);

-- name: last_touches_of_leads
-- What some people did last, by themselves, and about what: the context of a hand-off.
SELECT asked.lead_id, e.at, e.kind, COALESCE(e.data ->> 'site', '') AS site, COALESCE(e.data ->> 'piece', '') AS piece,
       COALESCE(e.data ->> 'to', e.data ->> 'page', '') AS to, COALESCE(e.data ->> 'question', '') AS question
  FROM unnest(:lead_ids::uuid[]) AS asked (lead_id)
 CROSS JOIN LATERAL (
       SELECT at, no, kind, data
         FROM event
        WHERE lead_id = asked.lead_id AND credit IS NOT NULL AND verdict = 'human' AND at <= :at
        ORDER BY at DESC, no DESC
        LIMIT :each::integer) AS e
 ORDER BY asked.lead_id, e.at DESC, e.no DESC;

-- name: readers
-- Whom a page of mails goes to, as much as mails say.
SELECT l.lead_id, l.email, l.first_name, l.last_name, l.company, l.role, l.country, l.language, l.time_zone,
       a.name AS account, l.attributes
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE l.lead_id = ANY (:lead_ids::uuid[]);

-- name: variable_sources
-- What the variables of mails may say of their readers: the lead's own fields win over attributes of the same name.
SELECT l.lead_id,
       l.attributes || jsonb_strip_nulls(jsonb_build_object(
           'first_name', l.first_name, 'last_name', l.last_name, 'company', l.company, 'country', l.country,
           'role', l.role, 'title', l.title, 'time_zone', l.time_zone, 'language', l.language,
           'source', l.source)) AS lead,
       CASE WHEN a.account_id IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
           'name', a.name, 'domain', a.domain, 'industry', a.industry, 'sites', a.sites, 'country', a.country))
       END AS account
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE l.lead_id = ANY (:lead_ids::uuid[]);

-- name: campaign_values
-- What the campaign says that brought these mails' runs.
SELECT m.message_id, c.values
  FROM message m
  JOIN enrolment e ON e.enrolment_id = m.enrolment_id
  JOIN campaign c ON c.campaign_id = e.campaign_id
 WHERE m.message_id = ANY (:message_ids::uuid[]);

-- name: last_told_of_leads
-- What each lead told us in their last event of each kind: mails quote it.
SELECT DISTINCT ON (lead_id, kind) lead_id, kind, data
  FROM event
 WHERE lead_id = ANY (:lead_ids::uuid[]) AND kind = ANY (:kinds::text[]) AND verdict = 'human' AND at <= :at
 ORDER BY lead_id, kind, at DESC, no DESC;

-- name: owner_in_charge
-- Who signs as the lead's own owner: whose deal with their company is open, else who has the lead, else to whom it is
-- offered now.
SELECT COALESCE(sells.handle, has.handle, offered.handle) AS handle
  FROM lead l
  LEFT JOIN LATERAL (
       SELECT o.handle
         FROM deal d
         JOIN owner o ON o.owner_id = d.owner_id
        WHERE d.stage = 'open' AND (d.lead_id = l.lead_id OR d.account_id = l.account_id)
        ORDER BY d.lead_id = l.lead_id DESC NULLS LAST, d.created_at DESC, d.deal_id
        LIMIT 1) sells ON true
  LEFT JOIN owner has ON has.owner_id = l.owner_id
  LEFT JOIN LATERAL (
       SELECT o.handle
         FROM hand_off h
         JOIN owner o ON o.owner_id = h.owner_id
        WHERE h.state = 'offered'
          AND (h.lead_id = l.lead_id
               OR EXISTS (SELECT FROM hand_off_member m WHERE m.hand_off_id = h.hand_off_id AND m.lead_id = l.lead_id))
        ORDER BY h.opened_at DESC
        LIMIT 1) offered ON true
 WHERE l.lead_id = :lead_id;
