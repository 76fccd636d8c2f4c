-- Providers may be asked about a lead, too: a question is about a company or about a lead. What is asked anew says so of
-- the question that failed before, so that what waits is found by an index; one that nobody needs can be let go.

ALTER TABLE enrichment_run ALTER COLUMN account_id DROP NOT NULL;
ALTER TABLE enrichment_run ADD COLUMN lead_id uuid REFERENCES lead;
ALTER TABLE enrichment_run ADD COLUMN asked_again boolean NOT NULL DEFAULT false;
ALTER TABLE enrichment_run ADD CONSTRAINT enrichment_run_about CHECK (num_nonnulls(account_id, lead_id) = 1);
ALTER TABLE enrichment_run DROP CONSTRAINT enrichment_run_check;
ALTER TABLE enrichment_run ADD CONSTRAINT enrichment_run_failed CHECK (state <> 'failed' OR error IS NOT NULL);
COMMENT ON TABLE enrichment_run IS 'A question to a provider about a company or a lead: what was sent, and how it ended. A failed one that was not asked_again waits: until next_try_at, or for somebody. Undone with its error, it was let go.';
CREATE INDEX enrichment_run_lead ON enrichment_run (lead_id, provider, at) WHERE lead_id IS NOT NULL;
UPDATE enrichment_run r
   SET asked_again = true
 WHERE r.state = 'failed'
   AND EXISTS (SELECT FROM enrichment_run l
                WHERE l.account_id = r.account_id AND l.provider = r.provider AND (l.at, l.run_id) > (r.at, r.run_id));
CREATE INDEX enrichment_run_waits ON enrichment_run (provider, next_try_at) WHERE state = 'failed' AND NOT asked_again;
