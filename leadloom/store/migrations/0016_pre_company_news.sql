-- What is told of a company concerns its people, also those who did nothing.

CREATE TABLE account_news (
    account_id  uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    at          timestamptz NOT NULL,
    told        integer NOT NULL DEFAULT 1,
    after_lead  uuid
);
COMMENT ON TABLE account_news IS 'Companies of which something was told that not all of their people''s runs have been woken for: after_lead is how far the sweep has come, told counts how often since.';
