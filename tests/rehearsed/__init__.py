"""Random journeys and random lives, played twice: in memory by the rehearsal, and in Temporal in virtual time."""
