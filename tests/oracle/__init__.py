"""A second opinion on the best roster: random months, two other ways to their optimum, and a recount of a roster.

Nothing here imports the package under test; everything is written from the contract, with one object per pair.
"""
