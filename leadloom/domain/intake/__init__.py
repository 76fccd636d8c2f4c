"""What a form, a list or a link tells us, and of whom."""
