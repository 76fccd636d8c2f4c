"""Which company is meant, and what others tell of it."""
