"""Makes counties of invented people, month by month, from lots that any machine draws alike."""
