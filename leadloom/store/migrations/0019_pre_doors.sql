-- How mail and provider events come back into the house: what of it waits for a person, and which proofs were used.

CREATE TABLE provider_post (
    post_id   uuid PRIMARY KEY,
    provider  text NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('event', 'subscription')),
    digest    text NOT NULL,
    raw       jsonb NOT NULL,
    why       text NOT NULL,
    tries     integer NOT NULL DEFAULT 1,
    at        timestamptz NOT NULL,
    UNIQUE (provider, digest)
);
COMMENT ON TABLE provider_post IS 'What a provider proved to have said and we could not take: an event that can''t be read or acted on, a subscription a person must confirm. A row goes when it is taken, confirmed or dropped.';

CREATE TABLE provider_token (
    provider  text NOT NULL,
    token     text NOT NULL,
    digest    text NOT NULL,
    wall_at   timestamptz NOT NULL,
    PRIMARY KEY (provider, token)
);
COMMENT ON TABLE provider_token IS 'Proofs that were used, each with the body it came with: a signature that doesn''t cover the body counts for one body only.';
