-- name: keep_visit
-- A tracked address was asked for. Nothing beyond so many of one mail: an attacker's visits must not fill the disk.
INSERT INTO visit (visit_id, message_id, lead_id, kind, link, at, method, prefetch, agent, network)
SELECT :visit_id, :message_id, :lead_id, :kind, :link, :at, :method, :prefetch, :agent, :network
 WHERE (SELECT count(*) FROM visit v WHERE v.message_id = :message_id) < :most::integer;

-- name: visits_due
-- Mails with visits that have waited long enough for those that come with them.
SELECT DISTINCT v.message_id
  FROM (SELECT message_id FROM visit WHERE judged_at IS NULL AND at <= :due ORDER BY at LIMIT :most::integer) v;

-- name: visits_by_rules
-- Mails with visits that other rules judged, since an instant; a page by its last mail.
SELECT DISTINCT message_id
  FROM visit
 WHERE judged_at IS NOT NULL AND rules <> :rules::integer AND at >= :since AND message_id > :after
 ORDER BY message_id
 LIMIT :most::integer;

-- name: visits_of
-- All visits of a mail, first to last.
SELECT visit_id, kind, link, at, method, prefetch, agent, network, verdict, why, rules, judged_at, earlier
  FROM visit
 WHERE message_id = :message_id
 ORDER BY at, visit_id;

-- name: judge_visits
-- The verdicts, with what was said before where that was another.
UPDATE visit v
   SET earlier = CASE WHEN v.verdict IS NULL OR v.verdict = r.verdict THEN v.earlier
                      ELSE v.earlier || jsonb_build_array(jsonb_build_object(
                           'verdict', v.verdict, 'why', v.why, 'rules', v.rules, 'judged_at', v.judged_at)) END,
       verdict = r.verdict, why = r.why, rules = :rules::integer, judged_at = :at::timestamptz
  FROM jsonb_to_recordset(:rows::jsonb) AS r (visit_id uuid, verdict text, why text)
 WHERE v.visit_id = r.visit_id;

-- name: take_back_event
-- A visit that counted as a person's was none: its event stays, says so, and earns nothing.
UPDATE event
   SET verdict = :verdict, credit = NULL, key = key || ':rules-' || (:rules::integer)::text,
       data = data || jsonb_build_object('verdict_why', :why::text)
 WHERE lead_id = :lead_id AND key = :key
RETURNING no;

-- name: visit_counts
-- What was asked for of each mail, raw and by verdict: human is what scores and reports go by.
SELECT COALESCE(e.journey, 'hand-off') AS journey, m.mail, v.kind, count(*) AS raw,
       count(*) FILTER (WHERE v.verdict = 'human') AS human,
       count(*) FILTER (WHERE v.verdict = 'proxy') AS proxy,
       count(*) FILTER (WHERE v.verdict = 'machine') AS machine,
       count(*) FILTER (WHERE v.verdict = 'unsure') AS unsure,
       count(*) FILTER (WHERE v.verdict IS NULL) AS waiting
  FROM visit v
  JOIN message m ON m.message_id = v.message_id
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE v.at >= :since
 GROUP BY 1, 2, 3
 ORDER BY 1, 2, 3;

-- name: campaign_visits
-- What was asked for of a campaign's mails, mail by mail: raw, and by verdict. list_clicks holds the rows.
SELECT m.mail, v.kind, count(*)::integer AS raw,
       count(*) FILTER (WHERE v.verdict = 'human')::integer AS human,
       count(*) FILTER (WHERE v.verdict = 'proxy')::integer AS proxy,
       count(*) FILTER (WHERE v.verdict = 'machine')::integer AS machine,
       count(*) FILTER (WHERE v.verdict = 'unsure')::integer AS unsure,
       count(*) FILTER (WHERE v.verdict IS NULL)::integer AS waiting
  FROM enrolment e
  JOIN message m ON m.enrolment_id = e.enrolment_id
  JOIN visit v ON v.message_id = m.message_id
 WHERE e.campaign_id = :campaign_id
 GROUP BY m.mail, v.kind
 ORDER BY m.mail, v.kind;

-- name: list_clicks
-- Visits of tracked addresses behind a figure, each with its verdict and the rule that gave it.
WITH found AS (
    SELECT v.visit_id, v.kind, v.link, v.at, v.method, v.agent, v.verdict, v.why, v.message_id, m.mail,
           COALESCE(e.journey, 'hand-off') AS journey, v.lead_id, l.first_name, l.last_name, l.email,
           COALESCE(a.name, l.company) AS company,
           (CASE :sort::text
                WHEN 'name' THEN lower(concat_ws(' ', l.first_name, l.last_name, l.email))
                WHEN 'mail' THEN COALESCE(e.journey, 'hand-off') || '/' || m.mail
                WHEN 'verdict' THEN COALESCE(v.verdict, '')
                ELSE to_char(v.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') END) COLLATE "C" AS sort_key,
           v.visit_id::text COLLATE "C" AS row_id
      FROM visit v
      JOIN message m ON m.message_id = v.message_id
      JOIN lead l ON l.lead_id = v.lead_id
      LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
      LEFT JOIN account a ON a.account_id = l.account_id
     WHERE (:campaign::text IS NULL
         OR e.campaign_id = (SELECT c.campaign_id FROM campaign c WHERE c.name = :campaign))
       AND (:mail::text IS NULL OR m.mail = :mail)
       AND (:kind::text IS NULL OR v.kind = :kind)
       AND (:verdict::text IS NULL OR COALESCE(v.verdict, 'waiting') = :verdict))
SELECT visit_id, kind, link, at, method, agent, verdict, why, message_id, mail, journey, lead_id, first_name, last_name,
       email, company, sort_key, row_id, (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;
