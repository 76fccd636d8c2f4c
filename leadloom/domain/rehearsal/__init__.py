"""What would happen? The interpreter and the planning of slots, played in memory."""
