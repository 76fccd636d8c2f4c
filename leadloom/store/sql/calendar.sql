-- name: lock_accounts_of_leads
-- The hour's cap and the one open hand-off of a company are decided by one transaction at a time; after the leads' rows.
SELECT pg_advisory_xact_lock(company.key)
  FROM (SELECT DISTINCT hashtextextended(account_id::text, 1) AS key
          FROM lead
         WHERE lead_id = ANY (:lead_ids::uuid[]) AND account_id IS NOT NULL
         ORDER BY key) company;

-- name: lock_accounts_alone
-- The same locks, for companies that are known by themselves: their leads may have no row yet.
SELECT pg_advisory_xact_lock(company.key)
  FROM (SELECT DISTINCT hashtextextended(account_id::text, 1) AS key
          FROM unnest(:account_ids::uuid[]) AS asked (account_id)
         ORDER BY key) company;

-- name: hold_lanes_of_leads
-- Keeps the lanes of some people's mail from parking while it is planned; and whether any of it is held.
SELECT pg_advisory_xact_lock_shared(held.key), held.some_held
  FROM (SELECT hashtextextended(lane, 2) AS key, bool_or(status = 'held') AS some_held
          FROM message
         WHERE lead_id = ANY (:lead_ids::uuid[]) AND owner_id IS NULL AND status IN ('reserved', 'deferred', 'held')
         GROUP BY key
         ORDER BY key) held;

-- name: release_ended_holds_of_leads
-- A hold that ended lets the mail be planned again from now on; asked at each planning, so no release is missed.
UPDATE message m
   SET status = 'reserved', not_before = GREATEST(m.not_before, planned.at), reason = NULL,
       late_why = CASE WHEN planned.at > m.due_at THEN COALESCE(m.late_why, 'held') ELSE m.late_why END
  FROM unnest(:lead_ids::uuid[], :ats::timestamptz[]) AS planned (lead_id, at)
 WHERE m.lead_id = planned.lead_id
   AND m.status = 'held'
   AND NOT EXISTS (SELECT FROM vetoes(planned.at) v WHERE v.message_id = m.message_id AND v.code = 'held');

-- name: unclaimed_of_leads
-- The wishes: what is still to be planned for each person. What a lane claims or settles just now is left to it, and
-- counted as taken: planners wait for no lane, so that neither ever waits for the other in a circle.
SELECT message_id, lead_id, step, visit, mail_class, topic, priority, asked_at, not_before, deadline, jitter_s, slot_at,
       slot_why, slot_codes, zone, lane, status
  FROM message
 WHERE lead_id = ANY (:lead_ids::uuid[]) AND owner_id IS NULL AND status IN ('reserved', 'deferred')
 ORDER BY message_id
   FOR UPDATE SKIP LOCKED;

-- name: taken_of_leads
-- Capped mails of some people and of everybody at their companies. What stands was got, or may be coming right now: an
-- uncertain mail counts as received; the rest is planned and may move.
SELECT message_id, lead_id, account_id, mail_class, topic, COALESCE(sent_at, dot_at, slot_at) AS at,
       status IN ('claimed', 'at_dot', 'sent', 'uncertain') AS stands
  FROM message
 WHERE (lead_id = ANY (:lead_ids::uuid[]) OR account_id = ANY (:account_ids::uuid[]))
   AND owner_id IS NULL
   AND mail_class = ANY (:capped::text[])
   AND status IN ('claimed', 'at_dot', 'sent', 'uncertain', 'reserved', 'deferred')
   AND COALESCE(sent_at, dot_at, slot_at) > :since;

-- name: move_slot
-- A slot is a promise that may move, as long as nobody has claimed the row. It says why it is no earlier one; what the
-- transaction commits that asked for the mail is when it is due, and of what makes it later the first is kept.
UPDATE message
   SET slot_at = :slot_at, slot_why = :slot_why, slot_codes = :slot_codes, zone = :zone, zone_by = :zone_by,
       due_at = CASE WHEN :is_new::boolean THEN :slot_at ELSE due_at END,
       late_why = CASE WHEN :is_new OR :slot_at <= due_at THEN late_why ELSE COALESCE(late_why, :late_why) END
 WHERE message_id = :message_id AND status IN ('reserved', 'deferred');

-- name: expire_message
-- Pushed past its deadline: it expires with the reason, never in silence.
UPDATE message
   SET status = 'expired', reason = :reason, settled_at = :at
 WHERE message_id = :message_id AND status IN ('reserved', 'deferred', 'held');

-- name: free_leads
-- Of these leads those nobody holds, held: whose mail waited too long (a lane that slept, or was behind) is planned anew.
SELECT l.lead_id
  FROM lead l
 WHERE l.lead_id = ANY (:lead_ids::uuid[])
 ORDER BY l.lead_id
   FOR NO KEY UPDATE SKIP LOCKED;

-- name: held_leads_of_company
-- Whose mail may be free again when a company's conversation ended. Skips who is being planned: they release themselves.
SELECT l.lead_id
  FROM lead l
 WHERE (l.lead_id = :lead_id OR l.account_id = (SELECT account_id FROM lead WHERE lead_id = :lead_id))
   AND EXISTS (SELECT FROM message m WHERE m.lead_id = l.lead_id AND m.status = 'held')
 ORDER BY l.lead_id
   FOR NO KEY UPDATE SKIP LOCKED;

-- name: leads_with_ended_holds
-- The sweep of holds: mail nobody holds any more, or held past its deadline.
SELECT l.lead_id
  FROM lead l
 WHERE l.lead_id IN (SELECT m.lead_id
                       FROM message m
                      WHERE m.status = 'held' AND m.is_undecided
                        AND (m.deadline <= :at
                         OR NOT EXISTS (SELECT FROM vetoes(:at) v
                                         WHERE v.message_id = m.message_id AND v.code = 'held'))
                      LIMIT :page_limit::integer)
 ORDER BY l.lead_id
   FOR NO KEY UPDATE SKIP LOCKED;

-- name: expire_held_of_leads
-- A hold that outlasted the mail's worth: it expires with the reason, as what is pushed past its deadline does.
UPDATE message
   SET status = 'expired', reason = :reason, settled_at = :at
 WHERE lead_id = ANY (:lead_ids::uuid[]) AND status = 'held' AND deadline <= :at;
