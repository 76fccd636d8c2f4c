-- name: grant_basis
-- A permission with its proof; the same one told twice (a repeated request) is one row.
INSERT INTO basis (basis_id, lead_id, purpose, channel, kind, source, wording, at, until, proof)
SELECT :basis_id, :lead_id, :purpose, :channel, :kind, :source, :wording, :at, :until, :proof
 WHERE NOT EXISTS (
       SELECT FROM basis
        WHERE lead_id = :lead_id
          AND purpose = :purpose
          AND channel = :channel
          AND kind = :kind
          AND source = :source
          AND at = :at);

-- name: bases_of_leads
-- All permissions of some leads, for gates, sending and the preference page.
SELECT lead_id, purpose, channel, kind, source, wording, at, until, revoked_at, proof
  FROM basis
 WHERE lead_id = ANY (:lead_ids::uuid[])
 ORDER BY lead_id, at, basis_id;

-- name: revoke_bases
-- The person took the permission back: a "no" ends every kind of it, and deletes nothing.
UPDATE basis
   SET revoked_at = :at
 WHERE lead_id = ANY (:lead_ids::uuid[])
   AND purpose = :purpose
   AND channel = 'mail'
   AND revoked_at IS NULL;

-- name: suppress
-- Leave an address or a domain alone; one live row per scope, value and purpose.
INSERT INTO suppression (suppression_id, scope, value, purpose, reason, at)
VALUES (:suppression_id, :scope, :value, :purpose, :reason, :at)
    ON CONFLICT (scope, value, COALESCE(purpose, '')) WHERE lifted_at IS NULL DO NOTHING;

-- name: suppressions_of
-- What stands against an address now.
SELECT suppression_id, scope, value, purpose, reason, at
  FROM suppression
 WHERE lifted_at IS NULL
   AND ((scope = 'address' AND value = :email) OR (scope = 'domain' AND value = :domain))
 ORDER BY at;

-- name: lift_suppression
-- An operator lets mail go there again; the row stays, with the reason.
UPDATE suppression
   SET lifted_at = :at,
       lifted_why = :why
 WHERE suppression_id = :suppression_id
   AND lifted_at IS NULL;

-- name: lift_by_yes
-- A later express permission undoes an unsubscribe of the same purpose, and nothing graver.
UPDATE suppression s
   SET lifted_at = :at,
       lifted_why = 'allowed again: ' || :source::text
  FROM lead l
 WHERE l.lead_id = :lead_id
   AND s.scope = 'address'
   AND s.value = l.email
   AND s.purpose = :purpose
   AND s.reason = 'unsubscribed'
   AND s.at < :at
   AND s.lifted_at IS NULL;
