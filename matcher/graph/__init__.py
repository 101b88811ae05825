"""Permitted pairs: as a rule to ask, as integer columns, and as a networkx graph on demand."""
