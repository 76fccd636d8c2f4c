-- name: count_leads
-- Where leads stand: one figure per track and stage.
SELECT track, stage, count(*) AS leads
  FROM lead_stage
 GROUP BY track, stage;

-- name: count_hand_offs
-- Open work per kind: what waits for an answer or a first try, and how much of it is past its clock.
SELECT kind,
       count(*) FILTER (WHERE state = 'offered') AS to_answer,
       count(*) FILTER (WHERE state = 'offered' AND accept_by < :at) AS answers_overdue,
       count(*) FILTER (WHERE state = 'accepted') AS to_try,
       count(*) FILTER (WHERE state = 'accepted' AND first_try_by < :at) AS tries_overdue
  FROM hand_off
 WHERE state = 'offered' OR (state = 'accepted' AND closed_at IS NULL AND first_try_at IS NULL)
 GROUP BY kind;

-- name: count_mails
-- Mails by how they went; notices to owners apart.
SELECT status, owner_id IS NOT NULL AS to_owner, count(*) AS mails
  FROM message
 GROUP BY status, owner_id IS NOT NULL;

-- name: count_runs
-- What open runs wait for, per journey.
SELECT journey, blocked_at IS NOT NULL AS blocked, waiting_for, count(*) AS runs, min(waits_until) AS next_at
  FROM enrolment
 WHERE status = 'active'
 GROUP BY journey, blocked_at IS NOT NULL, waiting_for
 ORDER BY journey, runs DESC, waiting_for;

-- name: list_leads
-- Leads per track behind a figure, sorted and a page at a time: the key of the last row begins the next page.
WITH found AS (
    SELECT s.lead_id, s.track, s.stage, s.since, l.first_name, l.last_name, l.email,
           COALESCE(a.name, l.company) AS company, l.country, l.role, l.source, o.handle AS owner, s.waiting_for,
           s.waits_until,
           (CASE :sort::text
                WHEN 'name' THEN lower(concat_ws(' ', l.first_name, l.last_name, l.email))
                WHEN 'company' THEN lower(COALESCE(a.name, l.company, ''))
                WHEN 'stage' THEN s.stage
                WHEN 'owner' THEN COALESCE(o.handle, '')
                WHEN 'source' THEN COALESCE(l.source, '')
                ELSE to_char(s.since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') END) COLLATE "C" AS sort_key,
           (s.lead_id || '/' || s.track) COLLATE "C" AS row_id
      FROM lead_stage s
      JOIN lead l ON l.lead_id = s.lead_id
      LEFT JOIN account a ON a.account_id = l.account_id
      LEFT JOIN owner o ON o.owner_id = l.owner_id
     WHERE (/* where */ TRUE)
       AND (:track::text IS NULL OR s.track = :track)
       AND (:stage::text IS NULL OR s.stage = :stage)
       AND (:owner::text IS NULL OR o.handle = :owner)
       AND (:source::text IS NULL OR l.source = :source)
       AND (:words::text IS NULL
            OR strpos(lower(concat_ws(' ', l.first_name, l.last_name, l.email, a.name, l.company)), lower(:words)) > 0))
SELECT lead_id, track, stage, since, first_name, last_name, email, company, country, role, source, owner, waiting_for,
       waits_until, sort_key, row_id, (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;

-- name: list_hand_offs
-- Hand-offs behind a figure. `open` is what waits for an answer or a first try, `overdue` what is past that clock.
WITH found AS (
    SELECT h.hand_off_id, h.kind, h.state, h.level, h.pool, o.handle AS owner, h.lead_id, l.first_name, l.last_name,
           l.email, COALESCE(a.name, l.company) AS company, h.opened_at, h.accept_by, h.first_try_by, h.first_try_at,
           h.decided_at, h.decided_by, h.reason, h.closed_at, h.waiting_for, h.waits_until,
           (CASE :sort::text
                WHEN 'name' THEN lower(concat_ws(' ', l.first_name, l.last_name, l.email))
                WHEN 'company' THEN lower(COALESCE(a.name, l.company, ''))
                WHEN 'kind' THEN h.kind
                WHEN 'state' THEN h.state
                WHEN 'owner' THEN COALESCE(o.handle, '')
                WHEN 'due' THEN to_char(CASE WHEN h.state = 'accepted' THEN h.first_try_by ELSE h.accept_by END
                                        AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
                ELSE to_char(h.opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') END) COLLATE "C" AS sort_key,
           h.hand_off_id::text COLLATE "C" AS row_id
      FROM hand_off h
      JOIN lead l ON l.lead_id = h.lead_id
      LEFT JOIN account a ON a.account_id = l.account_id
      LEFT JOIN owner o ON o.owner_id = h.owner_id
     WHERE (/* where */ TRUE)
       AND (:ids::uuid[] IS NULL OR h.hand_off_id = ANY (:ids))
       AND (:kind::text IS NULL OR h.kind = :kind)
       AND (:owner::text IS NULL OR o.handle = :owner)
       AND (:state::text IS NULL OR h.state = :state)
       AND (NOT :open::boolean
            OR h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL AND h.first_try_at IS NULL))
       AND (NOT :overdue::boolean
            OR (h.state = 'offered' AND h.accept_by < :at)
            OR (h.state = 'accepted' AND h.closed_at IS NULL AND h.first_try_at IS NULL AND h.first_try_by < :at)))
SELECT hand_off_id, kind, state, level, pool, owner, lead_id, first_name, last_name, email, company, opened_at,
       accept_by, first_try_by, first_try_at, decided_at, decided_by, reason, closed_at, waiting_for, waits_until,
       sort_key, row_id, (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (COALESCE(sort_key, ''), row_id) < (:after_key, :after_id::text)
            ELSE (COALESCE(sort_key, ''), row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN COALESCE(sort_key, '') END DESC, CASE WHEN :descending THEN row_id END DESC,
          COALESCE(sort_key, ''), row_id
 LIMIT :page_limit::integer;

-- name: list_mails
-- Mails behind a figure: to leads, or notices to owners.
WITH found AS (
    SELECT m.message_id, m.mail, COALESCE(e.journey, 'hand-off') AS journey, m.step, m.visit, m.mail_class, m.sender,
           m.status, m.lead_id, l.first_name, l.last_name, l.email, COALESCE(a.name, l.company) AS company,
           o.handle AS owner, m.asked_at, m.slot_at, m.sent_at, m.reason, m.reply,
           (CASE :sort::text
                WHEN 'name' THEN lower(concat_ws(' ', l.first_name, l.last_name, l.email))
                WHEN 'mail' THEN COALESCE(e.journey, 'hand-off') || '/' || m.mail
                WHEN 'status' THEN m.status
                WHEN 'asked' THEN to_char(m.asked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
                ELSE to_char(COALESCE(m.sent_at, m.slot_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') END)
           COLLATE "C" AS sort_key,
           m.message_id::text COLLATE "C" AS row_id
      FROM message m
      LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
      LEFT JOIN lead l ON l.lead_id = m.lead_id
      LEFT JOIN account a ON a.account_id = l.account_id
      LEFT JOIN owner o ON o.owner_id = m.owner_id
     WHERE (/* where */ TRUE)
       AND (:to_owner::boolean IS NULL OR (m.owner_id IS NOT NULL) = :to_owner)
       AND (:statuses::text[] IS NULL OR m.status = ANY (:statuses))
       AND (:journey::text IS NULL OR COALESCE(e.journey, 'hand-off') = :journey)
       AND (:mail_class::text IS NULL OR m.mail_class = :mail_class)
       AND (:campaign::text IS NULL
         OR e.campaign_id = (SELECT c.campaign_id FROM campaign c WHERE c.name = :campaign))
       AND (:mail_classes::text[] IS NULL OR m.mail_class = ANY (:mail_classes))
       AND (:since::timestamptz IS NULL OR COALESCE(m.sent_at, m.settled_at) >= :since)
       AND (:hosts::text[] IS NULL OR lower(split_part(l.email, '@', 2)) = ANY (:hosts))
       AND (:kept_why::text IS NULL OR (m.kept_why = :kept_why AND m.status IN ('reserved', 'deferred')))
       AND (:template::text IS NULL OR m.template_hash = :template)
       AND (:came_back::text IS NULL OR EXISTS (
            SELECT FROM mail_return r WHERE r.message_id = m.message_id AND r.kind = :came_back)))
SELECT message_id, mail, journey, step, visit, mail_class, sender, status, lead_id, first_name, last_name, email,
       company, owner, asked_at, slot_at, sent_at, reason, reply, sort_key, row_id,
       (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;

-- name: list_runs
-- Runs behind a figure: one lead in one journey each.
WITH found AS (
    SELECT e.enrolment_id, e.journey, e.journey_hash, e.status, e.progress ->> 'step' AS step, e.entered_at,
           e.entered_by, e.waiting_for, e.waits_until, e.outcome, e.ended_at, e.blocked_at, e.error, e.lead_id,
           l.first_name, l.last_name, l.email, COALESCE(a.name, l.company) AS company,
           (CASE :sort::text
                WHEN 'name' THEN lower(concat_ws(' ', l.first_name, l.last_name, l.email))
                WHEN 'journey' THEN e.journey
                WHEN 'step' THEN e.progress ->> 'step'
                WHEN 'until' THEN to_char(COALESCE(e.ended_at, e.waits_until) AT TIME ZONE 'UTC',
                                          'YYYY-MM-DD HH24:MI:SS.US')
                ELSE to_char(e.entered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') END) COLLATE "C" AS sort_key,
           e.enrolment_id::text COLLATE "C" AS row_id
      FROM enrolment e
      JOIN lead l ON l.lead_id = e.lead_id
      LEFT JOIN account a ON a.account_id = l.account_id
     WHERE (/* where */ TRUE)
       AND (:journey::text IS NULL OR e.journey = :journey)
       AND (:status::text IS NULL OR e.status = :status)
       AND (:step::text IS NULL OR e.progress ->> 'step' = :step)
       AND (:waiting_for::text IS NULL OR e.waiting_for = :waiting_for)
       AND (NOT :blocked::boolean OR e.blocked_at IS NOT NULL)
       AND (:outcome::text IS NULL OR e.outcome = :outcome)
       AND (:campaign::text IS NULL
         OR e.campaign_id = (SELECT c.campaign_id FROM campaign c WHERE c.name = :campaign)))
SELECT enrolment_id, journey, journey_hash, status, step, entered_at, entered_by, waiting_for, waits_until, outcome,
       ended_at, blocked_at, error, lead_id, first_name, last_name, email, company, sort_key, row_id,
       (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (COALESCE(sort_key, ''), row_id) < (:after_key, :after_id::text)
            ELSE (COALESCE(sort_key, ''), row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN COALESCE(sort_key, '') END DESC, CASE WHEN :descending THEN row_id END DESC,
          COALESCE(sort_key, ''), row_id
 LIMIT :page_limit::integer;

-- name: list_deals
-- Deals behind a figure; those of one class when the report has said which they are.
WITH found AS (
    SELECT d.deal_id, d.external_id, d.name, d.product, d.track, d.amount, d.currency, d.created_at, d.stage,
           d.closed_at, d.lead_id, l.first_name, l.last_name, l.email, COALESCE(a.name, l.company) AS company,
           o.handle AS owner,
           (CASE :sort::text
                WHEN 'name' THEN lower(d.name)
                WHEN 'company' THEN lower(COALESCE(a.name, l.company, ''))
                WHEN 'stage' THEN d.stage
                WHEN 'amount' THEN COALESCE(d.currency || ' ' || lpad(d.amount::text, 17, '0'), '')
                ELSE to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') END) COLLATE "C" AS sort_key,
           d.deal_id::text COLLATE "C" AS row_id
      FROM deal d
      LEFT JOIN lead l ON l.lead_id = d.lead_id
      LEFT JOIN account a ON a.account_id = COALESCE(d.account_id, l.account_id)
      LEFT JOIN owner o ON o.owner_id = d.owner_id
     WHERE (/* where */ TRUE)
       AND d.created_at <= :at
       AND (:stage::text IS NULL OR d.stage = :stage)
       AND (:external_ids::text[] IS NULL OR d.external_id = ANY (:external_ids)))
SELECT deal_id, external_id, name, product, track, amount, currency, created_at, stage, closed_at, lead_id, first_name,
       last_name, email, company, owner, sort_key, row_id, (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;

-- name: story_of_lead
-- Everything that happened to a lead in one stream, newest first; within one instant what followed stands above.
WITH story AS (
    SELECT b.at, 0 AS rank, 0 AS no, 'permission' AS kind, b.basis_id::text AS ref,
           CASE b.act WHEN 'withdrawn' THEN b.channel ELSE b.kind END AS what, b.act AS detail,
           NULL::text AS actor, NULL::double precision AS points, b.source AS reason,
           jsonb_build_object('wording', b.wording, 'until', b.until) AS why
      FROM basis b
     WHERE b.lead_id = :lead_id
    UNION ALL
    SELECT e.at, 1, e.no, 'event', e.no::text, e.kind, e.verdict, e.actor,
           (SELECT sum(s.points) FROM score_entry s WHERE s.lead_id = e.lead_id AND s.event_no = e.no), NULL, e.data
      FROM event e
     WHERE e.lead_id = :lead_id
    UNION ALL
    SELECT c.at, 2, c.no, 'stage', c.track, c.to_stage, COALESCE(c.from_stage, ''), c.actor, NULL, c.reason,
           c.evidence || jsonb_build_object('definition version', c.definition_version,
                                            'stayed_seconds', EXTRACT(epoch FROM c.stayed))
      FROM stage_change c
     WHERE c.lead_id = :lead_id
    UNION ALL
    SELECT r.entered_at, 3, 0, 'entered', r.enrolment_id::text, r.journey, r.entered_by, NULL, NULL, NULL, '{}'::jsonb
      FROM enrolment r
     WHERE r.lead_id = :lead_id
    UNION ALL
    SELECT g.at, 4, g.no, 'run', g.enrolment_id::text, r.journey, g.did, NULL, NULL, g.step, g.why
      FROM step_log g
      JOIN enrolment r ON r.enrolment_id = g.enrolment_id
     WHERE r.lead_id = :lead_id
    UNION ALL
    SELECT a.at, 5, a.no, 'offer', h.hand_off_id::text, h.kind, COALESCE(o.name, 'the pool ' || a.pool), NULL, NULL,
           a.why,
           jsonb_build_object('answer due', a.accept_by, 'rules asked',
                              (SELECT jsonb_agg((q ->> 'rule') || ': ' || (q ->> 'why'))
                                 FROM jsonb_array_elements(a.routed) AS q))
      FROM assignment a
      JOIN hand_off h ON h.hand_off_id = a.hand_off_id
      LEFT JOIN owner o ON o.owner_id = a.owner_id
     WHERE h.lead_id = :lead_id
    UNION ALL
    SELECT COALESCE(m.sent_at, m.settled_at, m.dot_at, m.asked_at), 6, 0, 'mail', m.message_id::text, m.mail, m.status,
           COALESCE(e.journey, 'hand-off'), NULL, m.reason,
           jsonb_build_object('class', m.mail_class, 'asked for', m.asked_at, 'relay said', m.reply)
      FROM message m
      LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
     WHERE m.lead_id = :lead_id AND m.owner_id IS NULL AND m.status NOT IN ('reserved', 'deferred', 'held', 'claimed')
    UNION ALL
    SELECT r.ended_at, 7, 0, 'left', r.enrolment_id::text, r.journey, COALESCE(r.outcome, r.status), NULL, NULL, NULL,
           '{}'::jsonb
      FROM enrolment r
     WHERE r.lead_id = :lead_id AND r.ended_at IS NOT NULL)
SELECT at, rank, no, kind, ref, what, detail, actor, points, reason, why
  FROM story
 WHERE (:kinds::text[] IS NULL OR kind = ANY (:kinds))
   AND (:before_at::timestamptz IS NULL
        OR (at, rank, no, ref) < (:before_at, :before_rank::integer, :before_no::integer, :before_ref::text))
 ORDER BY at DESC, rank DESC, no DESC, ref DESC
 LIMIT :page_limit::integer;

-- name: coming_mails_of_lead
-- What is planned for a person, in the order it would go.
SELECT m.message_id, COALESCE(e.journey, 'hand-off') AS journey, m.step, m.mail, m.mail_class, m.sender, m.status,
       m.asked_at, m.slot_at, m.deadline, m.reason, m.tries, m.reply, n.rests_until, n.rests_why, c.name AS campaign,
       m.topic, m.zone, m.zone_by, m.slot_why
  FROM message m
  JOIN lane n ON n.lane = m.lane
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
  LEFT JOIN campaign c ON c.campaign_id = e.campaign_id
 WHERE m.lead_id = :lead_id AND m.owner_id IS NULL AND m.status IN ('reserved', 'deferred', 'held', 'claimed')
 ORDER BY m.slot_at, m.message_id;

-- name: hand_offs_of_lead
-- All hand-offs a lead was offered in, or came along with, newest first.
SELECT h.hand_off_id, h.kind, h.state, h.track, o.handle AS owner, h.pool, h.opened_at, h.accept_by, h.first_try_by,
       h.first_try_at, h.decided_at, h.decided_by, h.decided_via, h.reason, h.reason_text, h.recycle_until, h.closed_at,
       h.waiting_for, h.waits_until, h.lead_id <> :lead_id AS came_along
  FROM hand_off h
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.lead_id = :lead_id
    OR EXISTS (SELECT FROM hand_off_member m WHERE m.hand_off_id = h.hand_off_id AND m.lead_id = :lead_id)
 ORDER BY h.opened_at DESC, h.hand_off_id;

-- name: responses_of_lead
-- What the gate looks at: a lead's events since an instant, in order of their number.
SELECT lead_id, no, kind, at, key, verdict, actor, channel, credit, data
  FROM event
 WHERE lead_id = :lead_id AND at >= :since AND at <= :at
 ORDER BY no;

-- name: stages_of_lead
-- Where one lead stands in each track, and what that stage waits for.
SELECT track, stage, since, waiting_for, waits_until
  FROM lead_stage
 WHERE lead_id = :lead_id
 ORDER BY track DESC;

-- name: leads_by_id
-- Some leads, read without holding them.
SELECT lead_id, account_id, email, first_name, last_name, company, country, role, title, phone, time_zone, language,
       source, owner_id, created_at, attributes
  FROM lead
 WHERE lead_id = ANY (:lead_ids::uuid[]);

-- name: kept_mail
-- One mail with what it was made of: to read it as it went.
SELECT m.message_id, m.enrolment_id, m.hand_off_id, COALESCE(e.journey, 'hand-off') AS journey, m.step, m.visit, m.mail,
       m.template_hash, m.mail_class, m.sender, m.status, m.lead_id, m.owner_id, o.handle AS owner, m.asked_at,
       m.slot_at, m.deadline, m.dot_at, m.sent_at, m.settled_at, m.tries, m.resends, m.reply, m.reason, m.values
  FROM message m
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
  LEFT JOIN owner o ON o.owner_id = m.owner_id
 WHERE m.message_id = :message_id;

-- name: count_runs_of_journeys
-- How each journey goes: its runs by how they stand or ended.
SELECT journey, status, outcome, count(*) AS runs
  FROM enrolment
 GROUP BY journey, status, outcome
 ORDER BY journey, status, runs DESC, outcome;

-- name: count_runs_at_steps
-- Where open runs of a journey stand, per version they began with.
SELECT journey_hash, progress ->> 'step' AS step, count(*) AS runs, min(waits_until) AS next_at
  FROM enrolment
 WHERE journey = :journey AND status = 'active'
 GROUP BY journey_hash, progress ->> 'step';

-- name: count_mails_of_journey
-- How each mail of a journey fared.
SELECT m.step, m.status, count(*) AS mails
  FROM message m
  JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE e.journey = :journey
 GROUP BY m.step, m.status;

-- name: versions_published
-- The versions of one name, newest first, with who published them.
SELECT version, hash, published_at, published_by
  FROM published
 WHERE kind = :kind AND name = :name
 ORDER BY version DESC;

-- name: newest_versions
-- The version in force of each name of a kind.
SELECT DISTINCT ON (name) name, version, hash, published_at, published_by
  FROM published
 WHERE kind = :kind
 ORDER BY name, version DESC;

-- name: doubles_of_lead
-- Other leads that one draft named together with this one: a person should look.
SELECT DISTINCT after ->> 'other' AS other
  FROM audit
 WHERE subject = :subject AND action = 'found two leads'
 ORDER BY other;

-- name: block_of_hand_off
-- Why a hand-off is blocked: shown with a retry.
SELECT error
  FROM hand_off
 WHERE hand_off_id = :hand_off_id AND blocked_at IS NOT NULL;

-- name: list_returns
-- What came back, behind a figure: bounces, complaints, answers.
WITH found AS (
    SELECT r.return_id, r.at, r.via, r.kind, r.reason, r.status, r.code, r.why, r.matched_by, r.address, r.asks,
           r.looked_by, r.done, r.message_id, r.lead_id, l.first_name, l.last_name, l.email,
           COALESCE(a.name, l.company) AS company, m.mail,
           (CASE :sort::text
                WHEN 'name' THEN lower(concat_ws(' ', l.first_name, l.last_name, l.email))
                WHEN 'kind' THEN r.kind || ' ' || COALESCE(r.reason, '')
                WHEN 'via' THEN r.via
                ELSE to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') END) COLLATE "C" AS sort_key,
           r.return_id::text COLLATE "C" AS row_id
      FROM mail_return r
      LEFT JOIN lead l ON l.lead_id = r.lead_id
      LEFT JOIN account a ON a.account_id = l.account_id
      LEFT JOIN message m ON m.message_id = r.message_id
     WHERE (:kind::text IS NULL OR r.kind = :kind)
       AND (:reason::text IS NULL OR r.reason = :reason)
       AND (:since::timestamptz IS NULL OR r.at >= :since)
       AND (:template::text IS NULL OR m.template_hash = :template)
       AND (NOT :asks::boolean OR r.asks))
SELECT return_id, at, via, kind, reason, status, code, why, matched_by, address, asks, looked_by, done, message_id,
       lead_id, first_name, last_name, email, company, mail, sort_key, row_id, (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;
