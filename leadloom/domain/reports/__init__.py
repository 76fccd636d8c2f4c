"""What the logs add up to, and how sure one can be of it."""
