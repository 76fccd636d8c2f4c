-- name: plan_pages_once
-- A page is a few hundred rows by their keys, whichever they are: what asks all vetoes takes milliseconds to plan anew. And
-- a plan that is kept may have been made while a table was young: it must not read all of it.
SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true);

-- name: due_messages
-- A lane's page: priority first, then by turns of campaigns and journeys, so that a large one starves no other. Goes
-- from turn to turn through message_turn and reads no more than a page of each, however many mails are due. Holds
-- nothing: who waited too long is planned anew first, and leads are locked before their mails.
WITH RECURSIVE queue AS (
    (SELECT m.priority, m.turn
       FROM message m
      WHERE m.lane = :lane AND m.is_waiting
      ORDER BY m.priority, m.turn
      LIMIT 1)
    UNION ALL
    SELECT following.priority, following.turn
      FROM queue q
     CROSS JOIN LATERAL (
           SELECT m.priority, m.turn
             FROM message m
            WHERE m.lane = :lane AND m.is_waiting
              AND (m.priority, m.turn) > (q.priority, q.turn)
            ORDER BY m.priority, m.turn
            LIMIT 1) following)
SELECT mine.message_id, mine.lead_id, mine.slot_at,
       mine.owner_id IS NULL AND (mine.slot_at < :late_before OR mine.asks_again) AS is_late
  FROM queue q
 CROSS JOIN LATERAL (
       SELECT c.message_id, c.lead_id, c.owner_id, c.slot_at, c.asks_again,
              row_number() OVER (ORDER BY c.slot_at, c.message_id) AS no
         FROM claimable c
        WHERE c.lane = :lane AND c.priority = q.priority AND c.turn = q.turn
          AND c.slot_at <= :at AND c.due_at <= :at
        ORDER BY c.slot_at, c.message_id
        LIMIT :page_limit::integer) mine
 ORDER BY q.priority, mine.no, mine.slot_at, mine.message_id
 LIMIT :page_limit::integer;

-- name: note_late
-- Why mail is late that its lane takes up only now: nobody looked since it was due, or the lane was stopped, or rested,
-- or looked and had other mail to send first.
UPDATE message m
   SET late_why = CASE WHEN l.looked_before = '-infinity' THEN 'stopped'
                       WHEN l.rested_until >= m.slot_at THEN 'relay'
                       WHEN l.looked_before >= m.slot_at THEN 'backlog'
                       ELSE 'worker' END
  FROM (SELECT :looked_before::timestamptz AS looked_before, :rested_until::timestamptz AS rested_until) l
 WHERE m.message_id = ANY (:message_ids::uuid[])
   AND m.late_why IS NULL
   AND m.due_at IS NOT NULL;

-- name: lock_due
-- Of a page those that are still due, held: planned anew, or never late. Who claims or plans one just now keeps it.
SELECT m.message_id
  FROM message m
 WHERE m.message_id = ANY (:message_ids::uuid[])
   AND m.status IN ('reserved', 'deferred')
   AND m.slot_at <= :at
   AND (m.owner_id IS NOT NULL OR (m.slot_at >= :late_before AND (m.kept_why IS NULL OR m.paced_at IS NOT NULL)))
 ORDER BY m.message_id
   FOR UPDATE SKIP LOCKED;

-- name: claim_details
-- Everything a mail needs, in the order in which it goes; the thread is what its run, or its hand-off, has sent
-- that reader before, oldest first.
SELECT m.message_id, m.enrolment_id, m.hand_off_id, m.lead_id, m.owner_id, m.step, m.visit, m.mail, m.template_hash,
       m.mail_class, m.sender, m.purpose, m.priority, m.tries, m.asked_at, m.slot_at, m.deadline, m.values,
       COALESCE(e.journey, 'hand-off') AS journey, split_part(l.email, '@', 2) AS to_domain, m.paced_at,
       CASE WHEN m.hand_off_id IS NULL
            THEN ARRAY (SELECT p.message_id
                          FROM message p
                         WHERE p.enrolment_id = m.enrolment_id AND p.message_id <> m.message_id
                           AND p.owner_id IS NOT DISTINCT FROM m.owner_id
                           AND p.status IN ('sent', 'uncertain')
                         ORDER BY COALESCE(p.sent_at, p.dot_at), p.message_id)
            ELSE ARRAY (SELECT p.message_id
                          FROM message p
                         WHERE p.hand_off_id = m.hand_off_id AND p.message_id <> m.message_id
                           AND p.owner_id = m.owner_id AND p.status IN ('sent', 'uncertain')
                         ORDER BY COALESCE(p.sent_at, p.dot_at), p.message_id)
             END AS thread
  FROM message m
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
  LEFT JOIN lead l ON l.lead_id = m.lead_id AND m.owner_id IS NULL
 WHERE m.message_id = ANY (:message_ids::uuid[])
 ORDER BY m.priority, row_number() OVER (PARTITION BY m.priority, m.turn ORDER BY m.slot_at, m.message_id),
          m.slot_at, m.message_id;

-- name: vetoes_of
-- What stops these mails now, from the one view that says so.
SELECT message_id, code, detail
  FROM vetoes(:at)
 WHERE message_id = ANY (:message_ids::uuid[])
 ORDER BY message_id, code;

-- name: claim_messages
-- Ours to send, until the durable mark or the end of the lease (wall time, like its column), with what each is made of:
-- the same bytes can be made again, and each link proves where it leads. Where that is NULL an earlier try has said it.
WITH taken AS (
    INSERT INTO lane_claim (claim, wall_at, message_ids) VALUES (:claim, :wall_at, :message_ids::uuid[])
), linked AS MATERIALIZED (
    SELECT l.no::integer AS no, ARRAY (SELECT jsonb_array_elements_text(l.links)) AS links
      FROM unnest(:links::text[]::jsonb[]) WITH ORDINALITY AS l (links, no))
UPDATE message m
   SET status = 'claimed', claim = :claim, claim_epoch = :epoch, wall_claimed_at = :wall_at, relay = u.relay,
       kept_why = NULL, paced_at = NULL, values = COALESCE(u.values::jsonb, m.values),
       wire_id = COALESCE(u.wire_id, m.wire_id), links = COALESCE(linked.links, m.links)
  FROM unnest(:message_ids::uuid[], :relays::text[], :values::text[], :wire_ids::text[], :links_nos::integer[])
       AS u (message_id, relay, values, wire_id, links_no)
  LEFT JOIN linked ON linked.no = u.links_no
 WHERE m.message_id = u.message_id;

-- name: refuse_claim
-- Not to be sent, with the reason; a held mail has not ended.
UPDATE message
   SET status = :status, reason = :reason,
       settled_at = CASE WHEN :status = 'held' THEN NULL ELSE :at::timestamptz END
 WHERE message_id = :message_id;

-- name: fence_epoch
-- The restore epoch: only workers of this one may send.
SELECT epoch FROM fence;

-- name: settle_and_mark
-- The relay took some near their slots, so they move no calendar: settled. And the durable mark before the final dot: only
-- what this claim still holds and nothing vetoes. What is missing is not sent. A mark after a mail that isn't settled here
-- waits until it is. One update does both: a second would read the table's checks and expressions again, for each group.
-- `|| ''` keeps the planner at the primary key: there, and not elsewhere, is each of these few rows.
WITH said AS MATERIALIZED (
    SELECT o.message_id, o.claim, o.reply, false AS is_mark, NULL::uuid AS after
      FROM unnest(:message_ids::uuid[], :claims::uuid[], :replies::text[]) AS o (message_id, claim, reply)
    UNION ALL
    SELECT mine.message_id, mine.claim, NULL, true, mine.after
      FROM unnest(:marks::uuid[], :mark_claims::uuid[], :afters::uuid[]) AS mine (message_id, claim, after)
), settled_later AS MATERIALIZED (
    SELECT o.message_id
      FROM unnest(:message_ids::uuid[], :claims::uuid[]) AS o (message_id, claim)
      LEFT JOIN message m ON m.message_id = o.message_id
     WHERE (m.claim = o.claim AND m.status || '' IN ('at_dot', 'uncertain')
            AND (m.owner_id IS NOT NULL OR m.slot_at >= :late_before)) IS NOT TRUE
), vetoed AS MATERIALIZED (
    SELECT message_id FROM vetoes(:at) WHERE message_id = ANY (:marks::uuid[])
)
UPDATE message m
   SET status = CASE WHEN o.is_mark THEN 'at_dot' ELSE 'sent' END,
       dot_at = CASE WHEN o.is_mark THEN :at ELSE m.dot_at END,
       sent_at = CASE WHEN o.is_mark THEN m.sent_at ELSE :at END,
       settled_at = CASE WHEN o.is_mark THEN m.settled_at ELSE :at END,
       reply = CASE WHEN o.is_mark THEN m.reply ELSE o.reply END,
       tries = CASE WHEN o.is_mark THEN m.tries ELSE m.tries + 1 END,
       reason = CASE WHEN o.is_mark THEN m.reason END
  FROM said o
 WHERE m.message_id = o.message_id AND m.claim = o.claim
   AND CASE WHEN o.is_mark
            THEN m.status || '' = 'claimed'
                 AND m.claim_epoch = (SELECT epoch FROM fence)
                 AND m.message_id <> ALL (ARRAY (SELECT v.message_id FROM vetoed v))
                 AND o.after = ANY (ARRAY (SELECT l.message_id FROM settled_later l)) IS NOT TRUE
            ELSE m.status || '' IN ('at_dot', 'uncertain')
                 AND (m.owner_id IS NOT NULL OR m.slot_at >= :late_before) END
RETURNING m.message_id, o.is_mark;

-- name: outcome_places
-- Whose calendars, which lanes and which hand-offs these outcomes touch: to be locked before the rows, or told after.
SELECT message_id, lead_id, owner_id, lane, slot_at, hand_off_id
  FROM message
 WHERE message_id = ANY (:message_ids::uuid[]);

-- name: settle_sent
-- The relay took it. A row the sweep gave up as uncertain is settled by this late evidence.
UPDATE message m
   SET status = 'sent', sent_at = :at, settled_at = :at, reply = o.reply, tries = tries + 1, reason = NULL
  FROM unnest(:message_ids::uuid[], :claims::uuid[], :replies::text[]) AS o (message_id, claim, reply)
 WHERE m.message_id = o.message_id AND m.claim = o.claim AND m.status IN ('at_dot', 'uncertain')
RETURNING m.message_id;

-- name: settle_refused
-- The relay refused it for good.
UPDATE message m
   SET status = 'refused', settled_at = :at, reply = o.reply, reason = o.reason, tries = tries + 1
  FROM unnest(:message_ids::uuid[], :claims::uuid[], :replies::text[], :reasons::text[])
       AS o (message_id, claim, reply, reason)
 WHERE m.message_id = o.message_id AND m.claim = o.claim AND m.status IN ('claimed', 'at_dot', 'uncertain')
RETURNING m.message_id;

-- name: settle_deferred
-- The relay asked to come back later: nothing is lost, the slot moves; 48 hours after the first time it is given up.
UPDATE message m
   SET deferred_since = COALESCE(m.deferred_since, o.since),
       deadline = CASE WHEN m.deferred_since IS NULL THEN LEAST(m.deadline, o.give_up) ELSE m.deadline END,
       status = 'deferred', not_before = o.until, slot_at = o.until, reply = o.reply, tries = tries + 1,
       late_why = COALESCE(late_why, 'relay'),
       claim = NULL, claim_epoch = NULL, wall_claimed_at = NULL, dot_at = NULL
  FROM unnest(:message_ids::uuid[], :claims::uuid[], :replies::text[], :untils::timestamptz[], :sinces::timestamptz[],
              :give_ups::timestamptz[])
       AS o (message_id, claim, reply, until, since, give_up)
 WHERE m.message_id = o.message_id AND m.claim = o.claim AND m.status IN ('claimed', 'at_dot', 'uncertain')
RETURNING m.message_id;

-- name: settle_lost
-- The answer after the dot was lost: only evidence or a person can say more.
UPDATE message m
   SET status = 'uncertain', reply = o.reply, reason = 'the answer after the dot was lost', tries = tries + 1
  FROM unnest(:message_ids::uuid[], :claims::uuid[], :replies::text[]) AS o (message_id, claim, reply)
 WHERE m.message_id = o.message_id AND m.claim = o.claim AND m.status = 'at_dot'
RETURNING m.message_id;

-- name: settle_released
-- Its mark was refused, so it was surely not sent: it is due again, and whatever vetoes it is said at the next claim.
-- Not from the dot: whoever stands there says how it ended.
UPDATE message m
   SET status = 'reserved', claim = NULL, claim_epoch = NULL, wall_claimed_at = NULL, dot_at = NULL
  FROM unnest(:message_ids::uuid[], :claims::uuid[]) AS o (message_id, claim)
 WHERE m.message_id = o.message_id AND m.claim = o.claim AND m.status = 'claimed'
RETURNING m.message_id;

-- name: stale_claims
-- Which lanes have claims of a worker that must be dead by now.
SELECT DISTINCT m.lane
  FROM lane_claim c
  JOIN message m ON m.message_id = ANY (c.message_ids) AND m.claim = c.claim
 WHERE c.wall_at < :wall_before AND m.status = 'claimed';

-- name: release_stale_claims
-- A worker died before the dot: the mail was surely not sent. Its mark would fail now, so a zombie sends nothing.
UPDATE message m
   SET status = 'reserved', claim = NULL, claim_epoch = NULL, wall_claimed_at = NULL
  FROM lane_claim c
 WHERE c.wall_at < :wall_before
   AND m.message_id = ANY (c.message_ids) AND m.claim = c.claim AND m.status = 'claimed'
RETURNING m.lane, m.slot_at;

-- name: mark_lost_uncertain
-- A worker died at the dot: the relay may have the mail. Never sent again by us; listed until somebody knows.
UPDATE message m
   SET status = 'uncertain', reason = 'the worker was lost at the dot', tries = tries + 1
  FROM lane_claim c
 WHERE c.wall_at < :wall_before
   AND m.message_id = ANY (c.message_ids) AND m.claim = c.claim AND m.status = 'at_dot'
RETURNING m.message_id, m.hand_off_id;

-- name: forget_claims
-- Claims of which nothing is under way any more.
DELETE FROM lane_claim c
 WHERE c.wall_at < :wall_before
   AND NOT EXISTS (SELECT FROM message m
                    WHERE m.message_id = ANY (c.message_ids) AND m.claim = c.claim
                      AND m.status IN ('claimed', 'at_dot'));

-- name: uncertain_messages
-- The operator's list: nobody knows whether these arrived, oldest first.
SELECT m.message_id, m.mail, m.mail_class, m.lead_id, m.owner_id, m.dot_at, m.reply, m.reason, m.resends,
       COALESCE(e.journey, 'hand-off') AS journey, m.step, m.visit
  FROM message m
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE m.status = 'uncertain' AND m.is_undecided
 ORDER BY m.dot_at, m.message_id;

-- name: message_standing
-- One mail as an operator decides about it.
SELECT message_id, lead_id, owner_id, lane, mail_class, status, resends, slot_at
  FROM message
 WHERE message_id = :message_id;

-- name: settle_uncertain_as
-- Evidence or a person settles it; only an uncertain row can be settled so.
UPDATE message
   SET status = :status, settled_at = :at, reason = :reason,
       sent_at = CASE WHEN :status = 'sent' THEN COALESCE(dot_at, :at::timestamptz) END
 WHERE message_id = :message_id AND status = 'uncertain'
RETURNING message_id;

-- name: resend_uncertain
-- The one second chance of a mail that was asked for; the constraint on resends keeps it one.
UPDATE message
   SET status = 'reserved', resends = resends + 1, not_before = :at, slot_at = :at,
       deadline = GREATEST(deadline, :deadline), claim = NULL, claim_epoch = NULL, wall_claimed_at = NULL, dot_at = NULL,
       reason = NULL
 WHERE message_id = :message_id AND status = 'uncertain' AND resends = 0
RETURNING message_id;
