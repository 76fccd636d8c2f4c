-- name: ensure_lane
-- A lane exists from the first mail that needs it; it begins parked, so that mail's nudge starts it.
INSERT INTO lane (lane, per_second)
VALUES (:lane, :per_second)
ON CONFLICT (lane) DO NOTHING;

-- name: hold_lanes_shared
-- Planners hold their lanes shared until they commit: parking waits for them, so no wake-up is lost.
SELECT pg_advisory_xact_lock_shared(held.key)
  FROM (SELECT DISTINCT hashtextextended(lane, 2) AS key FROM unnest(:lanes::text[]) AS lane ORDER BY key) held;

-- name: hold_lane_alone
-- Parking holds the lane alone: every planner it could miss has committed.
SELECT pg_advisory_xact_lock(hashtextextended(:lane::text, 2));

-- name: next_claimable
-- When the lane's next mail is due, by the claim's own predicate.
SELECT due_at
  FROM claimable
 WHERE lane = :lane
 ORDER BY slot_at
 LIMIT 1;

-- name: park_lane
-- The lane sleeps until then; NULL is until it is nudged.
UPDATE lane
   SET parked = true, parked_until = :until
 WHERE lane = :lane;

-- name: unpark_lane
-- The lane is draining and will look at all due rows before it parks: nobody needs to nudge it. A rest that is over is
-- forgotten. Answers when it looked last, and until when it rested: that tells why mail is late.
UPDATE lane n
   SET parked = false, parked_until = NULL,
       rests_until = CASE WHEN n.rests_until > :at THEN n.rests_until END,
       rests_why = CASE WHEN n.rests_until > :at THEN n.rests_why END,
       looked_at = CASE WHEN n.paused_why IS NULL THEN GREATEST(n.looked_at, :at) ELSE n.looked_at END
  FROM (SELECT lane, looked_at, rests_until FROM lane WHERE lane = :lane FOR UPDATE) before
 WHERE n.lane = before.lane
RETURNING before.looked_at AS looked_before, before.rests_until AS rested_until;

-- name: rest_lane
-- The relay takes nothing now: nothing of the lane is due before then.
UPDATE lane
   SET rests_until = :until, rests_why = :why
 WHERE lane = :lane;

-- name: lanes_sleeping_past
-- Lanes that would sleep through one of these slots.
SELECT n.lane
  FROM lane n
  JOIN unnest(:lanes::text[], :slots::timestamptz[]) AS planned (lane, slot_at) ON planned.lane = n.lane
 WHERE n.parked
   AND n.paused_why IS NULL
   AND (n.parked_until IS NULL OR GREATEST(planned.slot_at, n.rests_until) < n.parked_until)
 GROUP BY n.lane
 ORDER BY n.lane;

-- name: get_lane
-- How fast a lane sends, and whether somebody stopped it.
SELECT lane, per_second, parked, parked_until, paused_why, rests_until, rests_why
  FROM lane
 WHERE lane = :lane;

-- name: all_lanes
-- Every lane with what waits in it: the operator's list.
SELECT n.lane, n.per_second, n.parked, n.parked_until, n.paused_why, n.rests_until, n.rests_why,
       (SELECT count(*) FROM message m WHERE m.lane = n.lane AND m.is_waiting) AS waiting
  FROM lane n
 ORDER BY n.lane;

-- name: pause_lane
-- Stops claims and, through the veto view, marks before the dot; who lets it go on lets it try at once.
UPDATE lane
   SET paused_why = :why, rests_until = NULL, rests_why = NULL,
       looked_at = CASE WHEN :why::text IS NULL THEN looked_at ELSE '-infinity' END
 WHERE lane = :lane
RETURNING lane;

-- name: set_lane_rate
-- Rate is the lane's own.
UPDATE lane
   SET per_second = :per_second
 WHERE lane = :lane
RETURNING lane;

-- name: lanes_overdue
-- Lanes with mail that was due long ago and isn't paused: their workflow, or its Temporal, was lost.
SELECT DISTINCT n.lane
  FROM lane n
  JOIN claimable c ON c.lane = n.lane
 WHERE n.paused_why IS NULL AND c.due_at < :overdue_since
 ORDER BY n.lane;
