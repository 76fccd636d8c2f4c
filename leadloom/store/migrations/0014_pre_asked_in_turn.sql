-- A run may ask for several mails in one look, at one instant: which of them it asked for last, its waits must know.

ALTER TABLE message ADD COLUMN turn_in_run integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN message.turn_in_run IS 'How many mails its run had asked for before it: tells mails of one look apart.';
