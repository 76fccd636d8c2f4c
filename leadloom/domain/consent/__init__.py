"""On which permission we may write to or call a person, and what they said about it."""
