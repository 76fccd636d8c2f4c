-- Whether somebody was erased is compared by a formula that Postgres writes into whatever asks, the mark before the dot first.

CREATE FUNCTION address_mark_by(key bytea, address text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(key || sha256(key || convert_to(lower(address), 'UTF8'))), 'hex')
$$;
CREATE OR REPLACE FUNCTION address_mark(address text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT address_mark_by(k.key, address) FROM address_key k
$$;

CREATE OR REPLACE FUNCTION silences_on(lead_id uuid, address text)
RETURNS TABLE (suppression_id uuid, scope text, value text, purpose text, topic text, reason text, by text, at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'address' AND s.value = silences_on.address
    UNION ALL
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'domain' AND s.value = split_part(silences_on.address, '@', 2)
    UNION ALL
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'person' AND s.value = silences_on.lead_id::text
    UNION ALL
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'hash'
       AND s.value = (SELECT address_mark_by(k.key, silences_on.address) FROM address_key k)
$$;
