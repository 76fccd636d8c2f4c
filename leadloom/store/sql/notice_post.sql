-- name: whose_hand_off
-- Which channels hear of it depends on these.
SELECT h.kind, o.handle AS owner, h.pool
  FROM hand_off h
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.hand_off_id = :hand_off_id;

-- name: ask_for_notice_post
-- A notice for a channel or another system, beside the owner's mail: one for each offer, step and endpoint.
INSERT INTO notice_post (post_id, hand_off_id, step, no, mail, endpoint, owner_id, personal, asked_at, next_at)
VALUES (:post_id, :hand_off_id, :step, :no, :mail, :endpoint, :owner_id, :personal, :at, :at)
    ON CONFLICT (hand_off_id, step, no, endpoint) DO NOTHING
RETURNING post_id;

-- name: notice_post
-- What is to be posted, and whether it still means anything.
SELECT p.post_id, p.hand_off_id, p.step, p.no, p.mail, p.endpoint, p.owner_id, p.personal, p.asked_at, p.next_at, p.tries,
       p.ended_at, o.handle AS owner,
       p.step IN ('offer', 'remind') AND (h.state <> 'offered' OR h.assignment_no <> p.no) AS is_over
  FROM notice_post p
  JOIN hand_off h ON h.hand_off_id = p.hand_off_id
  JOIN owner o ON o.owner_id = p.owner_id
 WHERE p.post_id = :post_id;

-- name: end_notice_post
-- It went, it means nothing any more, or it was given up; the first end stands.
UPDATE notice_post
   SET ended_at = :at, ended = :ended, error = :error, tries = tries + :tried::integer, next_at = NULL
 WHERE post_id = :post_id AND ended_at IS NULL;

-- name: retry_notice_post
-- The other side didn't take it: again at its next instant.
UPDATE notice_post
   SET tries = tries + 1, next_at = :next_at, error = :error
 WHERE post_id = :post_id AND ended_at IS NULL;

-- name: overdue_notice_posts
-- The sweep of posts: a try that nobody made in time.
SELECT post_id
  FROM notice_post
 WHERE ended_at IS NULL AND next_at < :overdue_since
 ORDER BY next_at
 LIMIT :page_limit::integer;
