"""What providers tell of companies and leads: what they are asked by, and which of it is taken."""
