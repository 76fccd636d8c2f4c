"""What a microsite is, what its calculators say, and who read what."""
