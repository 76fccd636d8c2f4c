-- name: grant_bases
-- Permissions with their proof; the same one told twice (a repeated request, a list read again) is one row. A list that
-- was collected before the person said no has nothing to say any more, and what nobody said themselves never has: such
-- a row is kept as proof, revoked by that no. An address needn't be known for this to hold. Each row is looked up by its
-- index (OFFSET 0 is a fence): as a join it would read every permission there is.
INSERT INTO basis (basis_id, lead_id, purpose, channel, kind, source, wording, at, until, revoked_at, proof)
SELECT DISTINCT ON (lead_id, purpose, channel, kind, source, at)
       basis_id, lead_id, purpose, channel, kind, source, wording, at, until,
       (SELECT max(GREATEST(e.at, r.at))
          FROM event e
         WHERE e.lead_id = r.lead_id
           AND e.kind = 'unsubscribed'
           AND r.purpose = 'marketing'
           AND r.channel = 'mail'
           AND (r.at < e.at OR r.kind <> ALL (:said_by_the_person::text[]))),
       proof
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       basis_id uuid, lead_id uuid, purpose text, channel text, kind text, source text, wording text, at timestamptz,
       until timestamptz, proof jsonb)
 WHERE NOT EXISTS (
       SELECT FROM basis b
        WHERE b.lead_id = r.lead_id
          AND b.purpose = r.purpose
          AND b.channel = r.channel
          AND b.kind = r.kind
          AND b.source = r.source
          AND b.at = r.at
       OFFSET 0)
RETURNING lead_id;

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
-- Leave addresses or domains alone; one live row per scope, value and purpose. In order, so that two lists of the same
-- addresses can't deadlock.
INSERT INTO suppression (suppression_id, scope, value, purpose, reason, at)
SELECT suppression_id, scope, value, purpose, reason, at
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       suppression_id uuid, scope text, value text, purpose text, reason text, at timestamptz)
 ORDER BY scope, value, purpose
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
-- A later express permission undoes an unsubscribe of the same purpose, and nothing graver. Rows of leads that are
-- being written at this moment bring their address; the others' are looked up one by one: a join may read every lead.
UPDATE suppression s
   SET lifted_at = r.at,
       lifted_why = 'allowed again: ' || r.source
  FROM jsonb_to_recordset(:rows::jsonb) AS r (lead_id uuid, email text, purpose text, source text, at timestamptz)
 WHERE s.scope = 'address'
   AND s.value = COALESCE(r.email, (SELECT l.email FROM lead l WHERE l.lead_id = r.lead_id))
   AND s.purpose = r.purpose
   AND s.reason = 'unsubscribed'
   AND s.at < r.at
   AND s.lifted_at IS NULL;
