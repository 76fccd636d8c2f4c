"""The console: pages that say where things stand, why, and what comes next. Each module's `router` is found."""
