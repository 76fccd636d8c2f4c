-- name: drop_carried_withdrawals
-- A no that only the merge wrote.
DELETE FROM basis WHERE lead_id = :survivor AND act = 'withdrawn' AND source = :carried_by;

-- name: newer_merge
-- A merge of the same lead that stands and came later: it is undone first.
SELECT merge_id
  FROM lead_merge
 WHERE lead_id = :lead_id AND seq > :seq AND undone_at IS NULL
 ORDER BY seq DESC
 LIMIT 1;

-- name: said_no_since
-- Whether the person ended marketing after the merge: that no is both leads'.
SELECT EXISTS (SELECT FROM event e
                WHERE e.lead_id = :lead_id AND e.no > :last_no AND e.kind = ANY (:kinds::text[])) AS said;

-- name: runs_back
-- What open runs heard last, in the numbers of their own lead: before the rows go back, while it is known whose was whose.
UPDATE enrolment e
   SET progress = jsonb_set(e.progress, '{arrived_no}', to_jsonb((
       SELECT CASE WHEN r.enrolment_id IS NOT NULL THEN count(*)
                   ELSE (e.progress ->> 'arrived_no')::bigint - count(*) END
         FROM unnest(:loser_nos::integer[]) AS n (no)
        WHERE n.no <= (e.progress ->> 'arrived_no')::integer)))
  FROM enrolment also
  LEFT JOIN LATERAL (
       SELECT also.enrolment_id
         FROM merged_row m
        WHERE m.merge_id = :merge_id AND m.of_table = 'enrolment' AND m.of_column IS NOT NULL
          AND (m.key ->> 'enrolment_id')::uuid = also.enrolment_id) AS r ON true
 WHERE also.enrolment_id = e.enrolment_id
   AND e.lead_id = :survivor
   AND e.status = 'active';

-- name: make_room_for_stages
-- Changes since the merge in tracks that were the loser's: they stay, behind the survivor's own.
UPDATE stage_change c
   SET no = c.no + 1000000
 WHERE c.lead_id = :survivor
   AND c.no > (SELECT max((m.key ->> 'no')::integer)
                 FROM merged_row m
                WHERE m.merge_id = :merge_id AND m.of_table = 'stage_change' AND m.of_column IS NOT NULL
                  AND m.key ->> 'track' = c.track);

-- name: put_rows_back
-- Everything else as it was.
SELECT put_rows_back(:merge_id, :loser);

-- name: events_of_loser_back
-- Under their own numbers again.
UPDATE event e
   SET lead_id = :loser, no = r.old_no
  FROM unnest(:loser_nos::integer[]) WITH ORDINALITY AS r (new_no, old_no)
 WHERE e.lead_id = :survivor
   AND e.no = r.new_no + 1000000000;

-- name: events_of_survivor_back
-- Without gaps again; what happened since the merge is theirs.
UPDATE event e
   SET no = r.rank
  FROM (SELECT no, row_number() OVER (ORDER BY no) AS rank FROM event WHERE lead_id = :survivor) AS r
 WHERE e.lead_id = :survivor
   AND e.no = r.no;

-- name: number_both
-- The number the next event of each counts on from.
UPDATE lead l
   SET last_event_no = (SELECT count(*) FROM event e WHERE e.lead_id = l.lead_id)
 WHERE l.lead_id = ANY (:lead_ids::uuid[]);

-- name: event_no_by_key
-- Which event one was told under.
SELECT no FROM event WHERE lead_id = :lead_id AND key = :key;

-- name: keys_back
-- What was told apart has its own key again.
UPDATE event SET key = replace(key, :mark, '') WHERE lead_id = :loser AND key LIKE '%' || :mark;

-- name: run_keys_back
-- The same for runs.
UPDATE enrolment SET key = replace(key, :mark, '') WHERE lead_id = :loser AND key LIKE '%' || :mark;

-- name: stages_behind
-- What moved since the merge goes on where the survivor's own log ends.
UPDATE stage_change c
   SET no = r.no, from_stage = CASE WHEN r.is_first THEN r.last_stage ELSE c.from_stage END
  FROM (SELECT s.track, s.no AS old_no,
               COALESCE(own.no, 0) + row_number() OVER (PARTITION BY s.track ORDER BY s.no) AS no,
               row_number() OVER (PARTITION BY s.track ORDER BY s.no) = 1 AS is_first, own.to_stage AS last_stage
          FROM stage_change s
          LEFT JOIN LATERAL (
               SELECT o.no, o.to_stage FROM stage_change o
                WHERE o.lead_id = s.lead_id AND o.track = s.track AND o.no < 1000000
                ORDER BY o.no DESC LIMIT 1) AS own ON true
         WHERE s.lead_id = :survivor AND s.no > 1000000) AS r
 WHERE c.lead_id = :survivor AND c.track = r.track AND c.no = r.old_no;

-- name: stand_where_the_log_ends
-- Where both stand is the end of their logs; a wait belongs to the stage it was for.
INSERT INTO lead_stage (lead_id, track, stage, since, change_no)
SELECT DISTINCT ON (lead_id, track) lead_id, track, to_stage, at, no
  FROM stage_change
 WHERE lead_id = ANY (:lead_ids::uuid[])
 ORDER BY lead_id, track, no DESC
    ON CONFLICT (lead_id, track) DO UPDATE
   SET waiting_for = CASE WHEN lead_stage.stage = EXCLUDED.stage THEN lead_stage.waiting_for END,
       waits_until = CASE WHEN lead_stage.stage = EXCLUDED.stage THEN lead_stage.waits_until END,
       stage = EXCLUDED.stage,
       since = EXCLUDED.since,
       change_no = EXCLUDED.change_no;

-- name: lift_carried
-- A no that only the merge brought here.
UPDATE suppression
   SET lifted_at = :at, lifted_why = 'the merge was undone', lifted_by = :by
 WHERE scope = 'person' AND value = :survivor::uuid::text AND suppression.by = :carried_by AND lifted_at IS NULL;

-- name: end_redirect
-- The loser is themselves again.
DELETE FROM merged_lead WHERE lead_id = :loser;

-- name: mark_undone
-- The record stays.
UPDATE lead_merge
   SET undone_at = :at, undone_by = :by, undone_why = :why
 WHERE merge_id = :merge_id;

-- name: open_runs_of_pair
-- Whoever goes on looks again.
SELECT enrolment_id, workflow
  FROM enrolment
 WHERE lead_id = ANY (:lead_ids::uuid[]) AND status = 'active'
 ORDER BY enrolment_id;

-- name: open_talks_of_pair
-- The same for offers.
SELECT hand_off_id FROM hand_off WHERE lead_id = ANY (:lead_ids::uuid[]) AND state = 'offered' ORDER BY hand_off_id;

-- name: owner_and_company_before
-- The same, for the way back.
SELECT (owners ->> 'owner_before')::uuid AS owner_before, (owners ->> 'owner_after')::uuid AS owner_after,
       (owners ->> 'account_before')::uuid AS account_before, (owners ->> 'account_after')::uuid AS account_after
  FROM lead_merge
 WHERE merge_id = :merge_id;

-- name: own_again
-- Whose they were.
UPDATE lead SET owner_id = :owner_id::uuid WHERE lead_id = :lead_id;

-- name: foresee_parting
-- What an undo would do: whose events go where (the merge's own notes aren't counted), which runs and offers that the merge ended go on.
SELECT (SELECT count(*) FROM event e
         WHERE e.lead_id = m.lead_id AND e.no > m.last_no AND NOT starts_with(COALESCE(e.key, ''), 'merge/' || m.merge_id))
           AS events_since,
       cardinality(m.loser_nos) AS events_back,
       (SELECT count(*) FROM merged_row r WHERE r.merge_id = m.merge_id AND r.of_table = 'enrolment' AND r.was IS NOT NULL)
           AS runs_again,
       (SELECT count(*) FROM merged_row r WHERE r.merge_id = m.merge_id AND r.of_table = 'hand_off' AND r.was IS NOT NULL)
           AS talks_again,
       EXISTS (SELECT FROM event e
                WHERE e.lead_id = m.lead_id AND e.no > m.last_no AND e.kind = ANY (:kinds::text[])) AS said_no_since
  FROM lead_merge m
 WHERE m.merge_id = :merge_id;
