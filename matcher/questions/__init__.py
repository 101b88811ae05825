"""Questions to a finished run: one household, one cadre, places, bottlenecks, fairness; answers as typed records and in words."""
