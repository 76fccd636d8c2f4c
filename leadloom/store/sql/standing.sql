-- name: leads_for_update
-- Holds the leads' rows, always in the same order so that two lists can't deadlock; NO KEY, so that whoever only
-- refers to a lead isn't held up.
SELECT l.lead_id, l.account_id, l.email, l.first_name, l.last_name, l.company, l.country, l.role, l.title, l.phone,
       l.time_zone, l.language, l.source, l.owner_id, l.created_at, l.attributes, l.last_event_no
  FROM lead l
 WHERE l.lead_id = ANY (:lead_ids::uuid[])
 ORDER BY l.lead_id
   FOR NO KEY UPDATE;

-- name: accounts_by_id
-- The companies of some leads.
SELECT account_id, name, domain, industry, sites, country, owner_id
  FROM account
 WHERE account_id = ANY (:account_ids::uuid[]);

-- name: circumstances_of_leads
-- What else decides about a lead: its owner, an open deal of the company, why sales last gave it back, and what was
-- found out by asking.
SELECT l.lead_id,
       (SELECT o.handle FROM owner o WHERE o.owner_id = l.owner_id) AS owner,
       EXISTS (SELECT FROM deal d
                WHERE d.stage = 'open' AND (d.lead_id = l.lead_id OR d.account_id = l.account_id)) AS open_deal,
       (SELECT h.reason
          FROM hand_off h
         WHERE h.lead_id = l.lead_id AND h.decided_at IS NOT NULL AND h.reason IS NOT NULL
         ORDER BY COALESCE(h.closed_at, h.decided_at) DESC
         LIMIT 1) AS last_reason,
       ARRAY (SELECT last.checklist || '/' || last.item
                FROM (SELECT DISTINCT ON (q.checklist, q.item) q.checklist, q.item, q.state
                        FROM checklist_answer q
                       WHERE q.lead_id = l.lead_id
                       ORDER BY q.checklist, q.item, q.no DESC) last
               WHERE last.state = 'yes') AS answered_yes
  FROM lead l
 WHERE l.lead_id = ANY (:lead_ids::uuid[]);

-- name: affairs_of_accounts
-- What goes on with the companies of leads that are about to be written: a row for each that buys from us now, and for
-- each open run of a colleague that hears of them. Each company by its index (OFFSET 0 is a fence): while there are no
-- statistics yet, a plan for all of them reads every lead.
SELECT account_id, NULL::uuid AS enrolment_id, NULL AS journey, NULL AS journey_hash, NULL AS key,
       NULL::text[] AS listens, NULL::boolean AS prospect, NULL AS workflow, NULL::timestamptz AS entered_at
  FROM deal
 WHERE stage = 'open'
   AND account_id = ANY (:account_ids::uuid[])
 UNION ALL
SELECT asked.account_id, e.enrolment_id, e.journey, e.journey_hash, e.key, e.listens, e.prospect, e.workflow,
       e.entered_at
  FROM unnest(:account_ids::uuid[]) AS asked (account_id)
 CROSS JOIN LATERAL (SELECT l.lead_id FROM lead l WHERE l.account_id = asked.account_id OFFSET 0) AS colleague
 CROSS JOIN LATERAL (
       SELECT r.enrolment_id, r.journey, r.journey_hash, r.key, r.listens, r.prospect, r.workflow, r.entered_at
         FROM enrolment r
        WHERE r.lead_id = colleague.lead_id AND r.status = 'active' AND (r.journey_hash IS NULL OR r.hears_company)
       OFFSET 0) AS e
 ORDER BY account_id, entered_at, enrolment_id;

-- name: stages_of_leads
-- Where they stand, per track.
SELECT lead_id, track, stage, since, change_no
  FROM lead_stage
 WHERE lead_id = ANY (:lead_ids::uuid[]);

-- name: score_entries_of_leads
-- All points they earned: the score is their decayed sum.
SELECT lead_id, event_no, kind, points, at, part, category, expires_at, known_at
  FROM score_entry
 WHERE lead_id = ANY (:lead_ids::uuid[])
 ORDER BY lead_id, event_no, part;

-- name: recent_events_of_leads
-- What happened since an instant, and for customers since their last won deal: numbers without holes, because an event
-- heard late has a higher number than its instant lets expect.
SELECT e.lead_id, e.no, e.kind, e.at, e.key, e.verdict, e.actor, e.channel, e.credit, e.data
  FROM event e
  JOIN (SELECT lead_id, min(no) AS no
          FROM event
         WHERE lead_id = ANY (:lead_ids::uuid[])
           AND (at >= :since OR kind = 'deal_won')
         GROUP BY lead_id) AS earliest ON earliest.lead_id = e.lead_id AND earliest.no <= e.no
 ORDER BY e.lead_id, e.no;

-- name: known_event_keys
-- Which of these keys an event has already: the same key twice is one event.
SELECT lead_id, key
  FROM event
 WHERE lead_id = ANY (:lead_ids::uuid[])
   AND key = ANY (:keys::text[]);

-- name: runs_of_leads
-- All runs of the leads, ended ones too: they decide who may come in again.
SELECT enrolment_id, lead_id, journey, journey_hash, key, place, listens, prospect, workflow, status, entered_at,
       ended_at
  FROM enrolment
 WHERE lead_id = ANY (:lead_ids::uuid[])
 ORDER BY lead_id, entered_at, enrolment_id;

-- name: runs_of_colleagues
-- Open runs of other leads of the same company that hear of these: as code, for the company, or with an exit of its own.
SELECT e.enrolment_id, l.lead_id, e.journey, e.journey_hash, e.key, e.listens, e.prospect, e.workflow, e.status
  FROM lead l
  JOIN lead colleague ON colleague.account_id = l.account_id AND colleague.lead_id <> l.lead_id
  JOIN enrolment e ON e.lead_id = colleague.lead_id AND e.status = 'active' AND (e.journey_hash IS NULL OR e.hears_company)
 WHERE l.lead_id = ANY (:lead_ids::uuid[])
 ORDER BY l.lead_id, e.entered_at, e.enrolment_id;

-- name: clocks_of_leads
-- What their lifecycles wait for.
SELECT lead_id, kind, due_at, data
  FROM lead_clock
 WHERE lead_id = ANY (:lead_ids::uuid[])
 ORDER BY lead_id, due_at, kind;
