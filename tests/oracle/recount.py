"""A roster counted again from the model: the rules that it breaks, and the value of every objective."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from .model import Model, Pair

Value = int | list[int]


def broken(model: Model, roster: Iterable[Pair]) -> list[str]:
    """Every rule that the roster breaks, in words; empty where it keeps them all."""
    rows = list(roster)
    may, given = set(model.pairs), Counter(rows)
    bad = [f"{h} and {c} may not be paired" for h, c in sorted(given) if (h, c) not in may]
    bad += [f"{h} and {c} stand {n} times" for (h, c), n in sorted(given.items()) if n > 1]
    bad += [f"the fixed pair {h} and {c} is missing" for h, c in sorted(model.fixed - set(rows))]
    known = [(h, c) for h, c in rows if h in model.houses and c in model.cadres]
    counts: list[tuple[str, Counter[Any], dict[Any, int]]] = [
        ("household", Counter(h for h, _ in known), {h: x.partners for h, x in model.houses.items()}),
        ("cadre", Counter(c for _, c in known), {c: x.capacity for c, x in model.cadres.items()}),
        ("unit", Counter(model.cadres[c].unit for _, c in known), model.units),
        ("township", Counter(model.houses[h].place[:2] for h, _ in known), model.towns),
    ]
    for what, count, most in counts:
        bad += [f"{what} {key} has {n} of {most[key]}" for key, n in sorted(count.items()) if n > most.get(key, n)]
    return bad


def coverage_levels(model: Model, roster: Iterable[Pair]) -> list[int]:
    """Households with a first cadre by level (band or income), the poorest first; then those with a second; and so on."""
    out = [0] * (model.levels * model.deepest)
    for h, n in Counter(h for h, _ in roster).items():
        for k in range(n):
            out[k * model.levels + model.houses[h].level] += 1
    return out


def values(model: Model, roster: Iterable[Pair]) -> dict[str, Value]:
    """Return the value of every objective, in the policy's order, shaped as summary.json has them."""
    rows = list(roster)
    load, served = Counter(c for _, c in rows), {h for h, _ in rows}
    out: dict[str, Value] = {}
    for name in model.order:
        if name == "coverage":
            out[name] = len(rows) if model.by_income else coverage_levels(model, rows)
        elif name == "duty":
            out[name] = sum(min(n, model.cadres[c].duty) for c, n in load.items())
        elif name == "waiting":
            out[name] = sum(model.houses[h].waiting for h in served)
        elif name == "balance" and model.leximax:
            most = max(load.values(), default=0)
            out[name] = [sum(max(n - level + 1, 0) for n in load.values()) for level in range(most, 0, -1)]
        elif name == "balance":
            out[name] = sum(n * n for n in load.values())
        else:
            out[name] = sum(model.gains[name].get(x, 0) for x in rows)
    return out


def standing(model: Model, roster: Iterable[Pair]) -> list[list[int]]:
    """Return what rosters are compared by: a list per objective, in order, larger being better, all of one length."""
    rows = list(roster)
    most = max((x.capacity for x in model.cadres.values()), default=0)
    most = min(most, len(model.houses))
    out = []
    for name, value in values(model, rows).items():
        if name == "coverage":
            out.append(coverage_levels(model, rows))
        elif isinstance(value, list):
            out.append([0] * (most - len(value)) + [-n for n in value])
        else:
            out.append([-value if name == "balance" else value])
    return out
