-- name: lead_in_sight
-- Is the lead that an address names among those somebody sees?
SELECT l.lead_id
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE l.lead_id = CASE :noun::text
                        WHEN 'lead' THEN :key::uuid
                        WHEN 'hand-off' THEN (SELECT lead_id FROM hand_off WHERE hand_off_id = :key)
                        WHEN 'mail' THEN (SELECT COALESCE(m.lead_id, h.lead_id)
                                            FROM message m
                                            LEFT JOIN hand_off h ON h.hand_off_id = m.hand_off_id
                                           WHERE m.message_id = :key)
                        WHEN 'task' THEN (SELECT lead_id FROM task WHERE task_id = :key) END
   AND (/* where */ TRUE);

-- name: is_of_a_lead
-- Does the address name anything at all? What is not there has nobody to hide, and its page says that it is not there.
SELECT CASE :noun::text
            WHEN 'lead' THEN EXISTS (SELECT FROM lead WHERE lead_id = :key::uuid)
            WHEN 'hand-off' THEN EXISTS (SELECT FROM hand_off WHERE hand_off_id = :key)
            WHEN 'mail' THEN EXISTS (SELECT FROM message WHERE message_id = :key)
            ELSE EXISTS (SELECT FROM task WHERE task_id = :key) END;
