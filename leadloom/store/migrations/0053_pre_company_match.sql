-- Which company is meant: what a company is also called, whose daughter it is, and which two rows are one company.

ALTER TABLE account
    ADD COLUMN same_as uuid REFERENCES account CHECK (same_as <> account_id),
    ADD COLUMN parent_id uuid REFERENCES account CHECK (parent_id <> account_id),
    ADD COLUMN is_named boolean NOT NULL DEFAULT false,
    ADD COLUMN is_looked_at boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN account.same_as IS 'Found to be that company: its people, deals and hand-offs are there. The row stays, so that whoever still names it is sent on.';
COMMENT ON COLUMN account.parent_id IS 'Declared: whose daughter it is. Its people are its own; scores of the parent count them in.';
COMMENT ON COLUMN account.is_named IS 'A company we are after: it wins ties between companies of one name.';
COMMENT ON COLUMN account.is_looked_at IS 'Compared with the others since its name or domain were last told.';
-- take_accounts_to_match: what nobody compared yet
CREATE INDEX account_unlooked ON account (created_at, account_id) WHERE NOT is_looked_at;
-- joined_to: who was found to be this company
CREATE INDEX account_same_as ON account (same_as) WHERE same_as IS NOT NULL;
-- daughters: who belongs to this company
CREATE INDEX account_parent ON account (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE account_alias (
    kind        text NOT NULL CHECK (kind IN ('domain', 'name')),
    value       text NOT NULL CHECK (value <> ''),
    account_id  uuid NOT NULL REFERENCES account,
    at          timestamptz NOT NULL,
    by          text NOT NULL,
    PRIMARY KEY (kind, value)
);
COMMENT ON TABLE account_alias IS 'Domains and names by which a company is known besides its own; names in lower case.';
CREATE INDEX account_alias_of ON account_alias (account_id);

CREATE TABLE account_key (
    key         text NOT NULL,
    account_id  uuid NOT NULL REFERENCES account,
    PRIMARY KEY (key, account_id)
);
COMMENT ON TABLE account_key IS 'What companies that may be one have in common: hearts of names, registered domains. Written when a company is compared.';
CREATE INDEX account_key_of ON account_key (account_id);

CREATE TABLE account_match (
    match_id    uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES account,
    other_id    uuid REFERENCES account,
    state       text NOT NULL CHECK (state IN ('open', 'joined', 'undone', 'apart', 'settled')),
    rule        text NOT NULL,
    reasons     text[] NOT NULL DEFAULT '{}',
    candidates  jsonb NOT NULL DEFAULT '[]',
    found_at    timestamptz NOT NULL,
    decided_at  timestamptz,
    decided_by  text,
    why         text NOT NULL DEFAULT '',
    moved       jsonb,
    undone_at   timestamptz,
    undone_by   text,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((state = 'undone') = (undone_at IS NOT NULL)),
    CHECK (state NOT IN ('joined', 'undone', 'apart') OR other_id IS NOT NULL)
);
COMMENT ON TABLE account_match IS 'What comparing a company came to: open (somebody chooses among candidates), joined to the other, undone, apart (two companies, said somebody), or settled by another decision. moved is what it takes to part them again.';
-- a company waits for one choice at a time
CREATE UNIQUE INDEX account_match_open ON account_match (account_id) WHERE state = 'open';
CREATE INDEX account_match_account ON account_match (account_id, found_at);
CREATE INDEX account_match_other ON account_match (other_id) WHERE other_id IS NOT NULL;
