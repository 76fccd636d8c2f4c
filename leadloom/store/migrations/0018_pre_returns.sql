-- What comes back for our mails: each mail or provider's event with what it was taken for, and what was done.

ALTER TABLE message ADD COLUMN wire_id text;
COMMENT ON COLUMN message.wire_id IS 'What stands before the @ of its Message-ID, since it was written: mail that comes back quotes it.';
-- returned_mail: which mail a Message-ID is of
CREATE INDEX message_wire ON message (wire_id) WHERE wire_id IS NOT NULL;

CREATE TABLE mail_return (
    return_id      uuid PRIMARY KEY,
    key            text NOT NULL UNIQUE,
    via            text NOT NULL,
    at             timestamptz NOT NULL,
    kind           text NOT NULL,
    reason         text,
    status         text,
    code           integer,
    why            text NOT NULL,
    diagnostic     text,
    subject        text NOT NULL DEFAULT '',
    sender         text,
    said           text NOT NULL DEFAULT '',
    returns_on     date,
    has_left       boolean NOT NULL DEFAULT false,
    matched_by     text CHECK (matched_by IN ('token', 'message_id', 'address')),
    message_id     uuid,
    lead_id        uuid REFERENCES lead ON DELETE CASCADE,
    address        text,
    envelope_to    text,
    envelope_from  text,
    raw            bytea,
    event          jsonb,
    done           text[] NOT NULL DEFAULT '{}',
    asks           boolean NOT NULL DEFAULT false,
    looked_by      text,
    looked_at      timestamptz,
    looked_why     text
);
COMMENT ON TABLE mail_return IS 'What came back for our mails (a log): the bytes, what they were taken for by which rule, whose mail it was, what was done. asks: a person should look.';
COMMENT ON COLUMN mail_return.raw IS 'The mail as it came; emptied after some time (policy.KEPT_RAW), with said, subject, sender and diagnostic.';
-- bounces_before: what an address has done before
CREATE INDEX mail_return_lead ON mail_return (lead_id, at) WHERE lead_id IS NOT NULL;
-- returns: those a person should look at
CREATE INDEX mail_return_asks ON mail_return (at) WHERE asks;
-- forget_returns: whose bytes are to go
CREATE INDEX mail_return_raw ON mail_return (at) WHERE raw IS NOT NULL OR event IS NOT NULL;
