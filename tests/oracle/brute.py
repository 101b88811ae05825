"""The optimum by going through all rosters: one by one, or household by household with equal loads taken together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, product

from .model import Model, Pair
from .recount import Value, broken, coverage_levels, standing, values

State = tuple[tuple[int, ...], tuple[int, ...]]  # loads of the cadres, pairings in the townships that have a quota
BY_LOAD = ("duty", "balance")


def choices(model: Model) -> dict[str, list[tuple[str, ...]]]:
    """Every set of cadres that each household may have, its fixed ones always among them."""
    out = {}
    for h, cadres in model.of_house().items():
        must = {c for a, c in model.fixed if a == h}
        sizes = range(min(model.houses[h].partners, len(cadres)) + 1)
        out[h] = [s for s in chain.from_iterable(combinations(cadres, n) for n in sizes) if must <= set(s)]
    return out


def every_roster(model: Model) -> Iterator[list[Pair]]:
    """All rosters within the households' own rules, one by one."""
    mine = choices(model)
    for picked in product(*mine.values()):
        yield [(h, c) for h, cadres in zip(mine, picked, strict=True) for c in cadres]


def rosters(model: Model) -> int:
    """How many rosters `every_roster` gives."""
    out = 1
    for sets in choices(model).values():
        out *= len(sets)
    return out


def by_listing(model: Model) -> dict[str, Value]:
    """Return the optimum by looking at every roster: nothing to get wrong, for tiny months only."""
    best = max((r for r in every_roster(model) if not broken(model, r)), key=lambda r: standing(model, r))
    return values(model, best)


def brought(model: Model, h: str, cadres: tuple[str, ...]) -> tuple[int, ...]:
    """Return what a household with these cadres adds to the objectives that are sums over households, in order, in one row."""
    out: list[int] = []
    for name in model.order:
        if name == "coverage":
            out += coverage_levels(model, [(h, c) for c in cadres])
        elif name == "waiting":
            out.append(model.houses[h].waiting if cadres else 0)
        elif name not in BY_LOAD:
            out.append(sum(model.gains[name][h, c] for c in cadres))
    return tuple(out)


def reach(model: Model) -> dict[State, tuple[tuple[int, ...], list[Pair]]]:
    """For every reachable state the best sums, and a roster that has them.

    Two ways to one state have the same loads and the same room left, so whatever follows adds the same to both, and the one
    whose sums are larger in lexicographic order stays ahead: only it needs to be kept.
    """
    cadres, towns = sorted(model.cadres), sorted(model.towns)
    width = len(next((brought(model, h, ()) for h in model.houses), ()))
    states: dict[State, tuple[tuple[int, ...], list[Pair]]] = {
        ((0,) * len(cadres), (0,) * len(towns)): ((0,) * width, []),
    }
    for h, sets in choices(model).items():
        home = model.houses[h].place[:2]
        following: dict[State, tuple[tuple[int, ...], list[Pair]]] = {}
        steps = [(s, [int(c in s) for c in cadres], brought(model, h, s)) for s in sets]
        for (loads, used), (sums, roster) in states.items():
            for s, more, plus in steps:
                load = tuple(a + b for a, b in zip(loads, more, strict=True))
                town = tuple(n + len(s) * (t == home) for t, n in zip(towns, used, strict=True))
                if not room(model, cadres, load, towns, town):
                    continue
                total = tuple(a + b for a, b in zip(sums, plus, strict=True))
                if (load, town) not in following or following[load, town][0] < total:
                    following[load, town] = (total, [*roster, *((h, c) for c in s)])
        states = following
    return states


def room(model: Model, cadres: list[str], load: tuple[int, ...], towns: list[tuple[str, ...]], town: tuple[int, ...]) -> bool:
    """Whether cadres, units and townships have as many places."""
    units = {u: sum(n for c, n in zip(cadres, load, strict=True) if model.cadres[c].unit == u) for u in model.units}
    return (
        all(n <= model.cadres[c].capacity for c, n in zip(cadres, load, strict=True))
        and all(n <= model.units[u] for u, n in units.items())
        and all(n <= model.towns[t] for t, n in zip(towns, town, strict=True))
    )


def optimum(model: Model) -> dict[str, Value]:
    """Return the lexicographic optimum of a small month: the best of every state's best roster."""
    finals = [roster for _, roster in reach(model).values()]
    return values(model, max(finals, key=lambda r: standing(model, r)))
