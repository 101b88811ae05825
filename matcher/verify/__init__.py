"""The independent checker: a run's folder against the month's tables, without the solver or anything it was built from."""
