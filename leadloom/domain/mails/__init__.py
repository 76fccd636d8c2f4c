"""What a mail is, whether it may go, when it goes, and how its sending ended."""
