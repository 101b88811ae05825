"""Exact lexicographic optima of a formulation, each proved by potentials, made unique by the draw."""
