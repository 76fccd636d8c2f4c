-- Withdrawals are entries of their own since 0033, and neither this code nor the one before names the column: it may go
-- while old workers still run.
ALTER TABLE basis DROP COLUMN revoked_at;
