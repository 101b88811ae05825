"""Goals: the smallest addition that reaches a coverage, and the best roster within a budget of changes."""
