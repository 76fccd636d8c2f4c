"""What comes back for the mails we sent, and what follows from it."""
