-- name: company_to_enrich
-- A company as it is now, held: what is told about it is taken or not by this.
SELECT account_id, name, domain, industry, sites, country
  FROM account
 WHERE account_id = :account_id
   AND same_as IS NULL
   FOR NO KEY UPDATE;

-- name: lead_to_enrich
-- A lead as they are now, held; with their company's domain and name, and whether they said no to us. Nothing is left of
-- who was erased.
SELECT l.lead_id, l.account_id, l.email, l.first_name, l.last_name, l.company, l.country, l.role, l.title, l.phone,
       l.time_zone, l.language, l.source, l.owner_id, l.created_at, l.attributes, a.domain,
       EXISTS (SELECT FROM silences_on(l.lead_id, l.email) s WHERE s.reason <> 'a mail came back') AS said_no
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE l.lead_id = :lead_id
   AND l.erased_at IS NULL
   FOR NO KEY UPDATE OF l;

-- name: origins
-- Which provider told what is known of a company or a lead, the latest word for each field.
SELECT DISTINCT ON (v.field) v.field, r.provider, v.value, v.as_of
  FROM enriched_value v
  JOIN enrichment_run r USING (run_id)
 WHERE (r.account_id = :account_id::uuid OR r.lead_id = :lead_id::uuid)
   AND r.state = 'told'
   AND v.is_taken
 ORDER BY v.field, r.at DESC, r.run_id DESC;

-- name: keep_enrichment
-- A question and how it ended.
INSERT INTO enrichment_run (run_id, account_id, lead_id, provider, asked_by, sent, at, state, tries, next_try_at, error)
VALUES (:run_id, :account_id, :lead_id, :provider, :asked_by, :sent, :at, :state, :tries, :next_try_at, :error);

-- name: asked_anew
-- The questions that failed before wait no more.
UPDATE enrichment_run
   SET asked_again = true
 WHERE (account_id = :account_id::uuid OR lead_id = :lead_id::uuid)
   AND provider = :provider
   AND state = 'failed'
   AND NOT asked_again;

-- name: keep_enriched_values
-- What was told, taken or not.
INSERT INTO enriched_value (run_id, field, value, was, as_of, is_taken, because)
SELECT :run_id, field, value, COALESCE(was, 'null'), as_of, is_taken, because
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       field text, value jsonb, was jsonb, as_of date, is_taken boolean, because text);

-- name: write_company_fields
-- A company as it is after what was taken, or taken back.
UPDATE account SET industry = :industry, sites = :sites, country = :country WHERE account_id = :account_id;

-- name: last_enrichment
-- How the last question about a company or a lead to a provider ended.
SELECT state, tries
  FROM enrichment_run
 WHERE (account_id = :account_id::uuid OR lead_id = :lead_id::uuid)
   AND provider = :provider
 ORDER BY at DESC, run_id DESC
 LIMIT 1;

-- name: asked_lately
-- How many companies, and how many leads, a provider was asked about by itself since then.
SELECT count(account_id) AS companies, count(lead_id) AS leads
  FROM enrichment_run
 WHERE provider = :provider AND at > :since AND asked_by = 'system';

-- name: failed_to_ask_again
-- Whom a provider is asked about again, whoever asked first: those that failed and are due.
SELECT account_id, lead_id
  FROM enrichment_run
 WHERE provider = :provider
   AND state = 'failed'
   AND NOT asked_again
   AND next_try_at <= :at
   AND CASE WHEN :of_leads::boolean THEN lead_id ELSE account_id END IS NOT NULL
   AND NOT EXISTS (SELECT FROM account a WHERE a.account_id = enrichment_run.account_id AND a.same_as IS NOT NULL)
 ORDER BY next_try_at, run_id
 LIMIT :page_limit::integer;

-- name: companies_to_ask_about
-- About whom a provider is asked next, behind a place: never asked, or asked too long ago.
SELECT a.account_id
  FROM account a
 WHERE a.account_id > :after::uuid
   AND a.domain IS NOT NULL
   AND a.same_as IS NULL
   AND NOT EXISTS (SELECT FROM enrichment_run r
                    WHERE r.account_id = a.account_id AND r.provider = :provider
                      AND (r.at > :asked_before OR r.state = 'undone' OR (r.state = 'failed' AND NOT r.asked_again)))
   AND NOT EXISTS (SELECT FROM unnest(:skip::text[]) AS pattern WHERE a.domain LIKE pattern)
 ORDER BY a.account_id
 LIMIT :page_limit::integer;

-- name: leads_to_ask_about
-- The same of people with an address who said no to nothing. OFFSET 0: whether they said no is asked of those alone whom
-- nobody asked about, not of a million.
SELECT l.lead_id
  FROM (SELECT l.lead_id, l.email
          FROM lead l
         WHERE l.lead_id > :after::uuid
           AND l.email IS NOT NULL
           AND l.erased_at IS NULL
           AND NOT EXISTS (SELECT FROM enrichment_run r
                            WHERE r.lead_id = l.lead_id AND r.provider = :provider
                              AND (r.at > :asked_before OR r.state = 'undone'
                                   OR (r.state = 'failed' AND NOT r.asked_again)))
         ORDER BY l.lead_id
        OFFSET 0) AS l
 WHERE NOT EXISTS (SELECT FROM unnest(:skip::text[]) AS pattern WHERE split_part(l.email, '@', 2) LIKE pattern)
   AND NOT EXISTS (SELECT FROM silences_on(l.lead_id, l.email) s WHERE s.reason <> 'a mail came back')
 ORDER BY l.lead_id
 LIMIT :page_limit::integer;

-- name: last_to_ask_about
-- How far one can look at this moment.
SELECT CASE WHEN :of_leads::boolean THEN (SELECT l.lead_id FROM lead l ORDER BY l.lead_id DESC LIMIT 1)
            ELSE (SELECT a.account_id FROM account a ORDER BY a.account_id DESC LIMIT 1) END AS last;

-- name: enrichments
-- The log of questions, the latest first: of one company or lead, or of all; only those that wait to be asked again.
SELECT r.run_id, r.account_id, r.lead_id,
       COALESCE(a.name, NULLIF(concat_ws(' ', l.first_name, l.last_name), ''), l.email, 'nameless') AS name,
       a.domain, r.provider, r.asked_by, r.sent, r.at, r.state, r.tries, r.next_try_at,
       r.error, r.asked_again, r.undone_at, r.undone_by,
       COALESCE((SELECT jsonb_agg(jsonb_build_object('field', v.field, 'value', v.value, 'was', v.was, 'as_of', v.as_of,
                                                     'is_taken', v.is_taken, 'because', v.because) ORDER BY v.field)
                   FROM enriched_value v WHERE v.run_id = r.run_id), '[]') AS values
  FROM enrichment_run r
  LEFT JOIN account a USING (account_id)
  LEFT JOIN lead l USING (lead_id)
 WHERE /* where */ TRUE
 ORDER BY r.at DESC, r.run_id DESC
 LIMIT :page_limit::integer;

-- name: waiting_enrichments
-- How many questions wait to be asked again, by provider, and how many of them for somebody.
SELECT provider, count(*) AS failed, count(*) FILTER (WHERE next_try_at IS NULL) AS for_somebody
  FROM enrichment_run
 WHERE state = 'failed' AND NOT asked_again
 GROUP BY provider
 ORDER BY provider;

-- name: ask_all_again
-- Everything that waits is due now: of one provider, or of all.
UPDATE enrichment_run
   SET next_try_at = :at
 WHERE state = 'failed'
   AND NOT asked_again
   AND (:provider::text IS NULL OR provider = :provider);

-- name: enrichment_by_id
-- One question, held.
SELECT run_id, account_id, lead_id, provider, state, asked_again FROM enrichment_run WHERE run_id = :run_id FOR UPDATE;

-- name: values_of_enrichment
-- What it told, by field.
SELECT field, value, was, is_taken FROM enriched_value WHERE run_id = :run_id ORDER BY field;

-- name: undo_enrichment
-- What it told counts no more, or nobody needs its answer.
UPDATE enrichment_run
   SET state = 'undone', undone_at = :at, undone_by = :by, next_try_at = NULL
 WHERE run_id = :run_id;
