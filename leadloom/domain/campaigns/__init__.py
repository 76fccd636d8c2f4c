"""An audience sent into a journey, with a cost, a goal and an owner."""
