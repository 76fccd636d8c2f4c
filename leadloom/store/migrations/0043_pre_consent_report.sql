-- How everybody stands with marketing mail, for the consent report and the rows behind its numbers.

-- confirmation_cohorts: the ticks that were asked about
CREATE INDEX basis_asked ON basis (at) WHERE act = 'asked';

-- How everybody with an address stands with marketing mail at an instant: suppressed; by which basis they may be mailed
-- (the first of the kinds that suffice there); waits for their confirmation; has not enough; has none. Set by set: one by
-- one it would look up four indexes for each of a million.
CREATE FUNCTION consent_standing(at timestamptz)
RETURNS TABLE (lead_id uuid, country text, state text)
LANGUAGE sql STABLE AS $$
    WITH person AS (
        SELECT l.lead_id, l.email, COALESCE(upper(NULLIF(l.country, '')), upper(NULLIF(a.country, '')), '?') AS country
          FROM lead l
          LEFT JOIN account a ON a.account_id = l.account_id
         WHERE l.email IS NOT NULL
    ), live AS (
        SELECT scope, value FROM suppression
         WHERE lifted_at IS NULL AND topic IS NULL AND (purpose IS NULL OR purpose = 'marketing')
    ), silent AS (
        SELECT p.lead_id FROM live s JOIN person p ON s.scope = 'address' AND p.email = s.value
        UNION
        SELECT p.lead_id FROM live s JOIN person p ON s.scope = 'domain' AND split_part(p.email, '@', 2) = s.value
        UNION
        SELECT p.lead_id FROM live s JOIN person p ON s.scope = 'person' AND p.lead_id::text = s.value
        UNION
        SELECT p.lead_id FROM live s JOIN person p ON s.scope = 'hash' AND address_mark(p.email) = s.value
    ), said AS (
        SELECT lead_id, max(at) AS at FROM basis
         WHERE act = 'withdrawn' AND purpose = 'marketing' AND channel = 'mail' AND at <= consent_standing.at
         GROUP BY lead_id
    ), standing AS (
        SELECT b.lead_id, b.kind, b.act
          FROM basis b
          LEFT JOIN said n ON n.lead_id = b.lead_id
         WHERE b.purpose = 'marketing' AND b.channel = 'mail' AND b.act <> 'withdrawn' AND b.at <= consent_standing.at
           AND (b.until IS NULL OR b.until > consent_standing.at)
           AND (n.at IS NULL OR (n.at < b.at AND b.kind IN ('express', 'double-opt-in')))
    ), held AS (
        SELECT lead_id, array_agg(DISTINCT kind) FILTER (WHERE act = 'given') AS kinds, bool_or(act = 'asked') AS waits
          FROM standing
         GROUP BY lead_id
    )
    SELECT p.lead_id, p.country,
           CASE WHEN q.lead_id IS NOT NULL THEN 'suppressed'
                ELSE COALESCE((SELECT k.kind FROM unnest(COALESCE(here.kinds, rest.kinds)) WITH ORDINALITY AS k (kind, no)
                                WHERE k.kind = ANY (h.kinds) ORDER BY k.no LIMIT 1),
                              CASE WHEN h.waits THEN 'waits' END,
                              CASE WHEN h.kinds IS NOT NULL THEN 'not enough' END,
                              'none') END AS state
      FROM person p
      LEFT JOIN silent q ON q.lead_id = p.lead_id
      LEFT JOIN held h ON h.lead_id = p.lead_id
      LEFT JOIN basis_rule here
        ON (here.mail_class, here.purpose, here.channel, here.country) = ('marketing', 'marketing', 'mail', p.country)
      LEFT JOIN basis_rule rest
        ON (rest.mail_class, rest.purpose, rest.channel, rest.country) = ('marketing', 'marketing', 'mail', '*')
$$;
