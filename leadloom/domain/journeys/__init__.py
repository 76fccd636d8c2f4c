"""What is to happen to a lead: journeys as data, their checker, and the interpreter that plays them."""
