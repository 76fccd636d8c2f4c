-- What was promised, in working time: an edited calendar moves the instant it ends.

ALTER TABLE hand_off ADD COLUMN accept_in interval;
ALTER TABLE hand_off ADD COLUMN first_try_in interval;
COMMENT ON COLUMN hand_off.accept_in IS 'The working time of the offer as promised: an edited calendar moves accept_by by it.';
COMMENT ON COLUMN hand_off.first_try_in IS 'The working time from decided_at to first_try_by, likewise.';
