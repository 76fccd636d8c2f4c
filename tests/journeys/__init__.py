"""One test file for each journey: its letters, and the ways through it."""
