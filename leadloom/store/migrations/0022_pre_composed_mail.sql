-- A campaign may say things that its mails quote.
ALTER TABLE campaign ADD COLUMN values jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN campaign.values IS 'What the mails of its runs may quote as campaign.<name>.';
