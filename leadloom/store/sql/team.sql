-- name: team_desks
-- What lies on each desk now; `today` counts offers since the beginning of their own day.
SELECT told.handle,
       count(h.hand_off_id) FILTER (WHERE h.state = 'offered') AS offered,
       count(h.hand_off_id) FILTER (WHERE h.state = 'accepted') AS accepted,
       count(h.hand_off_id) FILTER (WHERE h.state = 'accepted' AND h.first_try_at IS NULL) AS untried,
       (SELECT count(*) FROM assignment a WHERE a.owner_id = o.owner_id AND a.at >= told.since) AS today
  FROM unnest(:owners::text[], :since::timestamptz[]) AS told (handle, since)
  JOIN owner o ON o.handle = told.handle
  LEFT JOIN hand_off h
    ON h.owner_id = o.owner_id AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL))
 GROUP BY told.handle, told.since, o.owner_id;

-- name: team_open
-- The sums of open work: what waits for an answer, what of it is past its hour, what lies in a pool or waits for room.
SELECT count(*) FILTER (WHERE state = 'offered') AS offered,
       count(*) FILTER (WHERE state = 'offered' AND accept_by < :at) AS overdue,
       count(*) FILTER (WHERE state = 'offered' AND owner_id IS NULL AND room_by IS NULL) AS in_pools,
       count(*) FILTER (WHERE state = 'offered' AND room_by IS NOT NULL) AS waiting_for_room,
       count(*) FILTER (WHERE state = 'accepted') AS untried,
       count(*) FILTER (WHERE state = 'accepted' AND first_try_by < :at) AS untried_overdue
  FROM hand_off
 WHERE state = 'offered' OR (state = 'accepted' AND first_try_at IS NULL AND closed_at IS NULL);

-- name: team_offers
-- Open offers that may be given to somebody else, those first whose time runs out first; of one owner, or of some ids.
SELECT h.hand_off_id, h.kind, h.assignment_no, o.handle AS owner, h.pool, h.accept_by, h.room_by, h.why,
       h.lead_id, l.first_name, l.last_name, l.email, COALESCE(a.name, l.company) AS company,
       COALESCE(h.first_try_at >= h.offered_at, FALSE) AS is_worked,
       count(*) OVER () AS total
  FROM hand_off h
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.state = 'offered'
   AND (:owner::text IS NULL OR o.handle = :owner)
   AND (:ids::uuid[] IS NULL OR h.hand_off_id = ANY (:ids))
 ORDER BY COALESCE(h.accept_by, h.room_by), h.hand_off_id
 LIMIT :page_limit::integer;

-- name: team_states
-- Where some open offers stand: what their clocks would do when somebody is away.
SELECT h.hand_off_id, h.kind, h.state, o.handle AS owner, h.pool, h.assignment_no, h.level, h.opened_at, h.room_by,
       h.offered_at, h.accept_by, h.accept_in, h.reminded_at, h.decided_at, h.first_try_by, h.first_try_in,
       h.first_try_at, h.escalated_at
  FROM hand_off h
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.hand_off_id = ANY (:ids::uuid[]) AND h.state = 'offered';

-- name: team_told
-- When each hand-off began and when the first notice of it left our hands: the system's clock.
SELECT h.hand_off_id, h.opened_at AS asked_at,
       (SELECT min(m.sent_at)
          FROM message m
         WHERE m.hand_off_id = h.hand_off_id AND m.step = 'offer' AND m.sent_at <= :as_of) AS told_at
  FROM hand_off h
 WHERE h.opened_at <= :as_of
   AND (:since::timestamptz IS NULL OR h.decided_at IS NULL OR h.decided_at >= :since);

-- name: team_decided
-- What was decided in a period, with why it was given back and what had brought the lead: its last campaign, else its
-- source.
SELECT h.hand_off_id, h.decided_at, l.source,
       CASE WHEN h.state <> 'accepted' OR h.closed_at <= :as_of THEN h.reason END AS reason,
       (SELECT c.name
          FROM campaign_member m
          JOIN campaign c ON c.campaign_id = m.campaign_id
         WHERE m.lead_id = h.lead_id AND m.enrolment_id IS NOT NULL AND m.decided_at <= h.opened_at
         ORDER BY m.decided_at DESC, c.name
         LIMIT 1) AS campaign
  FROM hand_off h
  JOIN lead l ON l.lead_id = h.lead_id
 WHERE h.decided_at <= :as_of
   AND (:since::timestamptz IS NULL OR h.decided_at >= :since)
 ORDER BY h.decided_at, h.hand_off_id;

-- name: team_away
-- Who is away now or will be, soonest first.
SELECT handle, from_at, until_at
  FROM owner_absence
 WHERE until_at > :at
 ORDER BY from_at, handle
 LIMIT 200;

-- name: absence
-- One absence, to be ended.
SELECT handle, from_at, until_at
  FROM owner_absence
 WHERE handle = :handle AND from_at = :from_at
   FOR UPDATE;

-- name: end_absence
-- Back earlier than told.
UPDATE owner_absence SET until_at = :until_at WHERE handle = :handle AND from_at = :from_at;

-- name: drop_absence
-- Taken back before it began.
DELETE FROM owner_absence WHERE handle = :handle AND from_at = :from_at;

-- name: offers_of_absent
-- Open offers on the desk of somebody who is away, and that nobody works: their clock would only hear of it later.
SELECT h.hand_off_id
  FROM hand_off h
  JOIN owner o ON o.owner_id = h.owner_id
  JOIN owner_absence a ON a.handle = o.handle AND a.from_at <= :at AND a.until_at > :at
 WHERE h.state = 'offered' AND h.blocked_at IS NULL AND h.offered_at IS NOT NULL
   AND (h.first_try_at IS NULL OR h.first_try_at < h.offered_at)
   AND (:owner::text IS NULL OR o.handle = :owner)
 ORDER BY h.hand_off_id
 LIMIT :page_limit::integer;

-- name: held_by_absent
-- Leads in the hands of somebody who is away, or whom the definition no longer names: offered or in conversation.
SELECT h.hand_off_id, h.state, o.handle AS owner, h.lead_id, l.first_name, l.last_name, l.email,
       COALESCE(a.name, l.company) AS company, count(*) OVER () AS total
  FROM hand_off h
  JOIN owner o ON o.owner_id = h.owner_id
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL))
   AND (o.handle <> ALL (:known::text[])
        OR EXISTS (SELECT FROM owner_absence w WHERE w.handle = o.handle AND w.from_at <= :at AND w.until_at > :at))
 ORDER BY o.handle, h.hand_off_id
 LIMIT :page_limit::integer;
