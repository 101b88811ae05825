"""How a roster passes through the hubs: docs/certificate.md, "The flow of a roster"."""

from __future__ import annotations

from collections import Counter

from matcher.messages import N_, message
from matcher.verify.hubs import Hubs, Needs, Skills
from matcher.verify.optimal import Roster
from matcher.verify.problem import Problem
from matcher.verify.verdict import Flaw


class Route:
    """How the pairs of a roster pass through the hubs: each the one way that is best for it.

    Attributes
    ----------
    joined, risen, matched, direct, picked : Counter
        How many pairs pass from where to where.
    single : set of int
        Keys of the roster's pairs that have an arc of their own.
    """

    def __init__(self, problem: Problem, hubs: Hubs, roster: Roster) -> None:
        self.joined: Counter[int] = Counter()
        self.risen: Counter[Needs] = Counter()
        self.matched: Counter[tuple[Needs, Skills]] = Counter()
        self.direct: Counter[tuple[int, Skills]] = Counter()
        self.picked: Counter[tuple[Skills, int]] = Counter()
        own = set(hubs.single)
        keys = problem.keys(roster.household, roster.cadre).tolist()
        self.single = own.intersection(keys)
        of_cadre: dict[int, list[Skills]] = {}
        for hub, cadres in hubs.members.items():
            for c in cadres:
                of_cadre.setdefault(c, []).append(hub)
        for key in keys:
            if key not in own:
                self._through(problem, hubs, key // problem.width, key % problem.width, of_cadre)

    def _through(self, problem: Problem, hubs: Hubs, household: int, cadre: int, of_cadre: dict[int, list[Skills]]) -> None:
        around = problem.around(int(problem.households.village[household]))
        ways = [hub for hub in of_cadre.get(cadre, ()) if hub.place in around]
        if household in hubs.apart:
            ways = [hub for hub in ways if hub in hubs.apart[household]]
        if not ways:
            raise Flaw(message(N_("The draw's network has no way for {household} with {cadre}."),
                               household=problem.households.ids[household], cadre=problem.cadres.ids[cadre]))
        hub = max(ways, key=lambda way: way.linked)
        self.picked[hub, cadre] += 1
        if household in hubs.apart:
            self.direct[household, hub] += 1
            return
        self.joined[household] += 1
        at = hubs.entry[household]
        while at.place != hub.place:
            self.risen[at] += 1
            up = hubs.rise(at)
            assert up is not None  # noqa: S101 - the hub's place lies around and has cadres
            at = up
        self.matched[at, hub] += 1
