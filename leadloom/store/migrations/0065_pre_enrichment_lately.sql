-- The last questions of all providers are found by an index; so are those of one within a minute.

CREATE INDEX enrichment_run_lately ON enrichment_run (at, run_id);
DROP INDEX enrichment_run_at;
