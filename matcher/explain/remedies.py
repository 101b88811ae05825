"""Which one place more serves one household more, once every objective up to coverage has had its turn.

A free place at a full bottleneck need not serve anybody: an objective before coverage may take it, for a pair of last month say, or a
township's quota be used up. So what a place brings is told exactly (:mod:`matcher.explain.places`), for coverage and what comes before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from matcher.explain.distances import Distances, distances
from matcher.explain.places import Steps, steps_at_cadre, steps_at_township, steps_at_unit
from matcher.explain.standing import Standing

Place = tuple[str, int]
"""``cadre``, ``unit`` or ``township``, and its number; ``("", -1)`` for none."""


class Remedies:
    """Tries places of a roster as it stands."""

    def __init__(self, standing: Standing) -> None:
        order = standing.task.order
        task = replace(standing.task, order=order[: order.index("coverage") + 1])
        self._standing = Standing.of(standing.instance, standing.permission, task, standing.household, standing.cadre)
        self._from_unit: dict[int, Distances] = {}

    def first(self, places: Iterable[Place]) -> Place:
        """Return the first of some places that serves one household more, or none."""
        return next((place for place in places if self._serves(*place)), ("", -1))

    def _serves(self, kind: str, number: int) -> bool:
        standing = self._standing
        steps = {"cadre": self._at_cadre, "unit": self._at_unit, "township": self._at_township}[kind](number)
        gain = standing.shape.told(standing.levels, steps, -1)["coverage"]
        return (gain if isinstance(gain, int) else sum(gain)) > 0

    def _at_cadre(self, cadre: int) -> Steps:
        standing, cadres = self._standing, self._standing.instance.cadres
        if "duty" in standing.task.order and cadres.duty[cadre] == cadres.capacity[cadre]:
            return (0,) * len(standing.levels)  # the capacity may have cut the duty, which would take the place then
        unit = int(cadres.unit[cadre])
        if unit not in standing.full_units:
            return steps_at_cadre(standing, cadre, int(cadres.duty[cadre]), standing.from_sink)
        if unit not in self._from_unit:
            self._from_unit[unit] = distances(standing.graph, standing.full_units[unit])
        return steps_at_cadre(standing, cadre, int(cadres.duty[cadre]), self._from_unit[unit])

    def _at_unit(self, unit: int) -> Steps:
        return steps_at_unit(self._standing, unit)

    def _at_township(self, place: int) -> Steps:
        return steps_at_township(self._standing, int(np.searchsorted(self._standing.hubs.townships, place)))
