"""Months that were solved before: the nearest of them is the start of the next one's repair."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from matcher.domain import Instance, Ints
from matcher.formulation.build import HubNetwork
from matcher.formulation.network import Network
from matcher.formulation.objectives import Objective, objectives
from matcher.solve.draw import ARC_DRAW
from matcher.solve.lexicographic import Face
from matcher.solve.repair import Repaired, Round, arcs_repaired, led, levels_of, proved_anew, repaired

FEW = 30
"""People in whom a month may differ and is tried even where another one was not worth it."""


@dataclass(frozen=True)
class Asked:
    """What decides, besides the tables, what is best."""

    order: tuple[str, ...]
    by_income: bool
    leximax: bool
    seed: str
    position: str
    bands: int


@dataclass
class Near:
    """Solved months to begin from, and what becomes of the next one.

    Attributes
    ----------
    months : list of (Asked, list of Round)
        The base, then the last ones; the one that is being solved among them.
    keep : int
        How many last ones are kept.
    anew : bool
        Whether potentials are found as solving from the start does, for a certificate that is the same byte for byte.
    repaired, drawn : int
        Rounds that were repaired, and draws of arcs among them, all in all.
    """

    keep: int = 2
    anew: bool = False
    repaired: int = 0
    drawn: int = 0
    months: list[tuple[Asked, list[Round]]] = field(default_factory=list)
    _rounds: list[Round] = field(default_factory=list)
    _start: list[Round] = field(default_factory=list)
    _arcs: Ints | None = None
    _led: dict[bool, list[Ints]] = field(default_factory=dict)
    _distance: int = 0
    _too_far: int = sys.maxsize

    def begin(self, asked: Asked, instance: Instance) -> None:
        """Choose the solved month that differs in the fewest people; the one to be solved now comes to them."""
        alike = [rounds for known, rounds in self.months if known == asked and rounds]
        far = [(_difference(rounds[0].instance, instance), k) for k, rounds in enumerate(alike)]
        self._distance, nearest = min(far, default=(0, 0))
        self._start = alike[nearest] if alike else []
        self._rounds = []
        self.months.append((asked, self._rounds))

    def face(self, instance: Instance, hubs: HubNetwork, wanted: list[Objective], cut: int, seed: str) -> tuple[Face, Ints] | None:
        """Return the next round's face before the draw of arcs and who was decided by lot, repaired from another month's round.

        None where there is no such month, or solving from the start is the shorter way; where it was for a month that differed
        in many people, it is not tried again for one that differs in as many.
        """
        self._arcs, self._led = None, {}
        if not self._start or self._distance >= self._too_far:
            return None
        base = self._start[min(len(self._rounds), len(self._start) - 1)]
        levels = levels_of(hubs.network, wanted, cut, instance.households.ids, seed)
        found = self._repaired(base, instance, hubs, levels, cut)
        if found is None:
            self._too_far = max(self._distance, FEW)
            return None
        self.repaired += 1
        if self.anew:
            return proved_anew(hubs.network, found.face.flow, levels), found.drawn
        self._arcs = found.arcs
        return found.face, found.drawn

    def _repaired(
        self, base: Round, instance: Instance, hubs: HubNetwork, levels: list[tuple[str, Ints]], cut: int
    ) -> Repaired | None:
        """Return a round repaired from another month's, whose potentials are led to where a unit or a place is likely to be found."""
        if [name for name, _ in levels] != [name for name, _ in base.levels] or any(c.dtype == object for _, c in (*levels, *base.levels)):
            return None
        asked, forward = self._asked, _places_wanted(base.instance, instance)
        if forward not in base.led:
            before = objectives(base.instance, base.hubs, asked.order, asked.by_income, asked.leximax)
            known = levels_of(base.hubs.network, before, cut, base.instance.households.ids, asked.seed)
            base.led[forward] = led(base, known, forward)
        found = repaired(base, base.led[forward], instance, hubs, levels, asked.order)
        if found:
            self._led = {forward: [level.potential for level in found.face.levels]}
        return found

    def arcs(self, network: Network, face: Face, cost: Ints) -> Face | None:
        """Return the face after the draw of arcs, where the month's round was repaired and what it was repaired from is near."""
        found = arcs_repaired(network, face, cost, self._arcs) if self._arcs is not None else None
        self.drawn += found is not None
        return found

    def solved(self, instance: Instance, hubs: HubNetwork, face: Face) -> None:
        """Keep a round."""
        levels = [(level.name, level.potential) for level in face.levels]
        proof, drawn = (tuple(some for some in levels if (some[0] == ARC_DRAW) == arcs) for arcs in (False, True))
        self._rounds.append(Round(instance, hubs, face.flow, proof, drawn[0][1] if drawn else None, self._led))
        del self.months[1 : len(self.months) - self.keep]

    @property
    def _asked(self) -> Asked:
        return self.months[-1][0]


def _places_wanted(before: Instance, now: Instance) -> bool:
    """Return whether households look for places rather than places for households, when one month becomes the other."""
    lacking = (int(month.households.partners.sum()) - int(month.cadres.capacity.sum()) for month in (now, before))
    return next(lacking) >= next(lacking)


def _difference(one: Instance, other: Instance) -> int:
    """Return how many people only one of two months has."""
    sides = (one.households.ids, other.households.ids), (one.cadres.ids, other.cadres.ids)
    return sum(len({*ids} ^ {*others}) for ids, others in sides if ids != others)
