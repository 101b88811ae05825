"""How many households have all the cadres they need, some of them, or none: three figures that make up the eligible ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matcher.domain import Ints


class Served(NamedTuple):
    """Eligible households by the cadres they have."""

    fully_served: int
    partly_served: int
    unserved: int


def served_of(partners: Ints, household: Ints) -> Served:
    """Return how many households are served, and how.

    Parameters
    ----------
    partners : (households,) int
        How many cadres each needs, 1 or more.
    household : (pairs,) int
    """
    got = np.bincount(household, minlength=len(partners))
    full, none = int((got >= partners).sum()), int((got == 0).sum())
    return Served(full, len(partners) - full - none, none)
