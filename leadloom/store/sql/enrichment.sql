-- name: company_to_enrich
-- A company as it is now, held: what is told about it is taken or not by this.
SELECT account_id, name, domain, industry, sites, country
  FROM account
 WHERE account_id = :account_id
   AND same_as IS NULL
   FOR NO KEY UPDATE;

-- name: origins_of_company
-- Which provider told what is known, the latest word for each field.
SELECT DISTINCT ON (v.field) v.field, r.provider, v.value, v.as_of
  FROM enriched_value v
  JOIN enrichment_run r USING (run_id)
 WHERE r.account_id = :account_id
   AND r.state = 'told'
   AND v.is_taken
 ORDER BY v.field, r.at DESC, r.run_id DESC;

-- name: keep_enrichment
-- A question and how it ended.
INSERT INTO enrichment_run (run_id, account_id, provider, asked_by, sent, at, state, tries, next_try_at, error)
VALUES (:run_id, :account_id, :provider, :asked_by, :sent, :at, :state, :tries, :next_try_at, :error);

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
-- How the last question about a company to a provider ended.
SELECT state, tries
  FROM enrichment_run
 WHERE account_id = :account_id
   AND provider = :provider
 ORDER BY at DESC, run_id DESC
 LIMIT 1;

-- name: companies_to_ask_about
-- About whom a provider is asked next: never asked, asked too long ago, or failed and due again; a minute's worth.
SELECT a.account_id
  FROM account a
  LEFT JOIN LATERAL (
       SELECT r.state, r.at, r.next_try_at
         FROM enrichment_run r
        WHERE r.account_id = a.account_id
          AND r.provider = :provider
        ORDER BY r.at DESC, r.run_id DESC
        LIMIT 1) AS last ON true
 WHERE a.domain IS NOT NULL
   AND a.same_as IS NULL
   AND (last.state IS NULL
        OR (last.state IN ('told', 'nothing') AND last.at <= :asked_before)
        OR (last.state = 'failed' AND last.next_try_at <= :at))
   AND NOT EXISTS (SELECT FROM unnest(:skip::text[]) AS pattern WHERE a.domain LIKE pattern)
 ORDER BY a.created_at, a.account_id
 LIMIT GREATEST(0, :per_minute::integer - (SELECT count(*) FROM enrichment_run
                                            WHERE provider = :provider AND at > :a_minute_ago
                                              AND asked_by = 'system'));

-- name: enrichments
-- The log of questions, the latest first: of one company, or of all; only those that wait for somebody.
SELECT r.run_id, r.account_id, a.name, a.domain, r.provider, r.asked_by, r.sent, r.at, r.state, r.tries, r.next_try_at,
       r.error, r.undone_at, r.undone_by,
       COALESCE((SELECT jsonb_agg(jsonb_build_object('field', v.field, 'value', v.value, 'was', v.was, 'as_of', v.as_of,
                                                     'is_taken', v.is_taken, 'because', v.because) ORDER BY v.field)
                   FROM enriched_value v WHERE v.run_id = r.run_id), '[]') AS values
  FROM enrichment_run r
  JOIN account a USING (account_id)
 WHERE (:account_id::uuid IS NULL OR r.account_id = :account_id)
   AND (NOT :failed::boolean
        OR (r.state = 'failed'
            AND r.run_id = (SELECT l.run_id FROM enrichment_run l
                             WHERE l.account_id = r.account_id AND l.provider = r.provider
                             ORDER BY l.at DESC, l.run_id DESC LIMIT 1)))
 ORDER BY r.at DESC, r.run_id DESC
 LIMIT :page_limit::integer;

-- name: enrichment_by_id
-- One question, held, to be undone.
SELECT run_id, account_id, state FROM enrichment_run WHERE run_id = :run_id FOR UPDATE;

-- name: values_of_enrichment
-- What it told, by field.
SELECT field, value, was, is_taken FROM enriched_value WHERE run_id = :run_id ORDER BY field;

-- name: undo_enrichment
-- What it told counts no more.
UPDATE enrichment_run SET state = 'undone', undone_at = :at, undone_by = :by WHERE run_id = :run_id;
