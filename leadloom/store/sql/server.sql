-- name: server_version
-- Is the server new enough? 150004 is 15.4.
SELECT current_setting('server_version_num')::int AS version;
