"""Which counties a size has, with their real places, and how many people each gets."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

PLACES = Path(__file__).parent.parent / "places" / "zhejiang.csv.gz"
SAMPLE = "331127"
SIZES = {
    "sample": (13_000, 4_000, SAMPLE),
    "county": (13_000, 4_000, SAMPLE),
    "prefecture": (100_000, 30_000, "3311"),
    "province": (1_000_000, 300_000, "33"),
}
SCOPES = ((20_000, SAMPLE), (160_000, "3311"), (1_500_000, "33"))
TOWNSHIP_NEEDS = 150  # households: a small instance has fewer townships, not emptier ones


@dataclass(frozen=True)
class County:
    """A county: its place in the province's order of codes, its townships, and its villages by township index."""

    index: int
    code: str
    name: str
    townships: tuple[str, ...]
    villages: tuple[tuple[int, str], ...]

    def first(self, count: int) -> County:
        """Return the county with its first few townships only."""
        kept = tuple(v for v in self.villages if v[0] < count)
        return County(self.index, self.code, self.name, self.townships[:count], kept)


@dataclass(frozen=True)
class Share:
    """A county with the number of eligible households and of cadres it is to have."""

    county: County
    households: int
    cadres: int


@cache
def counties() -> tuple[County, ...]:
    """Return the province's counties, by code."""
    with gzip.open(PLACES, "rt", encoding="utf-8", newline="") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file)}
    towns: dict[str, list[str]] = {}
    villages: dict[str, list[tuple[int, str]]] = {}
    for code, name in names.items():
        if len(code) == 9:
            towns.setdefault(code[:6], []).append(name)
        elif len(code) == 12:
            villages.setdefault(code[:6], []).append((len(towns[code[:6]]) - 1, name))
    codes = [c for c in names if len(c) == 6]
    return tuple(County(i, c, names[c], tuple(towns[c]), tuple(villages[c])) for i, c in enumerate(codes))


def plan(size: str | int) -> list[Share]:
    """Return the counties of a size: a name of ``SIZES``, or a number of eligible households."""
    if str(size) in SIZES:
        households, cadres, scope = SIZES[str(size)]
    else:
        households = int(size)
        if not 1 <= households <= SCOPES[-1][0]:
            raise ValueError(f"size must be one of {', '.join(SIZES)} or a number from 1 to {SCOPES[-1][0]}")
        cadres = max(1, round(households * 4 / 13))
        scope = next(s for limit, s in SCOPES if households <= limit)
    chosen = [c for c in counties() if c.code.startswith(scope)]
    weights = [len(c.villages) + sum(len(d.villages) for d in chosen) // len(chosen) for c in chosen]
    parts = zip(chosen, _split(households, weights), _split(cadres, weights), strict=True)
    return [Share(c.first(max(2, h // TOWNSHIP_NEEDS)), h, k) for c, h, k in parts]


def _split(total: int, weights: list[int]) -> list[int]:
    """Return whole parts in proportion to weights, that add up to the total."""
    edges = [total * sum(weights[:i]) // sum(weights) for i in range(len(weights) + 1)]
    return [b - a for a, b in pairwise(edges)]
