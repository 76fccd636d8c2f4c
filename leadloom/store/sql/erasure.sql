-- name: names_of_lead
-- What somebody is known by: what the rows of others must not say any more either.
SELECT l.email, l.first_name, l.last_name, l.phone, l.account_id, l.erased_at,
       ARRAY (SELECT k.value FROM identity_key k WHERE k.lead_id = l.lead_id ORDER BY k.kind, k.value) AS keys,
       ARRAY (SELECT DISTINCT r.address FROM mail_return r
               WHERE r.lead_id = l.lead_id AND r.matched_by = 'token' AND r.address IS NOT NULL) AS returned_from
  FROM lead l
 WHERE l.lead_id = :lead_id;

-- name: open_runs_of_erased
-- What of theirs is still under way.
SELECT enrolment_id
  FROM enrolment
 WHERE lead_id = :lead_id AND status = 'active'
 ORDER BY enrolment_id;

-- name: close_hand_offs_of_erased
-- Nobody calls them any more. An offer that colleagues came along with stays open for them.
UPDATE hand_off h
   SET state = CASE WHEN h.state = 'offered' THEN 'rejected' ELSE h.state END,
       decided_at = COALESCE(h.decided_at, :at), decided_by = COALESCE(h.decided_by, 'system'),
       decided_via = COALESCE(h.decided_via, 'erasure'), closed_at = COALESCE(h.closed_at, :at),
       waiting_for = NULL, waits_until = NULL, blocked_at = NULL, answer = NULL, final_at = NULL
 WHERE h.lead_id = :lead_id
   AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL))
   AND NOT EXISTS (SELECT FROM hand_off_member m WHERE m.hand_off_id = h.hand_off_id AND m.lead_id <> h.lead_id)
RETURNING h.hand_off_id;

-- name: take_back_mail_of_erased
-- Nothing that is planned goes. What a worker has claimed loses its claim, so it is neither written down nor marked;
-- what stands at the dot is settled by whoever stands there.
UPDATE message
   SET status = 'cancelled', reason = 'erased', settled_at = :at, claim = NULL, claim_epoch = NULL,
       wall_claimed_at = NULL
 WHERE lead_id = :lead_id AND status IN ('reserved', 'deferred', 'held', 'claimed');

-- name: mark_silences_of_erased
-- Their addresses leave the list of those to leave alone; marks that say the same stay, and marketing ends for good.
INSERT INTO suppression (suppression_id, scope, value, purpose, topic, reason, at, lifted_at, lifted_why, by, lifted_by)
SELECT gen_random_uuid(), 'hash', address_mark(s.value), s.purpose, s.topic,
       CASE WHEN s.reason IN ('unsubscribed', 'a mail came back', 'called our mail spam') THEN s.reason
            ELSE 'left alone before they were erased' END,
       s.at, s.lifted_at, CASE WHEN s.lifted_at IS NOT NULL THEN 'lifted before they were erased' END, s.by, s.lifted_by
  FROM suppression s
 WHERE s.scope = 'address' AND s.value = ANY (:addresses::text[])
 UNION ALL
SELECT gen_random_uuid(), 'hash', address_mark(told.address), 'marketing', NULL, 'erased', :at, NULL, NULL, :by, NULL
  FROM unnest(:addresses::text[]) AS told (address)
    ON CONFLICT (scope, value, COALESCE(purpose, ''), COALESCE(topic, '')) WHERE lifted_at IS NULL DO NOTHING;

-- name: forget_silences
-- The rows that name the address; their marks stand.
DELETE FROM suppression
 WHERE scope = 'address' AND value = ANY (:addresses::text[]);

-- name: forget_lead
-- Who it was. What reports tell people apart by stays: source, country, and that there was a company, a role, a work mail.
UPDATE lead
   SET email = NULL, first_name = NULL, last_name = NULL, title = NULL, phone = NULL, time_zone = NULL,
       company = CASE WHEN company IS NOT NULL THEN '[erased]' END,
       role = CASE WHEN role IS NOT NULL THEN '[erased]' END,
       attributes = jsonb_build_object('had_work_mail', :had_work_mail::boolean), erased_at = :at
 WHERE lead_id = :lead_id;

-- name: forget_keys
-- By what they were known: who comes again is somebody new.
DELETE FROM identity_key WHERE lead_id = :lead_id;

-- name: forget_tags
-- Words somebody hung on them.
DELETE FROM lead_tag WHERE lead_id = :lead_id;

-- name: forget_pace_of_company
-- How far the rate to their company is taken, under its domain: the next mail there begins anew.
DELETE FROM pace p
 USING account a
 WHERE a.account_id = :account_id::uuid AND a.domain <> '' AND right(p.bucket, length(a.domain)) = a.domain
   AND NOT EXISTS (SELECT FROM lead l WHERE l.account_id = a.account_id AND l.lead_id <> :lead_id)
   AND NOT EXISTS (SELECT FROM deal d WHERE d.account_id = a.account_id);

-- name: forget_clocks
-- Nothing comes by itself any more.
DELETE FROM lead_clock WHERE lead_id = :lead_id;

-- name: forget_waits
-- No promise about them is waited for any more.
UPDATE lead_stage SET waiting_for = NULL, waits_until = NULL WHERE lead_id = :lead_id;

-- name: forget_matches
-- Days and conditions that were theirs.
DELETE FROM journey_match WHERE lead_id = :lead_id;

-- name: forget_events
-- That something happened and when stays; what it said, and what another system called it, goes. Which mail it answers
-- is ours, and figures ask for it.
UPDATE event
   SET key = NULL,
       data = COALESCE((SELECT jsonb_object_agg(told.key, told.value) FROM jsonb_each(data) told
                         WHERE told.key IN ('message_id', 'journey', 'mail', 'points', 'track', 'link')), '{}')
 WHERE lead_id = :lead_id;

-- name: forget_bases
-- That there was a permission stays; its proof was about them. None holds any more.
UPDATE basis
   SET source = CASE WHEN act = 'withdrawn' THEN source ELSE '[erased]' END, wording = '', proof = '{}',
       until = LEAST(until, :at)
 WHERE lead_id = :lead_id;

-- name: forget_stage_words
-- Where they stood stays, and whether to the day; the values that decided it go.
UPDATE stage_change
   SET evidence = COALESCE((SELECT jsonb_object_agg(told.key, told.value) FROM jsonb_each(evidence) told
                             WHERE told.key = 'precision'), '{}'),
       reason = CASE WHEN reason = 'imported' THEN reason ELSE regexp_replace(reason, :pattern, '[erased]', 'gi') END
 WHERE lead_id = :lead_id;

-- name: forget_runs
-- Which steps they took stays; keys, errors and values that were theirs go.
UPDATE enrolment
   SET key = enrolment_id::text, place = '', error = CASE WHEN error IS NOT NULL THEN '[erased]' END,
       outcome = regexp_replace(outcome, :pattern, '[erased]', 'gi'),
       entered_by = regexp_replace(entered_by, :pattern, '[erased]', 'gi')
 WHERE lead_id = :lead_id;

-- name: forget_steps
-- That a step was taken and how it ended stays.
UPDATE step_log
   SET did = regexp_replace(regexp_replace(did, '^(tagged: |took off the tag |noted that |asked [^:]+: ).*$', '\1[erased]'),
                            :pattern, '[erased]', 'gi'),
       why = '{}'
 WHERE enrolment_id IN (SELECT enrolment_id FROM enrolment WHERE lead_id = :lead_id);

-- name: forget_resumes
-- What the preview of a resume said their runs would get.
UPDATE pause_run SET gets = '[]' WHERE enrolment_id IN (SELECT enrolment_id FROM enrolment WHERE lead_id = :lead_id);

-- name: forget_tasks
-- That somebody had something to do, and what came of it, stays.
UPDATE task
   SET words = '[erased]', status = CASE WHEN status = 'open' THEN 'cancelled' ELSE status END,
       ended_at = COALESCE(ended_at, :at)
 WHERE lead_id = :lead_id;

-- name: forget_hand_offs
-- That they were offered, by which clock, and the answer stay; why and what was written go.
UPDATE hand_off
   SET why = CASE WHEN why IN ('[]', '{}', 'null') THEN why ELSE '["[erased]"]' END, reason_text = NULL,
       answer = answer #- '{decision,text}', error = CASE WHEN error IS NOT NULL THEN '[erased]' END
 WHERE lead_id = :lead_id;

-- name: forget_support_requests
-- That support raised them stays, for who waits for an answer; whom and what it was about goes.
UPDATE support_request SET about = '[erased]', said = '[erased]' WHERE lead_id = :lead_id;

-- name: forget_appeals
-- That a rejection was appealed, and how it ended, stays.
UPDATE appeal SET words = '[erased]', answer = CASE WHEN answer IS NOT NULL THEN '[erased]' END
 WHERE hand_off_id IN (SELECT hand_off_id FROM hand_off WHERE lead_id = :lead_id);

-- name: forget_offers
-- To whom and until when they were offered stays.
UPDATE assignment SET why = '[erased]', routed = '[]'
 WHERE hand_off_id IN (SELECT hand_off_id FROM hand_off WHERE lead_id = :lead_id);

-- name: forget_companions
-- That they came along stays.
UPDATE hand_off_member SET why = '["[erased]"]' WHERE lead_id = :lead_id;

-- name: forget_mails
-- That a mail went, when and how it ended stays; what it said, and what the relay said, goes. Notices about them, too.
UPDATE message
   SET values = NULL, links = '{}', reply = NULL, reason = regexp_replace(reason, :pattern, '[erased]', 'gi')
 WHERE lead_id = :lead_id
    OR hand_off_id IN (SELECT hand_off_id FROM hand_off WHERE lead_id = :lead_id);

-- name: forget_returned
-- That something came back and what it was taken for stays; what they wrote goes.
UPDATE mail_return
   SET key = 'erased/' || return_id, raw = NULL, event = NULL, said = '', subject = '', sender = NULL, diagnostic = NULL,
       address = NULL, envelope_to = NULL, envelope_from = NULL, why = '[erased]', done = '{}', looked_why = NULL
 WHERE lead_id = :lead_id OR address = ANY (:addresses::text[]) OR sender = ANY (:addresses::text[]);

-- name: forget_readings
-- How long they read what; that they did stays in the log.
DELETE FROM reading WHERE lead_id = :lead_id;

-- name: forget_visits
-- What their programs called themselves; who followed what stays in the log, without it.
DELETE FROM visit WHERE lead_id = :lead_id;

-- name: forget_choices
-- What they chose on their page is no proof of anything any more.
DELETE FROM preference_change WHERE lead_id = :lead_id;

-- name: forget_visitors
-- What they looked at, and the browsers they did it with.
WITH theirs AS (DELETE FROM visitor_event WHERE lead_id = :lead_id)
DELETE FROM visitor WHERE lead_id = :lead_id;

-- name: forget_in_dropped
-- What was told of them and couldn't be taken: nobody will take it.
DELETE FROM dropped_event WHERE raw::text ~* :pattern;

-- name: forget_cells
-- Rows of lists that were refused, and name them.
UPDATE import_fault SET cells = '{}', why = '[erased]'
 WHERE cells::text ~* :pattern OR why ~* :pattern;

-- name: forget_in_provider_posts
-- What a provider said of them and nobody could take: nobody will.
DELETE FROM provider_post WHERE raw::text ~* :pattern;

-- name: forget_form_posts
-- What they typed into a form and nobody took: that it came stays, and that it was let go.
UPDATE form_post
   SET state = 'dropped', decided_at = :at, decided_by = 'system', decided_why = 'erased',
       fields = '{}', door = '{}', digest = post_id::text
 WHERE state <> 'taken' AND fields::text ~* :pattern;

-- name: forget_notes
-- What was noted about them, wherever it is said.
UPDATE audit
   SET before = CASE WHEN subject = :subject THEN NULL
                     ELSE regexp_replace(before::text, :pattern, '[erased]', 'gi')::jsonb END,
       after = CASE WHEN subject = :subject THEN NULL
                    ELSE regexp_replace(after::text, :pattern, '[erased]', 'gi')::jsonb END,
       why = CASE WHEN subject = :subject THEN '' ELSE regexp_replace(why, :pattern, '[erased]', 'gi') END,
       subject = regexp_replace(subject, :pattern, '[erased]', 'gi')
 WHERE subject = :subject OR subject ~* :pattern OR before::text ~* :pattern OR after::text ~* :pattern
    OR why ~* :pattern;

-- name: forget_deals
-- A deal is their company's; where it names them it does so no more.
UPDATE deal
   SET name = regexp_replace(name, :pattern, '[erased]', 'gi'),
       attributes = regexp_replace(attributes::text, :pattern, '[erased]', 'gi')::jsonb
 WHERE (lead_id = :lead_id OR account_id = :account_id::uuid)
   AND (name ~* :pattern OR attributes::text ~* :pattern);

-- name: forget_odds
-- Why somebody foretold a deal otherwise, where it names them.
UPDATE deal_odds o
   SET why = regexp_replace(o.why, :pattern, '[erased]', 'gi')
  FROM deal d
 WHERE d.deal_id = o.deal_id
   AND (d.lead_id = :lead_id OR d.account_id = :account_id::uuid)
   AND o.why ~* :pattern;

-- name: forget_company
-- A company nobody else is known of, and with which there is no business, was known through them alone.
UPDATE account a
   SET name = '[erased]', domain = NULL
 WHERE a.account_id = :account_id::uuid
   AND NOT EXISTS (SELECT FROM lead l WHERE l.account_id = a.account_id AND l.lead_id <> :lead_id)
   AND NOT EXISTS (SELECT FROM deal d WHERE d.account_id = a.account_id);

-- name: forget_company_keys
-- By what a company that is forgotten was compared with others.
DELETE FROM account_key k
 USING account a
 WHERE a.account_id = :account_id::uuid AND k.account_id = a.account_id
   AND NOT EXISTS (SELECT FROM lead l WHERE l.account_id = a.account_id AND l.lead_id <> :lead_id)
   AND NOT EXISTS (SELECT FROM deal d WHERE d.account_id = a.account_id);

-- name: forget_company_aliases
-- What it was also called, and rows that were found to be it.
WITH gone AS (
     SELECT a.account_id
       FROM account a
      WHERE a.account_id = :account_id::uuid
        AND NOT EXISTS (SELECT FROM lead l WHERE l.account_id = a.account_id AND l.lead_id <> :lead_id)
        AND NOT EXISTS (SELECT FROM deal d WHERE d.account_id = a.account_id)),
     joined AS (UPDATE account SET name = '[erased]', domain = NULL WHERE same_as IN (SELECT account_id FROM gone))
DELETE FROM account_alias x USING gone WHERE x.account_id = gone.account_id;

-- name: forget_company_matches
-- Whom it may have been, and what it was offered as: names of a company may be a person's.
UPDATE account_match m
   SET candidates = (SELECT COALESCE(jsonb_agg(c), '[]') FROM jsonb_array_elements(m.candidates) AS c
                      WHERE m.account_id <> a.account_id AND c ->> 'account_id' <> a.account_id::text),
       reasons = '{}',
       why = '',
       moved = m.moved - 'before' - 'after' || '{"before": {}, "after": {}}'
  FROM account a
 WHERE a.account_id = :account_id::uuid
   AND (m.account_id = a.account_id OR m.other_id = a.account_id
        OR m.candidates @> jsonb_build_array(jsonb_build_object('account_id', a.account_id)))
   AND NOT EXISTS (SELECT FROM lead l WHERE l.account_id = a.account_id AND l.lead_id <> :lead_id)
   AND NOT EXISTS (SELECT FROM deal d WHERE d.account_id = a.account_id);

-- name: forget_enrichments
-- What providers told of them, and what they were told; the values go with the question.
DELETE FROM enrichment_run WHERE lead_id = :lead_id;

-- name: forget_company_enrichments
-- What providers told of it, and were asked; the values go with the question.
DELETE FROM enrichment_run r
 USING account a
 WHERE a.account_id = :account_id::uuid AND r.account_id = a.account_id
   AND NOT EXISTS (SELECT FROM lead l WHERE l.account_id = a.account_id AND l.lead_id <> :lead_id)
   AND NOT EXISTS (SELECT FROM deal d WHERE d.account_id = a.account_id);

-- name: forget_company_notes
-- What was declared of it.
UPDATE audit n
   SET before = NULL, after = NULL, why = ''
  FROM account a
 WHERE a.account_id = :account_id::uuid AND n.subject = 'account ' || a.account_id
   AND NOT EXISTS (SELECT FROM lead l WHERE l.account_id = a.account_id AND l.lead_id <> :lead_id)
   AND NOT EXISTS (SELECT FROM deal d WHERE d.account_id = a.account_id);

-- name: forget_in_events_of_colleagues
-- What colleagues told about them.
UPDATE event
   SET data = regexp_replace(data::text, :pattern, '[erased]', 'gi')::jsonb
 WHERE lead_id IN (SELECT l.lead_id FROM lead l WHERE l.account_id = :account_id::uuid AND l.lead_id <> :lead_id)
   AND data::text ~* :pattern;

-- name: forget_in_mails_of_colleagues
-- Notices about a colleague name who came along.
UPDATE message
   SET values = regexp_replace(values::text, :pattern, '[erased]', 'gi')::jsonb
 WHERE lead_id IN (SELECT l.lead_id FROM lead l WHERE l.account_id = :account_id::uuid AND l.lead_id <> :lead_id)
   AND values::text ~* :pattern;

-- name: forget_in_offers_of_colleagues
-- What a rep wrote about a colleague may name them.
UPDATE hand_off
   SET why = regexp_replace(why::text, :pattern, '[erased]', 'gi')::jsonb,
       reason_text = regexp_replace(reason_text, :pattern, '[erased]', 'gi'),
       answer = regexp_replace(answer::text, :pattern, '[erased]', 'gi')::jsonb
 WHERE account_id = :account_id::uuid
   AND (why::text ~* :pattern OR reason_text ~* :pattern OR answer::text ~* :pattern);

-- name: forget_in_campaigns
-- An audience that named its members, a check that told of one.
UPDATE campaign
   SET audience = regexp_replace(audience::text, :pattern, '[erased]', 'gi')::jsonb,
       error = regexp_replace(error, :pattern, '[erased]', 'gi')
 WHERE audience::text ~* :pattern OR error ~* :pattern;

-- name: forget_in_checks
-- What a check of a launch found and said with an address in it.
UPDATE campaign_check
   SET findings = regexp_replace(findings::text, :pattern, '[erased]', 'gi')::jsonb
 WHERE findings::text ~* :pattern;

-- name: forget_in_lanes
-- What a relay said when it took nothing.
UPDATE lane SET rests_why = regexp_replace(rests_why, :pattern, '[erased]', 'gi') WHERE rests_why ~* :pattern;

-- name: forget_in_silences
-- Why others are left alone may name them.
UPDATE suppression
   SET reason = regexp_replace(reason, :pattern, '[erased]', 'gi'),
       lifted_why = regexp_replace(lifted_why, :pattern, '[erased]', 'gi')
 WHERE reason ~* :pattern OR lifted_why ~* :pattern;

-- name: forget_duplicates
-- Who they were taken for.
DELETE FROM duplicate WHERE lead_id = :lead_id OR other_id = :lead_id;

-- name: forget_lead_keys
-- By what they were looked up.
DELETE FROM lead_key WHERE lead_id = :lead_id;

-- name: forget_match_faults
-- What went wrong when they were compared may quote them.
DELETE FROM match_fault WHERE lead_id = :lead_id;

-- name: forget_merged_rows
-- Who they were before they were one with somebody: they are never parted again.
DELETE FROM merged_row WHERE merge_id IN (SELECT merge_id FROM lead_merge WHERE lead_id = :lead_id);

-- name: forget_merges
-- That they were merged stays; in which words, and of what, goes.
UPDATE lead_merge SET why = '[erased]', united = '{}', undone_why = '[erased]' WHERE lead_id = :lead_id;
