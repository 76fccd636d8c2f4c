-- What calls with an Idempotency-Key were answered, so that a repetition is answered the same.

CREATE TABLE api_call (
    caller  text NOT NULL,
    key     text NOT NULL,
    digest  text NOT NULL,
    status  integer,
    answer  jsonb,
    at      timestamptz NOT NULL,
    PRIMARY KEY (caller, key)
);
COMMENT ON TABLE api_call IS 'A call by its Idempotency-Key: written in the transaction of what it did, so there is no row without the deed. Forgotten after a day.';
-- forget_api_calls: what is too old
CREATE INDEX api_call_at ON api_call (at);
