-- name: appeal_of
-- The appeal of a rejection.
SELECT a.hand_off_id, a.raised_by, a.raised_at, a.words, a.state, a.asked, a.asked_at, a.decide_by, a.passed_on_at,
       a.decided_by, a.decided_at, a.answer, a.goes_to, a.new_hand_off_id
  FROM appeal a
 WHERE a.hand_off_id = :hand_off_id;

-- name: insert_appeal
-- One appeal for each rejection: who comes second is told.
INSERT INTO appeal (hand_off_id, raised_by, raised_at, words, state, asked, asked_at, decide_by)
VALUES (:hand_off_id, :raised_by, :at, :words, 'open', :asked, :at, :decide_by)
    ON CONFLICT (hand_off_id) DO NOTHING
RETURNING hand_off_id;

-- name: ask_next
-- Nobody decided in time.
UPDATE appeal SET asked = :asked, asked_at = :at, decide_by = :decide_by, passed_on_at = :at
 WHERE hand_off_id = :hand_off_id AND state = 'open';

-- name: end_appeal
-- The compare-and-set: a decision and the clock race here, and one wins.
UPDATE appeal
   SET state = :state, decided_by = :by, decided_at = :at, answer = :words, goes_to = :to
 WHERE hand_off_id = :hand_off_id AND state = 'open'
RETURNING hand_off_id;

-- name: appeal_becomes
-- The offer it is now.
UPDATE appeal SET new_hand_off_id = :new_hand_off_id WHERE hand_off_id = :hand_off_id;

-- name: appeals
-- Open ones by their clock, then the others, the newest first.
SELECT a.hand_off_id, a.raised_by, a.raised_at, a.words, a.state, a.asked, a.asked_at, a.decide_by, a.passed_on_at,
       a.decided_by, a.decided_at, a.answer, a.goes_to, a.new_hand_off_id,
       h.kind, h.lead_id, h.reason, h.reason_text, h.decided_by AS turned_down_by, h.pool,
       COALESCE(h.closed_at, h.decided_at) AS turned_down_at, o.handle AS owner,
       l.first_name, l.last_name, COALESCE(c.name, l.company) AS company, COALESCE(l.country, c.country) AS country
  FROM appeal a
  JOIN hand_off h ON h.hand_off_id = a.hand_off_id
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account c ON c.account_id = l.account_id
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE (:hand_off_id::uuid IS NULL OR a.hand_off_id = :hand_off_id)
 ORDER BY a.state <> 'open', CASE WHEN a.state = 'open' THEN a.decide_by END, a.decided_at DESC, a.hand_off_id
 LIMIT :page_limit::integer;

-- name: turned_down
-- What reps gave back with a reason since then, and nobody appealed: what marketing may appeal still.
SELECT h.hand_off_id, h.kind, h.lead_id, h.reason, h.reason_text, h.decided_by AS turned_down_by, h.pool,
       COALESCE(h.closed_at, h.decided_at) AS turned_down_at, o.handle AS owner,
       l.first_name, l.last_name, COALESCE(c.name, l.company) AS company, COALESCE(l.country, c.country) AS country
  FROM hand_off h
  JOIN lead l ON l.lead_id = h.lead_id AND l.erased_at IS NULL
  LEFT JOIN account c ON c.account_id = l.account_id
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.reason IS NOT NULL AND COALESCE(h.closed_at, h.decided_at) >= :since
   AND (h.state <> 'accepted' OR h.closed_at IS NOT NULL)
   AND NOT EXISTS (SELECT FROM appeal a WHERE a.hand_off_id = h.hand_off_id)
   AND (:hand_off_id::uuid IS NULL OR h.hand_off_id = :hand_off_id)
 ORDER BY turned_down_at DESC, h.hand_off_id
 LIMIT :page_limit::integer;

-- name: overdue_appeals
-- The sweep of appeals: a clock passed unnoticed.
SELECT hand_off_id FROM appeal WHERE state = 'open' AND decide_by < :overdue_since ORDER BY decide_by LIMIT :page_limit::integer;
