-- name: follow_owner
-- Owner rows follow the published definition; an owner's id never changes.
INSERT INTO owner (owner_id, handle, name, email, role, calendar, regions, deputy, phone, created_at)
VALUES (:owner_id, :handle, :name, :email, :role, :calendar, :regions, :deputy, :phone, :at)
    ON CONFLICT (handle) DO UPDATE
   SET name = EXCLUDED.name,
       email = EXCLUDED.email,
       role = EXCLUDED.role,
       calendar = EXCLUDED.calendar,
       regions = EXCLUDED.regions,
       deputy = EXCLUDED.deputy,
       phone = EXCLUDED.phone;

-- name: owners
-- Everybody who owns, signs or governs.
SELECT owner_id, handle, name, email, role, calendar, regions, deputy, phone
  FROM owner
 ORDER BY handle;

-- name: owner_by_id
-- One owner, for pages and notices.
SELECT owner_id, handle, name, email, role, calendar, regions, deputy, phone
  FROM owner
 WHERE owner_id = :owner_id;

-- name: owner_by_handle
-- One owner, by the name the definition gives them.
SELECT owner_id, handle, name, email, role, calendar, regions, deputy, phone
  FROM owner
 WHERE handle = :handle;

-- name: owners_away
-- Whom routing must not choose at this instant.
SELECT handle
  FROM owner_absence
 WHERE from_at <= :at
   AND until_at > :at;

-- name: absences
-- When each owner was or will be away: for telling whom leads of the past would have gone to.
SELECT handle, from_at, until_at
  FROM owner_absence
 ORDER BY handle, from_at;

-- name: owner_away
-- Notes an absence; a second word about the same beginning moves its end.
INSERT INTO owner_absence (handle, from_at, until_at)
VALUES (:handle, :from_at, :until_at)
    ON CONFLICT (handle, from_at) DO UPDATE
   SET until_at = EXCLUDED.until_at;
