"""What is to be reached, and by what: as the command line says it, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil

from matcher.errors import UsageError
from matcher.messages import N_, message

CADRES, UNITS, TOWNSHIPS, RANKS, NEW = "cadres", "units", "townships", "ranks", "new-cadres"
PLACES = (CADRES, UNITS, TOWNSHIPS)
"""What may be raised together, place by place."""


@dataclass(frozen=True)
class Goal:
    """A share of the wanted pairings.

    Attributes
    ----------
    percent : Decimal
        Above 0, at most 100.
    """

    percent: Decimal

    def pairings(self, wanted: int) -> int:
        """Return the fewest pairings that reach the goal, given how many the eligible households want together."""
        return ceil(Fraction(self.percent) * wanted / 100)


@dataclass(frozen=True)
class Means:
    """What may be added.

    Attributes
    ----------
    by : tuple of str
        Some of ``cadres``, ``units``, ``townships``; or ``ranks`` alone; or ``new-cadres`` alone.
    townships, skills : tuple of str
        Of new cadres: where they may be added (each serves one township), and what every one of them can do.
    capacity : int
        Places of a new cadre; 0 for the policy's default.
    """

    by: tuple[str, ...]
    townships: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    capacity: int = 0


def read_goal(text: str) -> Goal:
    """Return the goal that a text such as ``coverage=100%`` means.

    Raises
    ------
    UsageError
        It is no goal.
    """
    name, _, figure = text.partition("=")
    try:
        percent = Decimal(figure.strip().removesuffix("%").removesuffix("％"))
    except InvalidOperation:
        percent = Decimal(0)
    if name.strip() != "coverage" or not percent.is_finite() or not 0 < percent <= 100:
        text_ = N_("The goal {goal} is not understood. Write coverage=100%, with a figure above 0 and up to 100.")
        raise UsageError(message(text_, goal=text))
    return Goal(percent)


def read_means(by: Sequence[str], townships: Sequence[str] = (), skills: Sequence[str] = (), capacity: int = 0) -> Means:
    """Return the means that words such as ``cadres`` and ``units`` name.

    Raises
    ------
    UsageError
        An unknown word, words that do not go together, or new cadres without a township.
    """
    words = tuple(w for w in (*PLACES, RANKS, NEW) if w in by)
    unknown = sorted(set(by) - set(words))
    if unknown or not words or (len(words) > 1 and not set(words) <= set(PLACES)):
        text = N_("What may be added is some of cadres, units and townships; or ranks alone; or new-cadres alone. Not: {words}.")
        raise UsageError(message(text, words=", ".join(by)))
    if words == (NEW,) and not townships:
        raise UsageError(message(N_("Say in which townships cadres may be added.")))
    if words != (NEW,) and (townships or skills or capacity):
        raise UsageError(message(N_("Townships, skills and a capacity are said of new cadres only.")))
    if capacity < 0:
        raise UsageError(message(N_("A new cadre's capacity is 1 or more.")))
    return Means(words, tuple(dict.fromkeys(townships)), tuple(dict.fromkeys(skills)), capacity)
