-- name: found_turns
-- Each member has a row before it is locked; a member for the first time begins with nothing given and nothing due.
INSERT INTO pool_turn (pool, owner)
SELECT :pool, unnest(:owners::text[])
    ON CONFLICT (pool, owner) DO NOTHING;

-- name: lock_turns
-- Held until the lead is dealt: two leads at once must not both be the same member's turn.
SELECT owner, given, due
  FROM pool_turn
 WHERE pool = :pool
 ORDER BY owner
   FOR UPDATE;

-- name: all_turns
-- For pages and for routing that is only played.
SELECT pool, owner, given, due
  FROM pool_turn
 ORDER BY pool, owner;

-- name: write_turns
-- What the members of a pool have had and were due, after the lead was dealt.
UPDATE pool_turn t
   SET given = told.given, due = told.due
  FROM unnest(:owners::text[], :given::integer[], :due::double precision[]) AS told (owner, given, due)
 WHERE t.pool = :pool AND t.owner = told.owner;

-- name: work_of_members
-- What each has had since their day began, and what they have in hand.
SELECT told.handle,
       (SELECT count(*) FROM assignment a WHERE a.owner_id = o.owner_id AND a.at >= told.since) AS today,
       (SELECT count(*)
          FROM hand_off h
         WHERE h.owner_id = o.owner_id AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL))
       ) AS open
  FROM unnest(:owners::text[], :since::timestamptz[]) AS told (handle, since)
  JOIN owner o ON o.handle = told.handle;

-- name: waits_for_room
-- Somebody has room again: whoever has waited longest looks first.
SELECT hand_off_id
  FROM hand_off
 WHERE room_by IS NOT NULL AND state = 'offered' AND pool = ANY (:pools::text[])
 ORDER BY opened_at, hand_off_id
 LIMIT 1;

-- name: give_room
-- Somebody of the pool has room: the offer follows in the same transaction.
UPDATE hand_off
   SET owner_id = :owner_id, room_by = NULL
 WHERE hand_off_id = :hand_off_id AND state = 'offered' AND room_by IS NOT NULL;
