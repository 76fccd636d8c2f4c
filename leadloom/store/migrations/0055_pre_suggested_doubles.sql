-- The board of data quality counts as doubles whom the search for one person suggests, as the queue shows them.
CREATE OR REPLACE FUNCTION lead_quality(free_mail text[], sources text[], regions jsonb, ready text[], held text[])
RETURNS TABLE (lead_id uuid, source text, region text, no_mail boolean, free_mail boolean, dead_mail boolean,
               no_company boolean, no_country boolean, no_role boolean, no_phone boolean, unsourced boolean,
               double boolean, unowned boolean)
LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT l.lead_id, l.email, l.phone, l.role, l.title, l.owner_id, l.first_name, l.last_name, l.account_id,
               CASE WHEN l.source = ANY (sources) THEN l.source END AS source, COALESCE(l.country, a.country) AS country,
               COALESCE(l.company, a.name) AS company
          FROM lead l
          LEFT JOIN account a ON a.account_id = l.account_id
         WHERE l.erased_at IS NULL)
    SELECT t.lead_id, t.source, COALESCE(regions ->> t.country, '') AS region,
           t.email IS NULL,
           COALESCE(split_part(t.email, '@', 2) = ANY (lead_quality.free_mail), false),
           t.email IS NOT NULL AND EXISTS (
               SELECT FROM suppression s
                WHERE s.lifted_at IS NULL AND s.scope = 'address' AND s.value = t.email AND s.purpose IS NULL),
           t.company IS NULL, t.country IS NULL, COALESCE(t.role, t.title) IS NULL, t.phone IS NULL,
           t.source IS NULL,
           EXISTS (SELECT FROM duplicate d WHERE d.lead_id = t.lead_id AND d.state = 'open')
               OR EXISTS (SELECT FROM duplicate d WHERE d.other_id = t.lead_id AND d.state = 'open'),
           t.owner_id IS NULL AND EXISTS (
               SELECT FROM lead_stage g
                WHERE g.lead_id = t.lead_id
                  AND (g.stage = ANY (held)
                       OR (g.stage = ANY (ready)
                           AND NOT EXISTS (SELECT FROM hand_off h
                                            WHERE h.lead_id = t.lead_id AND h.state IN ('offered', 'accepted')
                                              AND h.closed_at IS NULL))))
      FROM told t
$$;
COMMENT ON FUNCTION lead_quality IS 'What is missing or wrong about each lead that is known. double: somebody is to say whether another lead is the same person (duplicate). unowned: at a stage somebody answers for, and nobody does.';
