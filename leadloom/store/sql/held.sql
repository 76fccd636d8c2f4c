-- name: held_of_lead
-- The export of one person: a test compares this list with every table that can name a lead.
WITH who AS (SELECT lead_id, account_id, email FROM lead WHERE lead_id = :lead_id),
     run AS (SELECT enrolment_id FROM enrolment WHERE lead_id = :lead_id),
     offer AS (
         SELECT hand_off_id FROM hand_off WHERE lead_id = :lead_id
          UNION
         SELECT hand_off_id FROM hand_off_member WHERE lead_id = :lead_id
     ),
     held AS (
         SELECT 1 AS rank, 'lead' AS noun, l.created_at AS at, to_jsonb(l) AS row FROM lead l JOIN who USING (lead_id)
          UNION ALL
         SELECT 2, 'account', a.created_at, to_jsonb(a) FROM account a JOIN who USING (account_id)
          UNION ALL
         SELECT 3, 'identity_key', NULL, to_jsonb(k) FROM identity_key k JOIN who USING (lead_id)
          UNION ALL
         SELECT 4, 'basis', b.at, to_jsonb(b) FROM basis b JOIN who USING (lead_id)
          UNION ALL
         SELECT 5, 'suppression', s.at, to_jsonb(s)
           FROM suppression s
           JOIN who
             ON (s.scope = 'address' AND s.value = who.email)
             OR (s.scope = 'domain' AND s.value = split_part(who.email, '@', 2))
             OR (s.scope = 'person' AND s.value = who.lead_id::text)
             OR (s.scope = 'hash' AND s.value = address_mark(who.email))
          UNION ALL
         SELECT 6, 'event', e.at, to_jsonb(e) FROM event e JOIN who USING (lead_id)
          UNION ALL
         SELECT 7, 'score_entry', s.at, to_jsonb(s) FROM score_entry s JOIN who USING (lead_id)
          UNION ALL
         SELECT 8, 'checklist_answer', q.at, to_jsonb(q) FROM checklist_answer q JOIN who USING (lead_id)
          UNION ALL
         SELECT 8, 'stage_change', c.at, to_jsonb(c) FROM stage_change c JOIN who USING (lead_id)
          UNION ALL
         SELECT 9, 'lead_stage', s.since, to_jsonb(s) FROM lead_stage s JOIN who USING (lead_id)
          UNION ALL
         SELECT 10, 'lead_clock', c.due_at, to_jsonb(c) FROM lead_clock c JOIN who USING (lead_id)
          UNION ALL
         SELECT 11, 'enrolment', e.entered_at, to_jsonb(e) FROM enrolment e JOIN who USING (lead_id)
          UNION ALL
         SELECT 12, 'step_log', s.at, to_jsonb(s) FROM step_log s JOIN run USING (enrolment_id)
          UNION ALL
         SELECT 13, 'hand_off', h.opened_at, to_jsonb(h) FROM hand_off h JOIN offer USING (hand_off_id)
          UNION ALL
         SELECT 14, 'assignment', a.at, to_jsonb(a) FROM assignment a JOIN offer USING (hand_off_id)
          UNION ALL
         SELECT 14, 'notice_post', p.asked_at, to_jsonb(p) FROM notice_post p JOIN offer USING (hand_off_id)
          UNION ALL
         -- Only their own row: colleagues who came along are other people.
         SELECT 15, 'hand_off_member', m.joined_at, to_jsonb(m) FROM hand_off_member m JOIN who USING (lead_id)
          UNION ALL
         SELECT 16, 'message', m.asked_at, to_jsonb(m) FROM message m JOIN who USING (lead_id)
          UNION ALL
         SELECT 17, 'deal', d.created_at, to_jsonb(d) FROM deal d JOIN who USING (lead_id)
          UNION ALL
         SELECT 18, 'import_row', i.started_at, to_jsonb(r)
           FROM import_row r JOIN who USING (lead_id) JOIN import i USING (import_id)
          UNION ALL
         SELECT 19, 'campaign_member', m.decided_at, to_jsonb(m) FROM campaign_member m JOIN who USING (lead_id)
          UNION ALL
         SELECT 38, 'support_request', r.raised_at, to_jsonb(r) FROM support_request r JOIN who USING (lead_id)
          UNION ALL
         SELECT 39, 'appeal', a.raised_at, to_jsonb(a) FROM appeal a JOIN offer USING (hand_off_id)
          UNION ALL
         SELECT 40, 'task', t.opened_at, to_jsonb(t) FROM task t JOIN who USING (lead_id)
          UNION ALL
         SELECT 41, 'lead_tag', t.at, to_jsonb(t) FROM lead_tag t JOIN who USING (lead_id)
          UNION ALL
         SELECT 42, 'journey_match', m.since, to_jsonb(m) FROM journey_match m JOIN who USING (lead_id)
          UNION ALL
         SELECT 50, 'publication_run', r.decided_at, to_jsonb(r) FROM publication_run r JOIN run USING (enrolment_id)
          UNION ALL
         SELECT 51, 'pause_run', r.turn_at, to_jsonb(r) FROM pause_run r JOIN run USING (enrolment_id)
          UNION ALL
         SELECT 52, 'mail_return', r.at, to_jsonb(r) FROM mail_return r JOIN who USING (lead_id)
          UNION ALL
         SELECT 53, 'preference_change', c.at, to_jsonb(c) FROM preference_change c JOIN who USING (lead_id)
          UNION ALL
         SELECT 54, 'visit', v.at, to_jsonb(v) FROM visit v JOIN who USING (lead_id)
          UNION ALL
         SELECT 55, 'visitor', v.at, to_jsonb(v) FROM visitor v JOIN who USING (lead_id)
          UNION ALL
         SELECT 56, 'visitor_event', e.at, to_jsonb(e) FROM visitor_event e JOIN who USING (lead_id)
          UNION ALL
         -- What waits for a look is nobody's yet, and names the address that was typed.
         SELECT 57, 'form_post', f.at, to_jsonb(f)
           FROM form_post f
           JOIN who ON f.lead_id = who.lead_id OR lower(btrim(f.fields ->> 'email')) = who.email
          UNION ALL
         SELECT 58, 'reading', r.first_at, to_jsonb(r) FROM reading r JOIN who USING (lead_id)
          UNION ALL
         SELECT 57, 'lead_merge', m.at, to_jsonb(m) FROM lead_merge m JOIN who USING (lead_id)
          UNION ALL
         SELECT 58, 'merged_lead', m.at, to_jsonb(r) FROM merged_lead r JOIN who ON who.lead_id = r.into_id
           JOIN lead_merge m USING (merge_id)
          UNION ALL
         SELECT 59, 'duplicate', d.found_at, to_jsonb(d) FROM duplicate d JOIN who ON who.lead_id IN (d.lead_id, d.other_id)
          UNION ALL
         SELECT 59, 'match_fault', f.at, to_jsonb(f) FROM match_fault f JOIN who USING (lead_id)
          UNION ALL
         SELECT 60, 'lead_key', NULL, to_jsonb(k) FROM lead_key k JOIN who USING (lead_id)
          UNION ALL
         SELECT 61, 'lead_to_match', NULL, to_jsonb(n) FROM lead_to_match n JOIN who USING (lead_id)
          UNION ALL
         SELECT 3, 'enrichment_run', r.at, to_jsonb(r)
           FROM enrichment_run r JOIN who USING (lead_id)
          UNION ALL
         SELECT 3, 'enriched_value', r.at, to_jsonb(v) || jsonb_build_object('provider', r.provider, 'at', r.at)
           FROM enriched_value v JOIN enrichment_run r USING (run_id)
           JOIN who ON r.lead_id = who.lead_id OR r.account_id = who.account_id
          UNION ALL
         SELECT 20, 'audit', a.at, to_jsonb(a) FROM audit a WHERE a.subject = 'lead ' || :lead_id::uuid
     )
SELECT noun, row
  FROM held
 ORDER BY rank, at, row;
