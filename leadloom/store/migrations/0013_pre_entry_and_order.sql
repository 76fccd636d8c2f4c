-- What a version says, in the order its author wrote it.

ALTER TABLE published ADD COLUMN in_order json;
COMMENT ON COLUMN published.in_order IS 'The body with its names in the order their author wrote, which jsonb forgets: the answers of a task are offered in it. Older versions have none.';
