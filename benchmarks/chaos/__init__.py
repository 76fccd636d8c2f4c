"""Does every mail go once, and every journey to its end, when any part may die at any moment? `make chaos` tries it."""
