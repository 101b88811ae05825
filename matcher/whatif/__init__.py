"""What if: the month again with changes, compared with the month as it is."""
