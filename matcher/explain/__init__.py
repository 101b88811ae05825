"""Reasons: why a household has no cadre, and what would help."""
