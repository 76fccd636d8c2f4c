-- name: held_paces
-- How far the rates of a page are taken, held so that lanes count one after the other. New ones are missing.
SELECT bucket, free_at
  FROM pace
 WHERE bucket = ANY (:buckets::text[])
 ORDER BY bucket
   FOR UPDATE;

-- name: take_paces
-- As far as this page takes them; never back, should two lanes have met a new one.
INSERT INTO pace (bucket, free_at)
SELECT u.bucket, u.free_at
  FROM unnest(:buckets::text[], :free_ats::timestamptz[]) AS u (bucket, free_at)
 ORDER BY u.bucket
    ON CONFLICT (bucket) DO UPDATE
   SET free_at = GREATEST(pace.free_at, EXCLUDED.free_at);

-- name: held_warm_days
-- What sender domains that warm up have sent today, held.
SELECT w.domain, w.sent
  FROM warm_day w
  JOIN unnest(:domains::text[], :days::date[]) AS u (domain, day) ON w.domain = u.domain AND w.day = u.day
 ORDER BY w.domain
   FOR UPDATE OF w;

-- name: warm_days_before
-- What sender domains that warm up have sent on each earlier day, from the day on from which it counts.
SELECT w.domain, array_agg(w.sent ORDER BY w.day) AS sents
  FROM warm_day w
  JOIN unnest(:domains::text[], :firsts::date[]) AS u (domain, first) ON w.domain = u.domain AND w.day >= u.first
 WHERE w.day < :today
 GROUP BY w.domain;

-- name: take_warm_days
-- Count what goes now.
INSERT INTO warm_day (domain, day, sent)
SELECT u.domain, u.day, u.sent
  FROM unnest(:domains::text[], :days::date[], :sents::integer[]) AS u (domain, day, sent)
 ORDER BY u.domain
    ON CONFLICT (domain, day) DO UPDATE
   SET sent = warm_day.sent + EXCLUDED.sent;

-- name: keep_back
-- Due, and not yet: it waits for its place in the pace, its domain's next day, or a relay that rests. No try is burnt.
UPDATE message m
   SET not_before = u.until, slot_at = u.until, kept_why = u.code, paced_at = u.paced_at,
       late_why = COALESCE(m.late_why, 'pace')
  FROM unnest(:message_ids::uuid[], :untils::timestamptz[], :codes::text[], :paced_ats::timestamptz[])
       AS u (message_id, until, code, paced_at)
 WHERE m.message_id = u.message_id;

-- name: forget_kept
-- Kept back for long, and due again: it is planned anew, and asks for its place again.
UPDATE message
   SET kept_why = NULL
 WHERE message_id = ANY (:message_ids::uuid[]) AND kept_why IS NOT NULL AND paced_at IS NULL;

-- name: resting_routes
-- Groups that took nothing when last tried.
SELECT relay, provider, rests_until, why, since, failures
  FROM route
 ORDER BY relay, provider;

-- name: rest_route
-- A group takes nothing: it rests, longer each time it was tried in vain after a rest. Twice for one failure is once.
INSERT INTO route (relay, provider, rests_until, why, since, by_mail)
VALUES (:relay, :provider, :until, :why, :at, :by_mail)
    ON CONFLICT (relay, provider) DO UPDATE
   SET rests_until = EXCLUDED.rests_until, why = EXCLUDED.why, failures = route.failures + 1, by_mail = EXCLUDED.by_mail
 WHERE route.rests_until <= :at;

-- name: forget_routes
-- They take mail again. What came back by mail against a group outlasts that its relay takes mail of the same minute.
DELETE FROM route r
 USING unnest(:relays::text[], :providers::text[]) AS u (relay, provider)
 WHERE r.relay = u.relay AND r.provider = u.provider AND NOT (r.by_mail AND r.rests_until > :at);

-- name: resume_route
-- An operator says that the relay, and all behind it, may be tried.
DELETE FROM route
 WHERE relay = :relay;

-- name: try_routes_again
-- An operator lets mail go on: no group is left alone for what it said before.
DELETE FROM route;

-- name: hasten_kept
-- What waits for a relay that takes mail again is due now; answers the lanes that must hear it.
UPDATE message
   SET not_before = :at, slot_at = :at
 WHERE is_waiting AND status = 'reserved' AND kept_why = 'relay_rests' AND slot_at > :at
RETURNING lane;

-- name: forget_paces
-- Buckets that are free for a day say nothing any more; there is one for each firm that was written to.
DELETE FROM pace
 WHERE free_at < :before;

-- name: stopped_senders
-- Sender domains that complaints have stopped.
SELECT domain
  FROM sender_domain
 WHERE stopped_at IS NOT NULL
 ORDER BY domain;
