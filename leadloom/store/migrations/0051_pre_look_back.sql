-- A draft of the definition beside the one in force, over a past span.

CREATE TABLE definition_look_back (
    draft_no  integer PRIMARY KEY REFERENCES definition_draft,
    at        timestamptz NOT NULL,
    found     jsonb NOT NULL
);
COMMENT ON TABLE definition_look_back IS 'What a draft would have made of a past span, as it was worked out last. Ids and figures, no fields of a lead.';
