-- The ledger of points: corrections are rows of their own, points may expire and count for a product, and a row says
-- when we heard of it where that was later.

ALTER TABLE score_entry
    ADD COLUMN part        smallint NOT NULL DEFAULT 1,
    ADD COLUMN category    text,
    ADD COLUMN expires_at  timestamptz,
    ADD COLUMN known_at    timestamptz;
ALTER TABLE score_entry DROP CONSTRAINT score_entry_pkey;
ALTER TABLE score_entry ADD PRIMARY KEY (lead_id, event_no, part);
COMMENT ON TABLE score_entry IS 'The ledger of engagement: points an event brought or took, after every cap. A score is the decayed sum of these rows and has no other writer; what corrects one is a row of its own.';
