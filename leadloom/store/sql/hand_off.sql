-- name: open_hand_off_of_company
-- One company, one owner, one notice: the hand-off a lead joins instead of being offered apart.
SELECT hand_off_id, kind, state, lead_id, owner_id
  FROM hand_off
 WHERE (lead_id = :lead_id OR account_id = :account_id)
   AND track = :track
   AND kind = ANY (:kinds::text[])
   AND (state = 'offered' OR (state = 'accepted' AND closed_at IS NULL))
 ORDER BY state = 'accepted' DESC, opened_at, hand_off_id
 LIMIT 1;

-- name: open_deal_of_company
-- Somebody is selling to this company already: the lead joins the deal.
SELECT d.deal_id, d.external_id, d.owner_id, d.lead_id
  FROM deal d
  JOIN lead l ON l.lead_id = :lead_id
 WHERE (d.lead_id = l.lead_id OR d.account_id = l.account_id) AND (:track::text IS NULL OR d.track = :track)
   AND d.stage = 'open'
 ORDER BY d.created_at, d.deal_id
 LIMIT 1;

-- name: own_leads_unowned
-- Who joins a deal belongs to its owner, unless somebody has them.
UPDATE lead SET owner_id = :owner_id WHERE lead_id = :lead_id AND owner_id IS NULL;

-- name: join_hand_off
-- The lead comes along, with what it asked for; twice is once.
INSERT INTO hand_off_member (hand_off_id, lead_id, kind, asked_by, joined_at, why)
VALUES (:hand_off_id, :lead_id, :kind, :asked_by, :at, :why)
    ON CONFLICT (hand_off_id, lead_id) DO NOTHING;

-- name: members_of_hand_off
-- Who came along, first comer first.
SELECT lead_id, kind, asked_by, why
  FROM hand_off_member
 WHERE hand_off_id = :hand_off_id
 ORDER BY joined_at, lead_id;

-- name: hand_offs_of_lead_so_far
-- Numbers a lead's hand-offs, so that each has an id made of its lead and number.
SELECT count(*) FROM hand_off WHERE lead_id = :lead_id;

-- name: given_back_before
-- When a lead was given back to come again, and by whom: what was closed for good doesn't come back by itself.
SELECT COALESCE(h.closed_at, h.decided_at) AS at, o.handle AS by
  FROM hand_off h
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.lead_id = :lead_id AND h.recycle_until IS NOT NULL
 ORDER BY at;

-- name: insert_hand_off
-- Routed, not yet offered: the first offer follows in the same transaction.
INSERT INTO hand_off (
    hand_off_id, kind, lead_id, account_id, track, asked_by, why, definition_version, opened_at, state, owner_id, pool,
    room_by)
VALUES (
    :hand_off_id, :kind, :lead_id, :account_id, :track, :asked_by, :why, :definition_version, :at, 'offered', :owner_id,
    :pool, :room_by);

-- name: hurry_hand_off
-- Something more urgent was asked for: the same owner is offered it anew, on the faster clock.
UPDATE hand_off
   SET kind = :kind, asked_by = :asked_by, why = :why, level = 0, offered_at = NULL, accept_by = NULL,
       reminded_at = NULL, room_by = CASE WHEN room_by IS NOT NULL THEN LEAST(room_by, :room_by::timestamptz) END
 WHERE hand_off_id = :hand_off_id AND state = 'offered';

-- name: move_hand_off
-- By a person's word: somebody else is offered it anew, from the bottom of the ladder.
UPDATE hand_off
   SET owner_id = :owner_id, pool = :pool, room_by = :room_by, level = 0, offered_at = NULL, accept_by = NULL,
       reminded_at = NULL
 WHERE hand_off_id = :hand_off_id AND state = 'offered';

-- name: leads_of_hand_off
-- Whom a decision moves: locked together, before anything is read.
SELECT lead_id FROM hand_off WHERE hand_off_id = :hand_off_id
 UNION
SELECT lead_id FROM hand_off_member WHERE hand_off_id = :hand_off_id;

-- name: hand_off_row
-- A hand-off with the handle of its owner.
SELECT h.hand_off_id, h.kind, h.lead_id, h.account_id, h.track, h.asked_by, h.why, h.definition_version, h.opened_at, h.state,
       o.handle AS owner, h.owner_id, h.pool, h.assignment_no, h.level, h.room_by, h.offered_at, h.accept_by,
       h.accept_in, h.first_try_in, h.reminded_at, h.first_try_by, h.first_try_at, h.escalated_at, h.waiting_for, h.waits_until, h.decided_at, h.decided_by,
       h.decided_via, h.reason, h.reason_text, h.recycle_until, h.closed_at, h.answer, h.snoozed_until,
       EXISTS (SELECT FROM message m
                WHERE m.hand_off_id = h.hand_off_id AND m.step = 'offer' AND m.visit = h.assignment_no
                  AND (m.status IN ('uncertain', 'refused')
                    OR EXISTS (SELECT FROM mail_return r WHERE r.message_id = m.message_id AND r.kind = 'bounce')))
           AS notice_in_doubt
  FROM hand_off h
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.hand_off_id = :hand_off_id;

-- name: country_of_hand_off
-- Where its lead is: a region may have hours of its own.
SELECT COALESCE(l.country, a.country) AS country
  FROM hand_off h
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE h.hand_off_id = :hand_off_id;

-- name: offer_hand_off
-- A new assignment: its number is what a decision must name.
UPDATE hand_off
   SET owner_id = :owner_id, pool = :pool, level = :level, assignment_no = :no, offered_at = :at, accept_by = :accept_by,
       accept_in = :accept_in,
       room_by = NULL, reminded_at = NULL, snoozed_until = NULL,
       escalated_at = CASE WHEN :level > 0 THEN :at ELSE escalated_at END
 WHERE hand_off_id = :hand_off_id AND state = 'offered';

-- name: insert_assignment
-- Each offer stays readable: to whom, until when, and which rules were asked (F24).
INSERT INTO assignment (hand_off_id, no, owner_id, pool, at, accept_by, why, routed)
VALUES (:hand_off_id, :no, :owner_id, :pool, :at, :accept_by, :why, :routed);

-- name: assignments_of_hand_off
-- To whom it was offered, in order.
SELECT a.no, o.handle AS owner, a.pool, a.at, a.accept_by, a.why, a.routed
  FROM assignment a
  LEFT JOIN owner o ON o.owner_id = a.owner_id
 WHERE a.hand_off_id = :hand_off_id
 ORDER BY a.no;

-- name: move_deadline
-- A calendar was edited under the clock that runs.
UPDATE hand_off SET accept_by = :accept_by, first_try_by = :first_try_by WHERE hand_off_id = :hand_off_id;

-- name: open_hand_off_ids
-- All whose clocks may run otherwise under another definition.
SELECT hand_off_id
  FROM hand_off
 WHERE state = 'offered' OR (state = 'accepted' AND first_try_at IS NULL AND closed_at IS NULL)
 ORDER BY hand_off_id;

-- name: log_of_hand_off
-- Each step of it, whatever log keeps it: offers, notices, tries, what people and the clock did.
WITH step AS (
    SELECT h.opened_at AS at, 1 AS rank, 'system' AS who, 'opened' AS what, h.kind || ', asked by ' || h.asked_by AS words
      FROM hand_off h WHERE h.hand_off_id = :hand_off_id
     UNION ALL
    SELECT a.at, 2, 'system', 'offered to ' || COALESCE(o.handle, 'pool ' || a.pool), a.why
      FROM assignment a LEFT JOIN owner o ON o.owner_id = a.owner_id
     WHERE a.hand_off_id = :hand_off_id
     UNION ALL
    SELECT COALESCE(m.sent_at, m.asked_at), 3, 'system', 'mail ' || m.mail || ' to ' || o.handle, m.status
      FROM message m JOIN owner o ON o.owner_id = m.owner_id
     WHERE m.hand_off_id = :hand_off_id
     UNION ALL
    SELECT e.at, 4, e.actor, 'tried to reach the lead', COALESCE(e.data ->> 'evidence', 'self-said')
           || CASE WHEN (e.data ->> 'reached')::boolean THEN ', reached' ELSE '' END
      FROM hand_off h
      JOIN event e ON e.lead_id = h.lead_id AND e.kind = 'attempt_made' AND e.data ->> 'hand_off_id' = h.hand_off_id::text
     WHERE h.hand_off_id = :hand_off_id
     UNION ALL
    SELECT n.at, 5, n.actor, n.action, n.why FROM audit n WHERE n.subject = 'hand-off ' || :hand_off_id::uuid::text
)
SELECT at, who, what, words FROM step ORDER BY at, rank, what;

-- name: mark_reminded
-- The notice's second chance went out.
UPDATE hand_off SET reminded_at = :at WHERE hand_off_id = :hand_off_id;

-- name: mark_escalated
-- The manager knows that the first try was missed.
UPDATE hand_off SET escalated_at = :at WHERE hand_off_id = :hand_off_id;

-- name: hand_off_waits
-- What it waits for has a name and a deadline (law 7); coming this far clears an earlier block.
UPDATE hand_off
   SET waiting_for = :waiting_for, waits_until = :waits_until, blocked_at = NULL, error = NULL
 WHERE hand_off_id = :hand_off_id;

-- name: decide_hand_off
-- The one compare-and-set: link, page, command line and clock race here, and one wins.
UPDATE hand_off
   SET state = :state, decided_at = :at, decided_by = :by, decided_via = :via, reason = :reason,
       reason_text = :reason_text, recycle_until = :recycle_until, owner_id = COALESCE(:owner_id, owner_id),
       first_try_by = :first_try_by, first_try_in = :first_try_in, closed_at = :closed_at, room_by = NULL, snoozed_until = NULL, waiting_for = NULL,
       waits_until = NULL
 WHERE hand_off_id = :hand_off_id AND assignment_no = :assignment_no AND state = 'offered'
RETURNING hand_off_id;

-- name: give_back_hand_off
-- An accepted lead is given back: the acceptance stays what it was, the conversation ends.
UPDATE hand_off
   SET closed_at = :at, reason = :reason, reason_text = :reason_text, recycle_until = :recycle_until,
       waiting_for = NULL, waits_until = NULL
 WHERE hand_off_id = :hand_off_id AND assignment_no = :assignment_no AND state = 'accepted' AND closed_at IS NULL
RETURNING hand_off_id;

-- name: hold_answer
-- An answer that can be taken back: nothing follows from it before that instant.
UPDATE hand_off
   SET answer = :answer, final_at = :final_at, waiting_for = :waiting_for, waits_until = :final_at
 WHERE hand_off_id = :hand_off_id;

-- name: take_back_answer
-- The compare-and-set of an undo: only who gave it, only before it is final.
UPDATE hand_off
   SET answer = NULL, final_at = NULL
 WHERE hand_off_id = :hand_off_id AND answer -> 'decision' ->> 'by' = :by AND final_at > :at
RETURNING hand_off_id;

-- name: clear_answer
-- It is final: what it means is written in the same transaction.
UPDATE hand_off SET answer = NULL, final_at = NULL WHERE hand_off_id = :hand_off_id;

-- name: snooze_hand_off
-- Only hides the card from its owner; NULL shows it again.
UPDATE hand_off SET snoozed_until = :until WHERE hand_off_id = :hand_off_id;

-- name: note_recycle_date
-- When to come back, where journeys look for dates: a date that moves, moves what waits for it.
UPDATE lead
   SET attributes = attributes || jsonb_build_object('recycle_date', :day::text)
 WHERE lead_id = :lead_id;

-- name: own_leads
-- Who accepted owns the lead, and whoever came along.
UPDATE lead
   SET owner_id = :owner_id
 WHERE lead_id = ANY (:lead_ids::uuid[]);

-- name: own_account
-- The first to accept somebody of a company owns it; routing asks this first.
UPDATE account
   SET owner_id = :owner_id
 WHERE account_id = :account_id AND owner_id IS NULL;

-- name: tries_made
-- Attempts that count since the hand-off was opened: some reasons need enough of them.
SELECT count(*)
  FROM event
 WHERE lead_id = :lead_id AND kind = 'attempt_made' AND at >= :since
   AND COALESCE((data ->> 'counts')::boolean, true);

-- name: tries_of_hand_off
-- Each with what shows it. Those of before evidence was kept are as somebody said.
SELECT e.at, e.actor AS by, COALESCE(e.data ->> 'via', '') AS via, COALESCE(e.data ->> 'evidence', 'self-said') AS evidence,
       e.data ->> 'reference' AS reference, COALESCE((e.data ->> 'reached')::boolean, false) AS reached,
       COALESCE((e.data ->> 'counts')::boolean, true) AS counts
  FROM hand_off h
  JOIN event e ON e.lead_id = h.lead_id AND e.kind = 'attempt_made' AND e.data ->> 'hand_off_id' = :hand_off_id
 WHERE h.hand_off_id = :hand_off_id::uuid
 ORDER BY e.no;

-- name: tries_in_vain
-- Attempts since the hand-off was opened that reached nobody; none once somebody was reached.
SELECT CASE WHEN bool_or((data ->> 'reached')::boolean) THEN 0 ELSE count(*) END
  FROM event
 WHERE lead_id = :lead_id AND kind = 'attempt_made' AND at >= :since
   AND COALESCE((data ->> 'counts')::boolean, true);

-- name: first_try
-- Accept is not contact: the first attempt has its own clock, and stops it once.
UPDATE hand_off
   SET first_try_at = COALESCE(first_try_at, :at)
 WHERE hand_off_id = :hand_off_id;

-- name: close_conversations
-- The company's conversation ended: what it held may be planned again.
UPDATE hand_off h
   SET closed_at = :at, waiting_for = NULL, waits_until = NULL, answer = NULL, final_at = NULL
 WHERE h.state = 'accepted' AND h.closed_at IS NULL
   AND (h.lead_id = :lead_id OR h.account_id = (SELECT account_id FROM lead WHERE lead_id = :lead_id))
RETURNING h.hand_off_id, (SELECT o.handle FROM owner o WHERE o.owner_id = h.owner_id) AS owner;

-- name: block_hand_off
-- A step failed three times: shown with its error, counted as stuck, until somebody retries.
UPDATE hand_off
   SET blocked_at = COALESCE(blocked_at, :at), error = :error
 WHERE hand_off_id = :hand_off_id;

-- name: unblock_hand_off
-- The retry: it looks again at once.
UPDATE hand_off
   SET blocked_at = NULL, error = NULL
 WHERE hand_off_id = :hand_off_id AND blocked_at IS NOT NULL
RETURNING hand_off_id;

-- name: overdue_hand_offs
-- The sweep of hand-offs: a clock passed unnoticed.
SELECT hand_off_id, waits_until
  FROM hand_off
 WHERE blocked_at IS NULL AND waits_until < :overdue_since
   AND (state = 'offered' OR (state = 'accepted' AND first_try_at IS NULL))
 UNION
-- an answer of whose end nobody heard, also of who works the lead already
SELECT hand_off_id, waits_until FROM hand_off WHERE blocked_at IS NULL AND final_at < :overdue_since
 ORDER BY waits_until
 LIMIT :page_limit::integer;

-- name: newest_hand_off_of
-- What a lead was last offered in, or came along with: open ones first, for the card in a CRM's record.
SELECT h.hand_off_id
  FROM hand_off h
 WHERE h.lead_id = :lead_id
    OR h.hand_off_id IN (SELECT m.hand_off_id FROM hand_off_member m WHERE m.lead_id = :lead_id)
 ORDER BY (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL)) DESC, h.opened_at DESC, h.hand_off_id
 LIMIT 1;

-- name: inbox
-- Hand-offs as work: what waits for an answer, then what waits for a first try, most urgent first.
SELECT h.hand_off_id, h.kind, h.state, h.assignment_no, h.level, h.pool, o.handle AS owner, h.why, h.opened_at,
       h.offered_at, h.accept_by, h.room_by, h.first_try_by, h.waiting_for, h.waits_until, h.blocked_at,
       h.answer, h.snoozed_until, h.decided_at,
       (SELECT count(*) FROM event e
         WHERE e.lead_id = h.lead_id AND e.kind = 'attempt_made' AND e.at >= h.opened_at) AS tries,
       l.lead_id, l.first_name, l.last_name, COALESCE(a.name, l.company) AS company, l.country, l.role,
       (SELECT count(*) FROM hand_off_member m WHERE m.hand_off_id = h.hand_off_id) AS members
  FROM hand_off h
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE (/* where */ TRUE)
 ORDER BY h.state = 'accepted', COALESCE(h.first_try_by, h.accept_by, h.room_by), h.hand_off_id;
