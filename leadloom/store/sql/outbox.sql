-- name: write_outbox
-- Queues what Temporal must hear, in the transaction of the facts it follows; ids come back in the order given.
INSERT INTO outbox (workflow, workflow_id, input)
SELECT wake.workflow, wake.workflow_id, to_jsonb(wake.input)
  FROM unnest(:workflows::text[], :workflow_ids::text[], :inputs::text[])
       WITH ORDINALITY AS wake (workflow, workflow_id, input, position)
 ORDER BY wake.position
RETURNING outbox_id;

-- name: mark_relayed
-- Temporal has heard these.
UPDATE outbox
   SET wall_relayed_at = clock_timestamp(),
       error = NULL
 WHERE outbox_id = ANY (:outbox_ids::bigint[]);

-- name: unrelayed
-- The sweep's page: what nobody relayed for a while, fewest tries first, leaving rows another sweep holds.
SELECT outbox_id, workflow, workflow_id, input
  FROM outbox
 WHERE wall_relayed_at IS NULL
   AND wall_queued_at <= clock_timestamp() - :wall_age::interval
 ORDER BY tries, outbox_id
 LIMIT :page_limit::integer
   FOR UPDATE SKIP LOCKED;

-- name: relay_failed
-- Keeps why a wake-up could not be told, and lets the others go first.
UPDATE outbox
   SET tries = tries + 1,
       error = :error
 WHERE outbox_id = :outbox_id;

-- name: outbox_waiting
-- How many wake-ups Temporal has not heard: 0 on a healthy system, for the doctor and the metrics.
SELECT count(*) AS waiting
  FROM outbox
 WHERE wall_relayed_at IS NULL;
