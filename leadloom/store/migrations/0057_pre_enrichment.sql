-- What providers told of companies: each question, and each value with its source and date.

CREATE TABLE enrichment_run (
    run_id      uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    provider    text NOT NULL,
    asked_by    text NOT NULL,
    sent        text[] NOT NULL,
    at          timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('told', 'nothing', 'failed', 'undone')),
    tries       integer NOT NULL CHECK (tries > 0),
    next_try_at timestamptz,
    error       text,
    undone_at   timestamptz,
    undone_by   text,
    CHECK ((state = 'failed') = (error IS NOT NULL)),
    CHECK (next_try_at IS NULL OR state = 'failed'),
    CHECK ((state = 'undone') = (undone_at IS NOT NULL))
);
COMMENT ON TABLE enrichment_run IS 'A question to a provider about a company: what was sent, and how it ended. A failed one without next_try_at waits for somebody.';
CREATE INDEX enrichment_run_account ON enrichment_run (account_id, provider, at);
CREATE INDEX enrichment_run_at ON enrichment_run (provider, at);

CREATE TABLE enriched_value (
    run_id      uuid NOT NULL REFERENCES enrichment_run ON DELETE CASCADE,
    field       text NOT NULL,
    value       jsonb NOT NULL,
    was         jsonb NOT NULL,
    as_of       date NOT NULL,
    is_taken    boolean NOT NULL,
    because     text NOT NULL,
    PRIMARY KEY (run_id, field)
);
COMMENT ON TABLE enriched_value IS 'One thing a provider told, whether it was taken, and why. was is the value before (null: nobody had told).';
