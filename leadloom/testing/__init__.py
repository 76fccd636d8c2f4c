"""What tests of journeys are written with: given a lead, when things happen, then what they got."""
