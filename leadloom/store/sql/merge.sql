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

-- name: drop_carried_withdrawals
-- A no that only the merge wrote.
DELETE FROM basis WHERE lead_id = :survivor AND act = 'withdrawn' AND source = :carried_by;

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
       waiting_for = NULL, waits_until = NULL, blocked_at = NULL, error = NULL
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

-- name: newer_merge
-- A merge of the same lead that stands and came later: it is undone first.
SELECT merge_id
  FROM lead_merge
 WHERE lead_id = :lead_id AND seq > :seq AND undone_at IS NULL
 ORDER BY seq DESC
 LIMIT 1;

-- name: lead_by_ids
-- Two leads, for whoever compares them.
SELECT lead_id, account_id, email, first_name, last_name, company, country, role, title, phone, time_zone, language,
       source, owner_id, created_at, attributes
  FROM lead
 WHERE lead_id = ANY (:lead_ids::uuid[]);

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

-- name: note_owners
-- Owner and company of the survivor, before and after.
UPDATE lead_merge SET owners = :owners::jsonb WHERE merge_id = :merge_id;

-- name: owner_and_company_before
-- The same, for the way back.
SELECT (owners ->> 'owner_before')::uuid AS owner_before, (owners ->> 'owner_after')::uuid AS owner_after,
       (owners ->> 'account_before')::uuid AS account_before, (owners ->> 'account_after')::uuid AS account_after
  FROM lead_merge
 WHERE merge_id = :merge_id;

-- name: own_again
-- Whose they were.
UPDATE lead SET owner_id = :owner_id::uuid WHERE lead_id = :lead_id;

-- name: keep_apart
-- Somebody says these are two: asked never again, and no rule merges them.
INSERT INTO duplicate (lead_id, other_id, found_at, state, decided_at, decided_by, why)
VALUES (:one, :other, :at, 'apart', :at, :by, :why)
    ON CONFLICT (LEAST(lead_id, other_id), GREATEST(lead_id, other_id)) DO UPDATE
   SET state = 'apart', decided_at = EXCLUDED.decided_at, decided_by = EXCLUDED.decided_by, why = EXCLUDED.why;

-- name: open_duplicates
-- Pairs that wait for a decision, the likeliest first.
SELECT d.lead_id, d.other_id, d.bits, d.reasons, d.found_at,
       concat_ws(' / ', COALESCE(NULLIF(concat_ws(' ', a.first_name, a.last_name), ''), a.email, 'nameless'),
                 COALESCE(NULLIF(concat_ws(' ', b.first_name, b.last_name), ''), b.email, 'nameless')) AS names
  FROM duplicate d
  JOIN lead a ON a.lead_id = d.lead_id
  JOIN lead b ON b.lead_id = d.other_id
 WHERE d.state = 'open'
 ORDER BY d.bits DESC, d.lead_id, d.other_id
 LIMIT :page_limit::integer;

-- name: leads_to_match
-- The next leads of which something new is known, with the places of the notes that say so: a note that comes while they
-- are looked at stays.
SELECT n.lead_id, array_agg(n.ctid::text) AS notes
  FROM (SELECT lead_id, ctid FROM lead_to_match WHERE lead_id <> ALL (:left::uuid[]) LIMIT :page_limit::integer) AS n
 GROUP BY n.lead_id;

-- name: take_notes
-- They leave the list with the transaction that writes what follows. A place may be another lead's by now.
DELETE FROM lead_to_match WHERE ctid = ANY (:notes::text[]::tid[]) AND lead_id = ANY (:lead_ids::uuid[]);

-- name: note_to_match
-- Something new is known of them: what two leads told together.
INSERT INTO lead_to_match (lead_id) SELECT unnest(:lead_ids::uuid[]);

-- name: leads_to_compare
-- What of some leads is compared; nothing is left of who was erased.
SELECT lead_id, account_id, email, first_name, last_name, company, country, role, title, phone, time_zone, language,
       source, owner_id, created_at, attributes
  FROM lead
 WHERE lead_id = ANY (:lead_ids::uuid[]) AND erased_at IS NULL;

-- name: forget_old_keys
-- By what leads were looked up before something changed, and aren't any more.
DELETE FROM lead_key k
 WHERE k.lead_id = ANY (:of::uuid[])
   AND NOT EXISTS (SELECT FROM unnest(:lead_ids::uuid[], :keys::text[]) AS now (lead_id, key)
                    WHERE now.lead_id = k.lead_id AND now.key = k.key);

-- name: keep_keys_of_match
-- By what they are now; in order, so that two workers wait for one another and for nothing else.
INSERT INTO lead_key (lead_id, key)
SELECT lead_id, key FROM unnest(:lead_ids::uuid[], :keys::text[]) AS now (lead_id, key) ORDER BY lead_id, key
    ON CONFLICT DO NOTHING;

-- name: leads_sharing_keys
-- Who shares a key that tells people apart, unless somebody said that they are two. A key of many is given up after as
-- many as make it one.
SELECT DISTINCT asked.lead_id, k.lead_id AS other_id
  FROM unnest(:lead_ids::uuid[], :keys::text[]) AS asked (lead_id, key)
 CROSS JOIN LATERAL (
       SELECT few.lead_id, count(*) OVER () AS shared
         FROM (SELECT s.lead_id FROM lead_key s WHERE s.key = asked.key LIMIT :most::integer + 1) AS few) AS k
 WHERE k.shared <= :most
   AND k.lead_id <> asked.lead_id
   AND NOT EXISTS (SELECT FROM duplicate d
                    WHERE d.state = 'apart' AND LEAST(d.lead_id, d.other_id) = LEAST(k.lead_id, asked.lead_id)
                      AND GREATEST(d.lead_id, d.other_id) = GREATEST(k.lead_id, asked.lead_id));

-- name: leads_with_keys
-- How many have a number, as far as it matters: one of many is a switchboard.
SELECT asked.key,
       (SELECT count(*) FROM (SELECT FROM lead_key k WHERE k.key = asked.key LIMIT :enough::integer) AS few) AS leads
  FROM unnest(:keys::text[]) AS asked (key);

-- name: open_pairs_of_leads
-- With whom a suggestion waits.
SELECT lead_id, other_id
  FROM duplicate
 WHERE state = 'open' AND (lead_id = ANY (:lead_ids::uuid[]) OR other_id = ANY (:lead_ids::uuid[]));

-- name: leads_about
-- How many leads there are, about: what a likeness says depends on it.
SELECT GREATEST(reltuples, 2)::integer FROM pg_class WHERE oid = 'lead'::regclass;

-- name: suggest
-- For somebody to decide. What was decided before stays so.
INSERT INTO duplicate (lead_id, other_id, bits, reasons, found_at, state)
SELECT :lead_id, r.other_id, r.bits, r.reasons, :at, 'open'
  FROM jsonb_to_recordset(:rows::jsonb) AS r (other_id uuid, bits double precision, reasons text[])
 ORDER BY r.other_id
    ON CONFLICT (LEAST(lead_id, other_id), GREATEST(lead_id, other_id)) DO UPDATE
   SET bits = EXCLUDED.bits, reasons = EXCLUDED.reasons
 WHERE duplicate.state = 'open';

-- name: suggest_no_more
-- By what is known now they aren't likely one person.
DELETE FROM duplicate
 WHERE state = 'open'
   AND ((lead_id = :lead_id AND other_id = ANY (:others::uuid[]))
        OR (other_id = :lead_id AND lead_id = ANY (:others::uuid[])));

-- name: keep_match_fault
-- For somebody to look at.
INSERT INTO match_fault (lead_id, error, at)
SELECT l.lead_id, :error, :at FROM lead l WHERE l.lead_id = :lead_id
    ON CONFLICT (lead_id) DO UPDATE
   SET error = EXCLUDED.error, at = EXCLUDED.at, tries = match_fault.tries + 1;

-- name: forget_match_faults_of
-- They could be looked at.
DELETE FROM match_fault WHERE lead_id = ANY (:lead_ids::uuid[]);

-- name: match_faults
-- Whom the sweep couldn't look at, the newest first.
SELECT f.lead_id, f.error, f.at, f.tries,
       COALESCE(NULLIF(concat_ws(' ', l.first_name, l.last_name), ''), l.email, 'nameless') AS name
  FROM match_fault f
  JOIN lead l USING (lead_id)
 ORDER BY f.at DESC, f.lead_id
 LIMIT :page_limit::integer;

-- name: match_again
-- All of them in the next round; what went wrong stands until it went well.
INSERT INTO lead_to_match (lead_id) SELECT lead_id FROM match_fault;
