"""What mail providers tell us of our mails, each in its own words."""
