-- An answer to an offer may be taken back for a moment; a card may be hidden until later.

ALTER TABLE hand_off ADD COLUMN answer jsonb;
ALTER TABLE hand_off ADD COLUMN final_at timestamptz;
ALTER TABLE hand_off ADD COLUMN snoozed_until timestamptz;
ALTER TABLE hand_off ADD CONSTRAINT hand_off_answer CHECK ((answer IS NULL) = (final_at IS NULL));
ALTER TABLE hand_off ADD CONSTRAINT hand_off_answer_open
    CHECK (answer IS NULL OR (state IN ('offered', 'accepted') AND closed_at IS NULL));
COMMENT ON COLUMN hand_off.answer IS 'What was answered and may still be taken back: decision, at, final_at. Nothing has followed from it.';
COMMENT ON COLUMN hand_off.snoozed_until IS 'Until when its owner hides its card; no clock knows of it.';
CREATE INDEX hand_off_final ON hand_off (final_at) WHERE final_at IS NOT NULL;
