-- A run may end because of what a colleague of its lead did; those that listen so are few, and say it.
ALTER TABLE enrolment ADD COLUMN hears_company boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN enrolment.hears_company IS 'Whether the journey has an exit of the company: colleagues'' events may end it.';
