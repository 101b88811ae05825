"""The names of the objectives and what is known of each before any table is read."""

CONTINUITY_FIRST = "continuity_first"
COVERAGE = "coverage"
BALANCE = "balance"
OBJECTIVES = (
    "coverage",
    "duty",
    "continuity",
    "village_link",
    "fit",
    "affinity",
    "waiting",
    "rank_match",
    "compactness",
    "balance",
)
DEFAULT_ORDER = ("coverage", "duty", "continuity", "village_link", "fit", "balance")
NOT_BUILT = frozenset({"compactness"})
