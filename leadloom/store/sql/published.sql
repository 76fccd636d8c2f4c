-- name: in_force
-- What new decisions go by: the newest version of each name, and for regions that stayed behind theirs. There is one
-- definition, the one published last.
SELECT newest.kind, newest.name, newest.version, newest.hash,
       CASE WHEN newest.kind = 'definition' THEN newest.published_at END AS published_at
  FROM (SELECT DISTINCT ON (kind, name) kind, name, version, hash, published_at
          FROM published
         WHERE kind IN ('definition', 'journey', 'code-journey')
         ORDER BY kind, name, version DESC) AS newest
 UNION ALL
SELECT 'region', pinned.region, pinned.version, pinned.hash, NULL
  FROM (SELECT DISTINCT ON (region) region, version, hash, act
          FROM definition_region
         WHERE act IN ('stays', 'go')
         ORDER BY region, no DESC) AS pinned
 WHERE pinned.act = 'stays'
 ORDER BY kind, published_at DESC NULLS LAST, name;

-- name: definition_in_force
-- By which definition somebody has rights: asked at each request to the console.
SELECT hash FROM published WHERE kind = 'definition' ORDER BY published_at DESC, version DESC LIMIT 1;

-- name: in_force_of
-- The newest version of one name.
SELECT version, hash
  FROM published
 WHERE kind = :kind
   AND name = :name
 ORDER BY version DESC
 LIMIT 1;

-- name: published_version
-- What one version of a name is called by its content.
SELECT hash
  FROM published
 WHERE kind = :kind
   AND name = :name
   AND version = :version;

-- name: published_body
-- What a hash names; the same content published twice has the same body. In the order its author wrote, where it is kept.
SELECT COALESCE(in_order, body::json) AS body
  FROM published
 WHERE kind = :kind
   AND hash = :hash
 LIMIT 1;

-- name: lock_publishing
-- Two who publish the same name at once go one after the other.
SELECT pg_advisory_xact_lock(hashtextextended(:kind::text || ' ' || :name::text, 0));

-- name: publish
-- A new version, never an edit. The body stands there twice: whoever reads it while the program is exchanged reads jsonb.
INSERT INTO published (kind, name, version, hash, body, published_at, published_by, in_order, approved_by)
SELECT :kind, :name, COALESCE(max(version), 0) + 1, :hash, :body, :at, :by, :in_order, :approved_by
  FROM published
 WHERE kind = :kind
   AND name = :name
RETURNING version;

-- name: languages_in_force
-- What a reader may choose among: the languages of the templates in force; notices to owners are nobody's letters.
WITH newest AS (
    SELECT DISTINCT ON (name) body
      FROM published
     WHERE kind = 'template' AND NOT starts_with(name, 'hand-off/')
     ORDER BY name, version DESC)
SELECT DISTINCT said.language
  FROM newest n
 CROSS JOIN LATERAL (
       SELECT COALESCE(n.body ->> 'language', 'en') AS language
        UNION ALL
       SELECT jsonb_object_keys(COALESCE(n.body -> 'others', '{}'))) said
 ORDER BY said.language;
