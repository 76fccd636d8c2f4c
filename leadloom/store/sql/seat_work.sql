-- name: seat_work
-- What on live data waits for somebody who takes this seat: the way to each of their first steps.
SELECT (SELECT h.hand_off_id
          FROM hand_off h
          LEFT JOIN owner o ON o.owner_id = h.owner_id
         WHERE h.state = 'offered' AND h.answer IS NULL AND o.handle = :handle::text
         ORDER BY h.accept_by, h.hand_off_id
         LIMIT 1) AS offer_id,
       (SELECT h.hand_off_id
          FROM hand_off h
          JOIN owner o ON o.owner_id = h.owner_id
         WHERE (h.state = 'accepted' AND h.closed_at IS NULL AND o.handle = :handle)
            OR (h.answer #>> '{decision,kind}' = 'accept' AND h.answer #>> '{decision,by}' = :handle)
         ORDER BY h.first_try_at IS NOT NULL, h.decided_at DESC NULLS FIRST, h.hand_off_id
         LIMIT 1) AS accepted_id,
       (SELECT l.lead_id
          FROM lead l
          JOIN owner o ON o.owner_id = l.owner_id
         WHERE o.handle = :handle
         ORDER BY l.created_at DESC, l.lead_id
         LIMIT 1) AS own_lead_id,
       (SELECT s.lead_id
          FROM lead_stage s
          JOIN lead l ON l.lead_id = s.lead_id
         WHERE s.stage = :answered_stage::text
           AND (:countries::text[] IS NULL OR upper(l.country) = ANY (:countries))
           AND NOT EXISTS (SELECT FROM enrolment e WHERE e.lead_id = s.lead_id AND e.status = 'active')
         ORDER BY s.since DESC, s.lead_id
         LIMIT 1) AS free_lead_id,
       (SELECT e.lead_id
          FROM enrolment e
         WHERE e.status = 'active' AND e.entered_by = 'hand:' || :handle
         ORDER BY e.entered_at DESC, e.enrolment_id
         LIMIT 1) AS let_in_lead_id,
       (SELECT r.message_id
          FROM review r
          JOIN message m ON m.message_id = r.message_id
         WHERE r.state IN ('open', 'held') AND m.status NOT IN ('sent', 'cancelled', 'expired', 'refused', 'suppressed')
         ORDER BY r.silent_until, r.message_id
         LIMIT 1) AS letter_id,
       (SELECT d.draft_no FROM definition_draft d WHERE d.state = 'in review' ORDER BY d.draft_no DESC LIMIT 1) AS draft_no,
       (SELECT count(*)
          FROM hand_off h
          LEFT JOIN owner o ON o.owner_id = h.owner_id
         WHERE h.state = 'offered' AND h.answer IS NULL AND o.handle = :handle) AS offers,
       (SELECT count(*) FROM hand_off h WHERE h.state = 'offered' AND h.accept_by < :at::timestamptz) AS late_offers;

-- name: seat_done
-- What somebody has done since they first took a seat in this browser; the logs of acts say so, nothing is ticked off. An
-- answer they may still take back counts.
SELECT EXISTS (SELECT FROM hand_off WHERE decided_by = :handle::text AND decided_at >= :since::timestamptz
                  AND state = 'accepted') AS accepted,
       EXISTS (SELECT FROM hand_off
                WHERE (decided_by = :handle AND decided_at >= :since)
                   OR (final_at > :since AND answer #>> '{decision,by}' = :handle)) AS answered,
       EXISTS (SELECT FROM event WHERE kind = 'attempt_made' AND actor = :handle AND at >= :since) AS tried,
       EXISTS (SELECT FROM support_request WHERE raised_by = :handle AND raised_at >= :since) AS raised,
       EXISTS (SELECT FROM checklist_answer WHERE by = :handle AND at >= :since AND undoes IS NULL) AS asked,
       EXISTS (SELECT FROM enrolment WHERE entered_by = 'hand:' || :handle AND entered_at >= :since) AS let_in,
       EXISTS (SELECT FROM audit WHERE actor = :handle AND at >= :since AND action IN ('took a lead out by hand',
                  'took leads out by hand')) AS took_out,
       EXISTS (SELECT FROM review WHERE decided_by = :handle AND decided_at >= :since) AS letter,
       EXISTS (SELECT FROM definition_act WHERE by = :handle AND at >= :since AND act IN ('signed', 'rejected')) AS signed,
       EXISTS (SELECT FROM definition_preview WHERE at >= :since) AS previewed,
       EXISTS (SELECT FROM audit WHERE actor = :handle AND at >= :since AND action IN ('moved an offer',
                  'noted an absence')) AS steered,
       EXISTS (SELECT FROM governance_act WHERE by = :handle AND at >= :since AND kind = 'decision') AS decided,
       EXISTS (SELECT FROM governance_act WHERE by = :handle AND at >= :since AND kind = 'pack') AS pack,
       EXISTS (SELECT FROM governance_act WHERE by = :handle AND at >= :since AND kind = 'charter signed') AS charter;
