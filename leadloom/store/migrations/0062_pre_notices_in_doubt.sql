-- A hand-off asks whether its notice came back: by the mail, among the returns of all mail.

-- hand_off_row, hand_off_facts: did the notice of this assignment come back
CREATE INDEX mail_return_bounced ON mail_return (message_id) WHERE kind = 'bounce';
