-- An answer to a mail of ours that is passed on to who signed that mail: a row of the ledger that hangs at what came back.

ALTER TABLE message ADD COLUMN return_id uuid REFERENCES mail_return ON DELETE CASCADE;
COMMENT ON COLUMN message.return_id IS 'The answer it passes on to its owner. No run carries it: the answer may have ended the run.';
ALTER TABLE message DROP CONSTRAINT message_check1;
ALTER TABLE message RENAME CONSTRAINT message_check2 TO message_check1;
ALTER TABLE message ADD CONSTRAINT message_of_one CHECK (num_nonnulls(enrolment_id, hand_off_id, return_id) = 1);
CREATE UNIQUE INDEX message_of_return ON message (return_id, step, visit) WHERE return_id IS NOT NULL;
COMMENT ON TABLE message IS 'One row for each send (law 6). Key: (enrolment, step, visit), (hand-off, step, assignment no), or (return, step, visit).';
