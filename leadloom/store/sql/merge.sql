

-- name: lock_leads_to_merge
-- Holds both, in order. Stronger than other writers: one of the rows will go, so who only refers to it waits, too.
SELECT lead_id, account_id, email, first_name, last_name, company, country, role, title, phone, time_zone, language,
       source, owner_id, created_at, attributes, last_event_no, erased_at
  FROM lead
 WHERE lead_id = ANY (:lead_ids::uuid[])
 ORDER BY lead_id
   FOR UPDATE;

-- name: who_it_is_now
-- Leads that were merged, and who they are today.
SELECT lead_id, into_id
  FROM merged_lead
 WHERE lead_id = ANY (:lead_ids::uuid[]);

-- name: sides_of_merge
-- What of two leads decides who stays and what stands: whether anything names them, when they last did something.
SELECT l.lead_id,
       EXISTS (SELECT FROM identity_key k WHERE k.lead_id = l.lead_id) AS identified,
       (SELECT max(e.at) FROM event e
         WHERE e.lead_id = l.lead_id AND e.actor = 'lead' AND e.verdict = 'human') AS heard_at
  FROM lead l
 WHERE l.lead_id = ANY (:lead_ids::uuid[]);

-- name: instants_of_events
-- When each event of two leads happened, by its number.
SELECT lead_id, no, at
  FROM event
 WHERE lead_id = ANY (:lead_ids::uuid[])
 ORDER BY lead_id, no;

-- name: begin_merge
-- The record of a merge: what it takes to part them again.
INSERT INTO lead_merge (merge_id, lead_id, survivor_id, loser_id, at, by, why, rule, united, loser_nos, last_no)
VALUES (:merge_id, :survivor, :survivor, :loser, :at, :by, :why, :rule, :united::jsonb, :loser_nos::integer[], :last_no);

-- name: keep_runs
-- How runs stood before the merge ended them.
INSERT INTO merged_row (merge_id, of_table, key, was)
SELECT :merge_id, 'enrolment', jsonb_build_object('enrolment_id', e.enrolment_id), to_jsonb(e)
  FROM enrolment e
 WHERE e.enrolment_id = ANY (:enrolment_ids::uuid[]);

-- name: keep_mail_of_runs
-- The mails that go with them: what nobody has claimed.
INSERT INTO merged_row (merge_id, of_table, key, was)
SELECT :merge_id, 'message', jsonb_build_object('message_id', m.message_id), to_jsonb(m)
  FROM message m
 WHERE m.enrolment_id = ANY (:enrolment_ids::uuid[]) AND m.status IN ('reserved', 'deferred', 'held');

-- name: keep_tasks_of_runs
-- And the tasks that are taken back.
INSERT INTO merged_row (merge_id, of_table, key, was)
SELECT :merge_id, 'task', jsonb_build_object('task_id', t.task_id), to_jsonb(t)
  FROM task t
 WHERE t.enrolment_id = ANY (:enrolment_ids::uuid[]) AND t.status = 'open';

-- name: keep_hand_offs
-- How offers stood before they were closed.
INSERT INTO merged_row (merge_id, of_table, key, was)
SELECT :merge_id, 'hand_off', jsonb_build_object('hand_off_id', h.hand_off_id), to_jsonb(h)
  FROM hand_off h
 WHERE h.hand_off_id = ANY (:hand_off_ids::uuid[]);

-- name: permissions_taken_back
-- What either took back and never allowed again in their own words, by purpose and channel: no list and no rule says a
-- yes for them.
SELECT DISTINCT b.purpose, b.channel
  FROM basis b
 WHERE b.lead_id = ANY (:lead_ids::uuid[]) AND b.act = 'withdrawn'
   AND NOT EXISTS (SELECT FROM basis g
                    WHERE g.lead_id = b.lead_id AND g.purpose = b.purpose AND g.channel = b.channel
                      AND g.act = 'given' AND g.kind = ANY (:said_by_the_person::text[]) AND g.at > b.at)
 ORDER BY b.purpose, b.channel;

-- name: keep_standing
-- Where both stood, and their clocks: what is derived is restored as it was.
INSERT INTO merged_row (merge_id, of_table, key, was)
SELECT :merge_id::uuid, 'lead_stage', jsonb_build_object('lead_id', s.lead_id, 'track', s.track), to_jsonb(s)
  FROM lead_stage s
 WHERE s.lead_id = ANY (:lead_ids::uuid[])
 UNION ALL
SELECT :merge_id::uuid, 'lead_clock', jsonb_build_object('lead_id', c.lead_id, 'kind', c.kind), to_jsonb(c)
  FROM lead_clock c
 WHERE c.lead_id = ANY (:lead_ids::uuid[]);

-- name: keep_loser
-- The row itself: kept last, so that it is there first when others come back to it.
INSERT INTO merged_row (merge_id, of_table, key, was)
SELECT :merge_id, 'lead', jsonb_build_object('lead_id', l.lead_id), to_jsonb(l)
  FROM lead l
 WHERE l.lead_id = :loser;

-- name: runs_to_reconcile
-- All runs of both, with the mails that went.
SELECT e.enrolment_id, e.lead_id, e.journey, e.place, e.status, e.entered_at, e.progress,
       (SELECT count(*) FROM message m
         WHERE m.enrolment_id = e.enrolment_id AND m.status IN ('sent', 'at_dot', 'uncertain', 'claimed')) AS mails
  FROM enrolment e
 WHERE e.lead_id = ANY (:lead_ids::uuid[])
 ORDER BY e.entered_at, e.enrolment_id;

-- name: talks_of_leads
-- Conversations of sales with either.
SELECT hand_off_id, kind, track, state, opened_at, owner_id
  FROM hand_off
 WHERE lead_id = ANY (:lead_ids::uuid[])
   AND (state = 'offered' OR (state = 'accepted' AND closed_at IS NULL))
 ORDER BY opened_at, hand_off_id;

-- name: hold_talks
-- So that nobody decides them while they are counted.
SELECT hand_off_id
  FROM hand_off
 WHERE lead_id = ANY (:lead_ids::uuid[])
   AND (state = 'offered' OR (state = 'accepted' AND closed_at IS NULL))
 ORDER BY hand_off_id
   FOR UPDATE;

-- name: close_talks
-- The person has another conversation.
UPDATE hand_off
   SET state = CASE WHEN state = 'offered' THEN 'rejected' ELSE state END,
       decided_at = COALESCE(decided_at, :at), decided_by = COALESCE(decided_by, 'system'),
       decided_via = COALESCE(decided_via, 'merge'), closed_at = :at,
       waiting_for = NULL, waits_until = NULL, blocked_at = NULL, error = NULL, answer = NULL, final_at = NULL
 WHERE hand_off_id = ANY (:hand_off_ids::uuid[]);

-- name: stages_to_reconcile
-- Where both stand in each track.
SELECT lead_id, track, stage
  FROM lead_stage
 WHERE lead_id = ANY (:lead_ids::uuid[]);

-- name: set_track_aside
-- The log of a track in which the other lead came further; its clocks and where it stood go along.
SELECT (SELECT count(set_row_aside(:merge_id, 'stage_change', to_jsonb(c)))
          FROM stage_change c WHERE c.lead_id = :lead_id AND c.track = :track),
       (SELECT count(set_row_aside(:merge_id, 'lead_stage', to_jsonb(s)))
          FROM lead_stage s WHERE s.lead_id = :lead_id AND s.track = :track),
       (SELECT count(set_row_aside(:merge_id, 'lead_clock', to_jsonb(k)))
          FROM lead_clock k WHERE k.lead_id = :lead_id AND split_part(k.kind, ':', 2) = :track);

-- name: set_their_pair_aside
-- What was said of the two of them.
SELECT count(set_row_aside(:merge_id, 'duplicate', to_jsonb(d)))
  FROM duplicate d
 WHERE d.lead_id = ANY (:lead_ids::uuid[]) AND d.other_id = ANY (:lead_ids::uuid[]);

-- name: forget_checked_members
-- Who a check would leave out of a campaign both are in: it is looked at again before a launch.
DELETE FROM campaign_exclusion x
 USING campaign_member mine, campaign_member theirs
 WHERE mine.lead_id = :survivor AND theirs.lead_id = :loser AND mine.campaign_id = theirs.campaign_id
   AND x.campaign_id = theirs.campaign_id AND x.no = theirs.no;

-- name: make_room_for_events
-- So that no number is taken while they are given anew.
UPDATE event SET no = no + 1000000000 WHERE lead_id = :lead_id;

-- name: keep_answers
-- The loser's answers under their own numbers; they are found by those they get behind the survivor's.
INSERT INTO merged_row (merge_id, of_table, key, was)
SELECT :merge_id, 'checklist_answer', jsonb_build_object('lead_id', a.lead_id, 'no', a.no + mine.last), to_jsonb(a)
  FROM checklist_answer a
 CROSS JOIN (SELECT COALESCE(max(no), 0) AS last FROM checklist_answer WHERE lead_id = :survivor) AS mine
 WHERE a.lead_id = :loser;

-- name: answers_behind
-- Two logs are one: the loser's answers follow the survivor's. Highest numbers first would do; far away and back does too.
UPDATE checklist_answer a
   SET no = a.no + mine.last, undoes = a.undoes + mine.last
  FROM (SELECT COALESCE(max(no), 0) AS last FROM checklist_answer WHERE lead_id = :survivor) AS mine
 WHERE a.lead_id = :loser;

-- name: tell_equal_keys_apart
-- Two leads may have been told the same thing under one key: both happened.
UPDATE event e
   SET key = e.key || :mark
 WHERE e.lead_id = :loser
   AND EXISTS (SELECT FROM event o WHERE o.lead_id = :survivor AND o.key = e.key);

-- name: renumber_events
-- Each event under its new number; what it earned goes along.
UPDATE event e
   SET lead_id = :survivor, no = r.new_no
  FROM unnest(:lead_ids::uuid[], :old_nos::integer[], :new_nos::integer[]) AS r (lead_id, old_no, new_no)
 WHERE e.lead_id = r.lead_id AND e.no = r.old_no;

-- name: tell_equal_runs_apart
-- Both came in by a key of the same words.
UPDATE enrolment e
   SET key = e.key || :mark
 WHERE e.lead_id = :loser
   AND EXISTS (SELECT FROM enrolment o WHERE o.lead_id = :survivor AND o.journey = e.journey AND o.key = e.key);

-- name: renumber_runs
-- What an open run heard last, in the new numbers.
UPDATE enrolment e
   SET progress = jsonb_set(e.progress, '{arrived_no}', to_jsonb(r.no))
  FROM unnest(:enrolment_ids::uuid[], :nos::integer[]) AS r (enrolment_id, no)
 WHERE e.enrolment_id = r.enrolment_id;

-- name: move_rows_of_lead
-- Everything else that refers to the loser.
SELECT move_rows_of_lead(:merge_id, :loser, :survivor);

-- name: silences_to_carry
-- What either said no to, or somebody for them; that one address takes no mail says nothing of another.
SELECT DISTINCT s.purpose, s.topic, s.reason
  FROM lead l
 CROSS JOIN LATERAL silences_on(l.lead_id, l.email) s
 WHERE l.lead_id = ANY (:lead_ids::uuid[])
   AND s.scope IN ('address', 'person', 'hash')
   AND s.reason <> 'a mail came back'
 ORDER BY s.purpose, s.topic, s.reason;

-- name: delete_merged
-- Nothing refers to it any more, or this fails.
DELETE FROM lead WHERE lead_id = :loser;

-- name: redirect_lead
-- Whoever names the loser means the survivor.
INSERT INTO merged_lead (lead_id, into_id, merge_id) VALUES (:loser, :survivor, :merge_id);

-- name: own_united
-- Who has the person now, and the number the next event counts on from.
UPDATE lead SET owner_id = :owner_id::uuid, last_event_no = :last_no WHERE lead_id = :lead_id;

-- name: merge_of_pair
-- The merge that made these two one, if it stands.
SELECT merge_id, lead_id
  FROM lead_merge
 WHERE loser_id = ANY (:lead_ids::uuid[]) AND survivor_id = ANY (:lead_ids::uuid[]) AND undone_at IS NULL
 ORDER BY seq DESC
 LIMIT 1;

-- name: merge_by_id
-- One merge, held.
SELECT merge_id, seq, lead_id, survivor_id, loser_id, at, by, why, rule, united, loser_nos, last_no, undone_at, undone_by,
       undone_why
  FROM lead_merge
 WHERE merge_id = :merge_id
   FOR UPDATE;

-- name: merges
-- Merges, the newest first; of one lead, or of all.
SELECT merge_id, lead_id, survivor_id, loser_id, at, by, why, rule, united, undone_at, undone_by, undone_why
  FROM lead_merge
 WHERE (:lead_id::uuid IS NULL OR lead_id = :lead_id OR (survivor_id = :lead_id AND undone_at IS NOT NULL)
        OR (loser_id = :lead_id AND undone_at IS NOT NULL))
 ORDER BY seq DESC
 LIMIT :page_limit::integer;

-- name: lead_by_ids
-- Two leads, for whoever compares them.
SELECT lead_id, account_id, email, first_name, last_name, company, country, role, title, phone, time_zone, language,
       source, owner_id, created_at, attributes
  FROM lead
 WHERE lead_id = ANY (:lead_ids::uuid[]);

-- name: note_owners
-- Owner and company of the survivor, before and after.
UPDATE lead_merge SET owners = :owners::jsonb WHERE merge_id = :merge_id;

-- name: counts_of_pair
-- How much there is of two leads, and by what they are known.
SELECT l.lead_id,
       (SELECT count(*) FROM event e WHERE e.lead_id = l.lead_id) AS events,
       (SELECT count(*) FROM visitor_event v WHERE v.lead_id = l.lead_id AND v.kind IS NULL)
           + (SELECT count(*) FROM event e
               WHERE e.lead_id = l.lead_id AND e.verdict = 'human' AND e.data ? 'page') AS touches,
       (SELECT count(*) FROM visitor v WHERE v.lead_id = l.lead_id) AS browsers,
       ARRAY (SELECT k.value FROM identity_key k WHERE k.lead_id = l.lead_id ORDER BY k.kind, k.value) AS names
  FROM lead l
 WHERE l.lead_id = ANY (:lead_ids::uuid[]);

-- name: talks_of_pair
-- Conversations of sales with either, with who has them.
SELECT h.hand_off_id, h.lead_id, h.kind, h.track, h.state, o.handle AS owner
  FROM hand_off h
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.lead_id = ANY (:lead_ids::uuid[])
   AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL))
 ORDER BY h.opened_at, h.hand_off_id;

-- name: list_merges
-- Merges, the newest first, each with what can be said of it today: who they were, and why it can't be undone.
SELECT m.merge_id, m.seq, m.lead_id, m.survivor_id, m.loser_id, m.at, m.by, m.why, m.rule, m.united, m.undone_at,
       m.undone_by, m.undone_why,
       COALESCE(NULLIF(concat_ws(' ', l.first_name, l.last_name), ''), l.email, 'nameless') AS name,
       COALESCE(NULLIF(concat_ws(' ', w.was ->> 'first_name', w.was ->> 'last_name'), ''), w.was ->> 'email', 'nameless')
           AS was_name,
       w.was ->> 'email' AS was_email, w.was ->> 'company' AS was_company,
       (SELECT n.merge_id FROM lead_merge n
         WHERE n.lead_id = m.lead_id AND n.seq > m.seq AND n.undone_at IS NULL ORDER BY n.seq DESC LIMIT 1) AS newer,
       l.erased_at IS NOT NULL OR w.was IS NULL AS forgotten
  FROM lead_merge m
  JOIN lead l ON l.lead_id = m.lead_id
  LEFT JOIN LATERAL (
       SELECT r.was FROM merged_row r
        WHERE r.merge_id = m.merge_id AND r.of_table = 'lead' AND r.key ->> 'lead_id' = m.loser_id::text
        ORDER BY r.no DESC LIMIT 1) AS w ON true
 WHERE (:merge_id::uuid IS NULL OR m.merge_id = :merge_id)
   AND (:lead_id::uuid IS NULL OR m.lead_id = :lead_id OR (m.undone_at IS NOT NULL
        AND (m.survivor_id = :lead_id OR m.loser_id = :lead_id)))
   AND (:standing::boolean IS NOT TRUE OR m.undone_at IS NULL)
   AND (:before_seq::bigint IS NULL OR m.seq < :before_seq)
 ORDER BY m.seq DESC
 LIMIT :page_limit::integer;
