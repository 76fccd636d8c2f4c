-- name: fence_here
-- The restore epoch, where its database was when workers last sent from it, and where it is.
SELECT epoch, house, house() AS here
  FROM fence;

-- name: bind_fence
-- The first claim of a new database says where it is.
UPDATE fence
   SET house = house()
 WHERE house IS NULL;

-- name: advance_fence
-- After a restore: every claim and worker of before is shut out, and mail may leave from here.
UPDATE fence
   SET epoch = epoch + 1, house = house()
RETURNING epoch;

-- name: doubt_after_restore
-- What was under way or due in the backup may have gone since: nobody sends it before somebody knows.
UPDATE message
   SET status = 'uncertain', dot_at = COALESCE(dot_at, slot_at), kept_why = NULL, paced_at = NULL,
       reason = 'the database was restored: it may have gone since the backup'
 WHERE status IN ('claimed', 'at_dot') OR (status IN ('reserved', 'deferred') AND slot_at <= :at)
RETURNING message_id;

-- name: keep_accepted
-- What a relay's log says it has taken.
INSERT INTO accepted_before (wire_key, told_at)
SELECT DISTINCT key, :at::timestamptz
  FROM unnest(:wire_keys::text[]) AS key
    ON CONFLICT (wire_key) DO NOTHING;

-- name: accepted_of
-- Of these mails, those the relay has.
SELECT wire_key
  FROM accepted_before
 WHERE wire_key = ANY (:wire_keys::text[]);

-- name: settle_accepted
-- Claimed, and the relay's log has it already: a restored run asked for it once more.
UPDATE message
   SET status = 'sent', sent_at = LEAST(slot_at, :at), settled_at = :at,
       reason = 'relay log: it went before the database was restored'
 WHERE message_id = ANY (:message_ids::uuid[]) AND status = 'claimed';

-- name: release_unaccepted
-- The relay's log covers the time and doesn't have them: they never went, and are due.
UPDATE message
   SET status = 'reserved', not_before = :at, slot_at = :at, claim = NULL, claim_epoch = NULL, wall_claimed_at = NULL,
       dot_at = NULL, reason = NULL
 WHERE message_id = ANY (:message_ids::uuid[]) AND status = 'uncertain'
RETURNING message_id, lane;

-- name: lanes_of_mails
-- Which lanes must be held before these are due again.
SELECT DISTINCT lane
  FROM message
 WHERE message_id = ANY (:message_ids::uuid[]);
