-- name: lead_of_said_company
-- Of a company told by name or domain, the person we heard from last; companies that are another never.
SELECT l.lead_id
  FROM account a
  JOIN lead l ON l.account_id = a.account_id AND l.erased_at IS NULL
 WHERE lower(a.name) = lower(:said) OR a.domain = lower(:said)
 ORDER BY (SELECT max(e.at) FROM event e WHERE e.lead_id = l.lead_id AND e.actor = 'lead') DESC NULLS LAST, l.lead_id
 LIMIT 1;

-- name: talk_of_lead
-- Where what was raised is now: the newest open hand-off of theirs, of one they came along with, or of their company's.
SELECT h.hand_off_id, h.lead_id, h.state
  FROM hand_off h
  JOIN lead l ON l.lead_id = :lead_id
 WHERE (h.lead_id = l.lead_id OR h.account_id = l.account_id
        OR EXISTS (SELECT FROM hand_off_member m WHERE m.hand_off_id = h.hand_off_id AND m.lead_id = l.lead_id))
   AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL))
 ORDER BY h.lead_id = l.lead_id DESC, h.opened_at DESC, h.hand_off_id
 LIMIT 1;

-- name: add_why
-- What was heard besides, for whoever has it: on the card and in notices still to come.
UPDATE hand_off SET why = why || jsonb_build_array(:words::text) WHERE hand_off_id = :hand_off_id;

-- name: insert_support_request
-- Twice is once: the id is the caller's.
INSERT INTO support_request (request_id, lead_id, hand_off_id, deal_id, raised_by, raised_at, about, said)
VALUES (:request_id, :lead_id, :hand_off_id, :deal_id, :raised_by, :at, :about, :said)
    ON CONFLICT (request_id) DO NOTHING;

-- name: support_requests
-- What was raised and what became of it, the newest first; of one who raised it, or of all.
SELECT r.request_id, r.lead_id, r.hand_off_id, r.deal_id, r.raised_by, r.raised_at, r.about, r.said,
       l.first_name, l.last_name, COALESCE(a.name, l.company) AS company, COALESCE(l.country, a.country) AS country,
       h.state, h.accept_by, h.first_try_by, h.first_try_at, h.decided_at, h.decided_by, h.closed_at, h.reason, h.reason_text,
       h.recycle_until, h.pool, o.handle AS owner, d.stage AS deal_stage, dealer.handle AS deal_owner,
       later.deal_won_at
  FROM support_request r
  JOIN lead l ON l.lead_id = r.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
  LEFT JOIN hand_off h ON h.hand_off_id = r.hand_off_id
  LEFT JOIN owner o ON o.owner_id = h.owner_id
  LEFT JOIN deal d ON d.deal_id = r.deal_id
  LEFT JOIN owner dealer ON dealer.owner_id = d.owner_id
  LEFT JOIN LATERAL (SELECT max(w.closed_at) AS deal_won_at
                       FROM deal w
                      WHERE (w.lead_id = r.lead_id OR w.account_id = l.account_id)
                        AND w.stage = 'won' AND w.closed_at >= r.raised_at) later ON true
 WHERE (:raised_by::text IS NULL OR r.raised_by = :raised_by)
   AND (:request_id::uuid IS NULL OR r.request_id = :request_id)
 ORDER BY r.raised_at DESC, r.request_id
 LIMIT :page_limit::integer;

-- name: raisers_of_hand_off
-- Who waits to hear how it ended.
SELECT DISTINCT raised_by FROM support_request WHERE hand_off_id = :hand_off_id ORDER BY raised_by;
