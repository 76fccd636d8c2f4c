-- name: import_under_way
-- The same file read the same way and not brought to its end: it goes on where it stopped.
SELECT import_id, started_at
  FROM import
 WHERE noun = :noun
   AND file_hash = :file_hash
   AND options = :options::jsonb
   AND finished_at IS NULL
 ORDER BY started_at DESC
 LIMIT 1;

-- name: begin_import
-- A file is being brought in.
INSERT INTO import (import_id, noun, file_name, file_hash, options, header, started_at, started_by)
VALUES (:import_id, :noun, :file_name, :file_hash, :options, :header, :at, :by);

-- name: import_of_header
-- How a file with these very columns was read the last time.
SELECT file_name, started_at, options
  FROM import
 WHERE noun = :noun
   AND header = :header::jsonb
 ORDER BY started_at DESC, import_id
 LIMIT 1;

-- name: hold_import
-- Two processes that bring in the same file take turns, and the second sees how far the first came.
SELECT import_id
  FROM import
 WHERE import_id = :import_id
   FOR UPDATE;

-- name: last_row_of_import
-- How far the file is read: rows are settled page by page, in their order.
SELECT GREATEST(
       (SELECT max(row_no) FROM import_row WHERE import_id = :import_id),
       (SELECT max(row_no) FROM import_fault WHERE import_id = :import_id));

-- name: settle_import_rows
-- What became of a page's rows, in the transaction that took them.
INSERT INTO import_row (import_id, row_no, lead_id, outcome, opted_out)
SELECT :import_id, row_no, lead_id, outcome, opted_out
  FROM jsonb_to_recordset(:rows::jsonb) AS r (row_no integer, lead_id uuid, outcome text, opted_out boolean);

-- name: fault_import_rows
-- Rows of a page that weren't taken, or not into the figures, with their cells to be mended.
INSERT INTO import_fault (import_id, row_no, kind, field, why, reason, cells)
SELECT :import_id, row_no, kind, field, why, reason, cells
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       row_no integer, kind text, field text, why text, reason text, cells jsonb);

-- name: commit_at_leisure
-- The transaction's commit answers before it is on the disk: for one that would be done over in any case, should Postgres
-- crash within that moment (at most three times wal_writer_delay).
SELECT set_config('synchronous_commit', 'off', TRUE);

-- name: finish_import
-- The file is read to its end; told again it is a new import.
UPDATE import
   SET finished_at = :at
 WHERE import_id = :import_id
   AND finished_at IS NULL;

-- name: counts_of_import
-- What became of all rows of an import, those of an earlier process too.
SELECT count(*) FILTER (WHERE outcome = 'new') AS new,
       count(*) FILTER (WHERE outcome = 'changed') AS changed,
       count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged,
       count(*) FILTER (WHERE opted_out) AS opted_out,
       (SELECT count(DISTINCT row_no) FROM import_fault
         WHERE import_id = :import_id AND kind = 'refused') AS refused,
       (SELECT count(DISTINCT row_no) FROM import_fault
         WHERE import_id = :import_id AND kind = 'quarantined') AS quarantined
  FROM import_row
 WHERE import_id = :import_id;

-- name: fault_counts_of_import
-- What is wrong with the rows, by field and reason, most rows first.
SELECT kind, field, reason, min(why COLLATE "C") AS example, count(*) AS rows
  FROM import_fault
 WHERE import_id = :import_id
 GROUP BY kind, field, reason
 ORDER BY rows DESC, kind, field, reason COLLATE "C";

-- name: faulty_rows_of_import
-- The rows to be mended, in order of the file, a page at a time.
SELECT row_no, cells, string_agg(field, '; ' ORDER BY field) AS fields, string_agg(why, ' ' ORDER BY field) AS whys
  FROM import_fault
 WHERE import_id = :import_id
   AND kind = :kind
   AND row_no > :after
 GROUP BY row_no, cells
 ORDER BY row_no
 LIMIT :page_limit;

-- name: imports
-- What was brought in, newest first, with what became of it.
SELECT i.import_id, i.noun, i.file_name, i.file_hash, i.started_at, i.started_by, i.finished_at,
       (SELECT count(*) FROM import_row r WHERE r.import_id = i.import_id) AS taken,
       (SELECT count(DISTINCT f.row_no) FROM import_fault f
         WHERE f.import_id = i.import_id AND f.kind = 'refused') AS refused
  FROM import i
 WHERE i.noun = :noun
 ORDER BY i.started_at DESC, i.import_id
 LIMIT :page_limit;

-- name: accounts_alike
-- Companies whose names differ from those told only by spaces and case; the oldest of each. Each by the index, as in
-- accounts_mentioned.
SELECT asked.name AS told, a.name, a.account_id
  FROM (SELECT DISTINCT name FROM unnest(:names::text[]) AS told (name)) AS asked
 CROSS JOIN LATERAL (
       SELECT name, account_id
         FROM account
        WHERE replace(lower(name), ' ', '') = replace(lower(asked.name), ' ', '')
        ORDER BY created_at, account_id
        LIMIT 1) AS a;

-- name: products_alike
-- Products of known deals whose names differ from those told only by spaces and case; the first told of each.
SELECT DISTINCT ON (asked.name) asked.name AS told, d.product AS name
  FROM unnest(:names::text[]) AS asked (name)
  JOIN deal d ON replace(lower(d.product), ' ', '') = replace(lower(asked.name), ' ', '') AND d.product IS NOT NULL
 ORDER BY asked.name, d.created_at, d.deal_id;

-- name: leads_told
-- Whose deals a page tells: by external id or mail address, with when they were first met and where they work.
SELECT asked.name AS told, l.lead_id, l.account_id, l.created_at
  FROM unnest(:names::text[]) AS asked (name)
  JOIN LATERAL (
       SELECT k.lead_id
         FROM identity_key k
        WHERE (k.kind = 'external_id' AND k.value = asked.name)
           OR (k.kind = 'email' AND k.value = lower(asked.name))
        ORDER BY k.kind DESC
        LIMIT 1) AS known ON true
  JOIN lead l USING (lead_id);

-- name: leads_of_import
-- Who came in with a list, each once, in order of its rows: their address, one id of theirs, and whether they said no.
SELECT l.lead_id, l.email, bool_or(r.opted_out) AS opted_out,
       (SELECT min(k.value) FROM identity_key k
         WHERE k.lead_id = l.lead_id AND k.kind = 'external_id') AS external_id
  FROM import_row r
  JOIN lead l USING (lead_id)
 WHERE r.import_id = :import_id
 GROUP BY l.lead_id
 ORDER BY min(r.row_no);

-- name: imports_told
-- The console's list of imports of leads and of deals, newest first, with what became of their rows; one, when asked.
SELECT i.import_id, i.noun, i.file_name, i.header, i.options, i.started_at, i.started_by, i.finished_at,
       r.new, r.changed, r.unchanged, r.opted_out, f.refused, f.quarantined
  FROM import i
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE outcome = 'new') AS new,
              count(*) FILTER (WHERE outcome = 'changed') AS changed,
              count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged,
              count(*) FILTER (WHERE opted_out) AS opted_out
         FROM import_row
        WHERE import_id = i.import_id) AS r
 CROSS JOIN LATERAL (
       SELECT count(DISTINCT row_no) FILTER (WHERE kind = 'refused') AS refused,
              count(DISTINCT row_no) FILTER (WHERE kind = 'quarantined') AS quarantined
         FROM import_fault
        WHERE import_id = i.import_id) AS f
 WHERE :import_id::uuid IS NULL
    OR i.import_id = :import_id
 ORDER BY i.started_at DESC, i.import_id
 LIMIT :page_limit;

-- name: list_import_rows
-- The rows of an import that were taken, in the file's order, from a row on.
SELECT r.row_no, r.outcome, r.opted_out, l.lead_id, l.first_name, l.last_name, l.email, l.company,
       '' AS sort_key, r.row_no::text AS row_id,
       (SELECT count(*)
          FROM import_row every
         WHERE every.import_id = :import_id
           AND (:outcome::text IS NULL OR every.outcome = :outcome)
           AND (NOT :opted_out::boolean OR every.opted_out)) AS total
  FROM import_row r
  LEFT JOIN lead l USING (lead_id)
 WHERE r.import_id = :import_id
   AND (:outcome::text IS NULL OR r.outcome = :outcome)
   AND (NOT :opted_out::boolean OR r.opted_out)
   AND r.row_no > :after
 ORDER BY r.row_no
 LIMIT :page_limit;

-- name: list_import_faults
-- The rows of an import that something is wrong with, in the file's order, from a row on; each once with all of it.
SELECT f.row_no, min(f.kind) AS kind, string_agg(f.field, ', ' ORDER BY f.field) AS fields,
       string_agg(f.why, ' ' ORDER BY f.field) AS why, f.cells,
       '' AS sort_key, f.row_no::text AS row_id,
       (SELECT count(DISTINCT every.row_no)
          FROM import_fault every
         WHERE every.import_id = :import_id
           AND (:kind::text IS NULL OR every.kind = :kind)
           AND (:field::text IS NULL OR every.field = :field)
           AND (:reason::text IS NULL OR every.reason = :reason)) AS total
  FROM import_fault f
 WHERE f.import_id = :import_id
   AND (:kind::text IS NULL OR f.kind = :kind)
   AND (:field::text IS NULL OR f.field = :field)
   AND (:reason::text IS NULL OR f.reason = :reason)
   AND f.row_no > :after
 GROUP BY f.row_no, f.cells
 ORDER BY f.row_no
 LIMIT :page_limit;
