"""Where a lead stands: scores, gates, stage changes, and the clocks these hold."""
