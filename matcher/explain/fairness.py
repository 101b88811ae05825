"""What can be said of a roster's fairness, each statement checked on the roster itself and not taken from the theory.

Nobody lacks a place that somebody who comes later holds (no justified envy); the poorest are served as far as they can be, for
every prefix of the order; the total is the largest possible; loads are even; the lot was kept. A township's quota, a fixed pair
or an objective ranked before coverage can void one of the first three: then the statement says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.domain import Ints, Lists, Mask
from matcher.explain.standing import Standing
from matcher.formulation.groups import grouped
from matcher.formulation.network import Kind
from matcher.integers import among, unique
from matcher.messages import N_, Message, message

NO_ENVY, POOREST_FIRST, LARGEST_TOTAL, EVEN_LOADS, LOT = "no_envy", "poorest_first", "largest_total", "even_loads", "lot"
_FREE = 2**40


@dataclass(frozen=True)
class Statement:
    """A statement of fairness and whether it holds.

    Attributes
    ----------
    name : str
    holds : bool
    figures : dict of str to int
        What was counted; sums over separate counties.
    why : str
        What voids it: ``earlier_objective``, ``quota`` or empty.
    """

    name: str
    holds: bool
    figures: dict[str, int]
    why: str = ""

    def record(self, language: str) -> dict[str, object]:
        """Return the statement as summary.json has it."""
        said = self.message().render(language)
        return {"name": self.name, "holds": self.holds, **self.figures, "why": self.why, "message": said}

    def message(self) -> Message:
        """Return the statement in words."""
        return message(_SAID[self.name, self.holds], why=message(_WHY[self.why]), **self.figures)


_WHY = {
    "": N_("no reason known"), "quota": N_("a township's quota"), "earlier_objective": N_("an objective ranked before coverage"),
}
_SAID = {
    (NO_ENVY, True): N_("Nobody without a cadre could take the place of a household that comes later (richer, or with a cadre already)."),
    (NO_ENVY, False): N_("{count} households lack a cadre although they could take the place of one that comes later. Cause: {why}."),
    (POOREST_FIRST, True): N_("The poorest come first: counted from the poorest on, no roster serves more (checked at {prefixes} points)."),
    (POOREST_FIRST, False): N_("At {short} of {prefixes} points, counted from the poorest on, a roster could serve more. Cause: {why}."),
    (LARGEST_TOTAL, True): N_("No roster gives more households a cadre: {served} have one."),
    (LARGEST_TOTAL, False): N_("{served} households have a cadre, {possible} could have one. Cause: {why}."),
    (EVEN_LOADS, True): N_("The largest loads are as small as the objectives before them allow; the largest is {largest}."),
    (LOT, True): N_("{count} households were decided by the public lot; anyone can redraw it from the published seed."),
}


def fairness(standing: Standing, drawn: Ints, most: list[int]) -> list[Statement]:
    """Return the statements of a roster that the checker has passed: that the lot was kept and loads are even is proved there.

    Parameters
    ----------
    drawn : (k,) int
        Households whom the lot decided.
    most : list of int
        For each band, how many households up to it could have a cadre (:func:`matcher.explain.most.most_served`).
    """
    got = np.bincount(standing.household, minlength=len(standing.instance.households))
    full = _full_townships(standing)
    cause = "earlier_objective" if standing.task.order[0] != "coverage" else "quota" if full.any() else ""
    envious = _envious(standing, got, full)
    prefixes, short = _prefixes(standing, got, most, bool(full.any()))
    served, possible = int((got > 0).sum()), most[-1]
    found = [
        Statement(NO_ENVY, not envious, {"count": envious}, cause if envious else ""),
        Statement(POOREST_FIRST, not short, {"prefixes": prefixes, "short": short}, cause if short else ""),
        Statement(LARGEST_TOTAL, possible == served, {"served": served, "possible": possible}, cause if possible > served else ""),
    ]
    if standing.task.leximax and "balance" in standing.task.order:
        found.append(Statement(EVEN_LOADS, True, {"largest": int(standing.load.max(initial=0))}))
    return [*found, Statement(LOT, True, {"count": len(drawn)})]


def together(each: list[list[Statement]]) -> list[Statement]:
    """Return the statements of separate counties as one: it holds where all hold, figures are summed, the largest load is the largest."""
    found: dict[str, Statement] = {}
    for statement in (s for part in each for s in part):
        before = found.get(statement.name)
        if before is None:
            found[statement.name] = statement
            continue
        figures = {k: max(n, before.figures[k]) if k == "largest" else n + before.figures[k] for k, n in statement.figures.items()}
        found[statement.name] = replace(before, holds=before.holds and statement.holds, figures=figures, why=before.why or statement.why)
    return list(found.values())


def _full_townships(standing: Standing) -> Mask:
    """Return, by place, whether a township's quota is used up and more is wanted."""
    instance = standing.instance
    paired = np.bincount(instance.households.township[standing.household], minlength=len(instance.parents))
    wanted = np.bincount(instance.households.township, instance.households.partners, len(instance.parents))
    return np.asarray((instance.township_capacity >= 0) & (paired >= instance.township_capacity) & (wanted > paired), np.bool_)


def _rank(standing: Standing, nth: Ints) -> Ints:
    """Return everybody's place in the order of coverage if this is their nth cadre, counted from 0."""
    households = standing.instance.households
    group = households.income_rank if standing.task.by_income else households.band
    return nth * (int(group.max(initial=0)) + 1) + group


def _envious(standing: Standing, got: Ints, full: Mask) -> int:
    """Return how many households lack a cadre whom they may have and somebody who comes later holds.

    In a township whose quota is used up only a place of the same township can be taken.
    """
    instance = standing.instance
    households, following = instance.households, _rank(standing, got)
    lacking = np.flatnonzero(got < households.partners)
    barred = grouped(np.concatenate([standing.household, instance.avoid.household]),
                     np.concatenate([standing.cadre, instance.avoid.cadre]), len(households))
    at_place = grouped(instance.cadres.places.values, instance.cadres.places.owners(), len(instance.parents))
    holders: dict[int, Ints] = {}
    count = 0
    for village in unique(households.village[lacking]).tolist():
        here = lacking[households.village[lacking] == village]
        town = int(households.township[here[0]])
        key = town if full[town] else -1
        if key not in holders:
            holders[key] = _latest_holder(standing, got, key)
        around = dict.fromkeys(standing.permission.chains[village].tolist())
        near = unique(np.concatenate([at_place.of(place) for place in around]))
        near = near[holders[key][near] > following[here].min()]
        for h in here.tolist() if len(near) else ():
            wanted = near[holders[key][near] > following[h]]
            count += not among(wanted, barred.of(h)).all()
    return count


def _latest_holder(standing: Standing, got: Ints, town: int) -> Ints:
    """Return, by cadre, who comes latest of those who hold a place that is not fixed; of one township only unless −1."""
    instance, width = standing.instance, len(standing.instance.cadres)
    pairs, fixed = standing.household * width + standing.cadre, instance.fixed.household * width + instance.fixed.cadre
    keep = ~among(pairs, np.sort(fixed))
    if town >= 0:
        keep &= instance.households.township[standing.household] == town
    latest = np.full(width, -1, np.int64)
    np.maximum.at(latest, standing.cadre[keep], _rank(standing, got - 1)[standing.household[keep]])
    return latest


def _prefixes(standing: Standing, got: Ints, most: list[int], quota: bool) -> tuple[int, int]:
    """Return how many prefixes of the order were checked, and at how many of them another roster would serve more.

    The bands, by first cadres; and where no quota binds, every prefix: nobody lacks a cadre who could reach a later one's place.
    """
    band = standing.instance.households.band
    served = [int(((got > 0) & (band <= k)).sum()) for k in range(len(most))]
    short = sum(n < possible for n, possible in zip(served, most, strict=True))
    if quota or short:
        return len(most), short
    lacking = np.flatnonzero(got < standing.instance.households.partners)
    next_, reached = _rank(standing, got)[lacking], _latest_reached(standing, got)[standing.hubs.first_household + lacking]
    if not (reached > next_).any():
        return len(unique(_rank(standing, got - 1)[got > 0])), 0
    points = _points(standing)
    begin, end = np.searchsorted(points, next_), np.searchsorted(points, reached)  # from the own turn on, until the place's is counted too
    opened = np.bincount(begin, minlength=len(points) + 1) - np.bincount(np.maximum(begin, end), minlength=len(points) + 1)
    return len(points), int((np.cumsum(opened)[:-1] > 0).sum())


def _points(standing: Standing) -> Ints:
    """Return every place that there is in the order of coverage."""
    partners = standing.instance.households.partners
    return unique(np.concatenate([_rank(standing, np.full(len(partners), n))[partners > n] for n in range(int(partners.max(initial=1)))]))


def _latest_reached(standing: Standing, got: Ints) -> Ints:
    """Return, by node, who comes latest of all households whose place rearranging can reach; a free place is later than anybody."""
    net, flow = standing.hubs.network, standing.flow
    inner = ~np.isin(net.kind, (Kind.ENTER, Kind.BYPASS))
    forward, backward = np.flatnonzero(inner & (flow < net.capacity)), np.flatnonzero(inner & (flow > 0))
    start = np.concatenate([net.tail[forward], net.head[backward]])
    end = np.concatenate([net.head[forward], net.tail[backward]])
    order = np.argsort(start, kind="stable")
    start, end = start[order], end[order]
    found = np.full(net.nodes, -1, np.int64)
    found[0] = _FREE
    enter = net.of_kind(Kind.ENTER)
    served = unique(net.subject[enter[flow[enter] > 0]])
    found[standing.hubs.first_household + served] = _rank(standing, got - 1)[served]
    blocks = Lists(np.flatnonzero(np.concatenate([[True], start[1:] != start[:-1]])), start) if len(start) else None
    while blocks is not None:
        best = np.maximum(np.maximum.reduceat(found[end], blocks.starts), found[start[blocks.starts]])
        if (best == found[start[blocks.starts]]).all():
            break
        found[start[blocks.starts]] = best
    return found
