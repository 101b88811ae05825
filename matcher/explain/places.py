"""What one more place would be worth, exactly: at every cadre, unit and township, and one more cadre with a skill.

One more place is one more arc; the best that it can do is the lexicographically shortest cycle through it, if that is
negative. A place at the sink's side needs one search from the sink (and one from each unit that is full), a township's quota
one search to the sink. Dual prices would not do: they say what the last place brought, not what the next one brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.domain import Ints
from matcher.explain.distances import Distances, distances
from matcher.explain.levels import cost_of_seat
from matcher.explain.standing import Standing, sortable
from matcher.formulation.network import Kind
from matcher.formulation.values import Value

Steps = tuple[int, ...]


@dataclass(frozen=True)
class Worth:
    """What one more place is worth.

    Attributes
    ----------
    kind : str
        ``cadre``, ``unit``, ``township`` or ``skill``.
    number : int
        Of the cadre, unit or township (for a skill, where it would serve).
    skill : str
    steps : tuple of int
        Level by level; lexicographically negative where it helps, else all zero.
    gain : dict of str to value
        How much better each objective becomes.
    """

    kind: str
    number: int
    skill: str
    steps: Steps
    gain: dict[str, Value]


def worths(standing: Standing, due: Ints, duty: int) -> list[Worth]:
    """Return the worth of one more place everywhere, the best first; those who would bring nothing last.

    Parameters
    ----------
    due : (cadres,) int
        Duties before the capacity limits them.
    duty : int
        Of a cadre without a rank, for the one with the skill: no link, no pair of last month's, one place.
    """
    found = [
        Worth(kind, number, skill, steps, standing.shape.told(standing.levels, steps, -1))
        for kind, number, skill, steps in (*_cadres(standing, due), *_units(standing), *_townships(standing), *_skills(standing, duty))
    ]
    return sorted(found, key=lambda w: w.steps)


def one_more(standing: Standing, cadre: int, due: int) -> Steps | None:
    """Return what one more household costs a cadre, seat included, as if it had the capacity; None if nobody is left for it."""
    node, load = standing.hubs.first_cadre + cadre, int(standing.load[cadre]) + 1
    home = standing.full_units.get(int(standing.instance.cadres.unit[cadre]), 0)
    own = (standing.graph.end == node) & (standing.graph.start == _beyond_seats(standing, cadre))  # a seat left for the next is no more
    distance = distances(standing.graph.without(own), home).to(node)
    return None if distance is None else _sum(cost_of_seat(standing.levels, load, min(due, load)), distance)


def one_fewer(standing: Standing, cadre: int) -> Steps | None:
    """Return what it costs that a cadre has one household fewer; None if its pairs are fixed."""
    node, net = standing.hubs.first_cadre + cadre, standing.hubs.network
    seats = net.of_kind(Kind.SEAT)
    if not standing.flow[seats[net.subject[seats] == cadre]].any():
        return None
    home = _beyond_seats(standing, cadre)
    seat = (standing.graph.start == node) & (standing.graph.end == home) | (standing.graph.start == home) & (standing.graph.end == node)
    distance = distances(standing.graph.without(seat), node).to(home)
    last = cost_of_seat(standing.levels, int(standing.load[cadre]), int(standing.instance.cadres.duty[cadre]))
    return None if distance is None else _sum(distance, [-c for c in last])


def _beyond_seats(standing: Standing, cadre: int) -> int:
    """Return the node that a cadre's seats lead to: its unit's if that has a limit, else the sink."""
    found = np.flatnonzero(standing.hubs.limited_units == standing.instance.cadres.unit[cadre])
    return standing.hubs.first_cadre + len(standing.instance.cadres) + int(found[0]) if len(found) else 0


def _sum(*columns: Sequence[int]) -> Steps:
    return tuple(map(sum, zip(*columns, strict=True)))


def _nothing(standing: Standing) -> Steps:
    return (0,) * len(standing.levels)


def steps_at_cadre(standing: Standing, cadre: int, due: int, away: Distances | None = None) -> Steps:
    """Return what one more place at a cadre brings; all zero where there is room already.

    Parameters
    ----------
    away : Distances, optional
        From the node of the cadre's unit where its limit is used up, else from the sink; searched for if absent.
    """
    load = int(standing.load[cadre])
    if load < int(standing.instance.cadres.capacity[cadre]):
        return _nothing(standing)
    if away is None:
        home = standing.full_units.get(int(standing.instance.cadres.unit[cadre]))
        away = standing.from_sink if home is None else distances(standing.graph, home)
    distance, seat = away.to(standing.hubs.first_cadre + cadre), cost_of_seat(standing.levels, load + 1, min(due, load + 1))
    return _nothing(standing) if distance is None else min(_nothing(standing), _sum(seat, distance))


def _cadres(standing: Standing, due: Ints) -> Iterator[tuple[str, int, str, Steps]]:
    full, instance = standing.full_units, standing.instance
    from_unit: dict[int, Distances] = {}
    at_limit = (standing.load >= instance.cadres.capacity).tolist()
    for c, unit in enumerate(instance.cadres.unit.tolist()):
        if unit in full and unit not in from_unit and at_limit[c]:
            from_unit[unit] = distances(standing.graph, full[unit])
        yield "cadre", c, "", steps_at_cadre(standing, c, int(due[c]), from_unit.get(unit, standing.from_sink))


def steps_at_unit(standing: Standing, unit: int) -> Steps:
    """Return what one more place of a unit brings; all zero where it has no limit or room already."""
    node, nothing = standing.full_units.get(unit), _nothing(standing)
    distance = None if node is None else standing.from_sink.to(node)
    return min(nothing, distance or nothing)


def _units(standing: Standing) -> Iterator[tuple[str, int, str, Steps]]:
    for unit in range(len(standing.instance.unit_names)):
        yield "unit", unit, "", steps_at_unit(standing, unit)


def steps_at_township(standing: Standing, nth: int) -> Steps:
    """Return what one more place of the nth township's quota brings; all zero where it has none or room already."""
    net, nothing = standing.hubs.network, _nothing(standing)
    wanted = int((net.tail[net.of_kind(Kind.ENTER)] == 1 + nth).sum())
    distance = standing.to_sink.to(1 + nth) if wanted > net.supply[1 + nth] else None
    return min(nothing, distance or nothing)


def _townships(standing: Standing) -> Iterator[tuple[str, int, str, Steps]]:
    for nth, place in enumerate(standing.hubs.townships.tolist()):
        yield "township", place, "", steps_at_township(standing, nth)


def _skills(standing: Standing, duty: int) -> Iterator[tuple[str, int, str, Steps]]:
    instance, nothing = standing.instance, _nothing(standing)
    words = sorted({w for s in (*instance.needs_names, *instance.skills_names) for w in s.split("、") if w})
    seat = cost_of_seat(standing.levels, 1, duty)
    fit = [-(level.name == "fit") for level in standing.levels]
    best = _nearest(standing)
    for place, options in best.items():
        for word in words:
            each = [_sum(d, seat, fit) if word in instance.needs_names[needs].split("、") else _sum(d, seat) for needs, d in options]
            yield "skill", place, word, min([nothing, *each])


def _nearest(standing: Standing) -> dict[int, list[tuple[int, Steps]]]:
    """Return, township by township, the cheapest distance to a household of each set of needs."""
    households, away = standing.instance.households, standing.from_sink
    nodes = standing.hubs.first_household + np.arange(len(households))
    found: dict[int, list[tuple[int, Steps]]] = {int(place): [] for place in standing.hubs.townships}
    here = np.flatnonzero(away.reached[nodes])
    columns = [level[nodes[here]] for level in away.levels]
    town, needs = households.township[here], households.needs[here]
    order = np.lexsort((*(sortable(c) for c in reversed(columns)), needs, town))
    key = town[order] * (int(needs.max(initial=0)) + 1) + needs[order]
    for k in order[np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))].tolist() if len(order) else []:
        found[int(town[k])].append((int(needs[k]), tuple(int(c[k]) for c in columns)))
    return found
