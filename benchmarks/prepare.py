"""From a run of the engine to what peers are given, and from their answers to objective values.

``python -m benchmarks.prepare MONTH FOLDER`` writes the peers' input, with ``hubs`` after it the floor's alone;
``python -m benchmarks.prepare MONTH FOLDER ANSWER …`` values answers, ``.npz`` or a whole peer's ``.csv``: a line of JSON for each.
"""

from __future__ import annotations

import json
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.explicit import pairwise
from benchmarks.problem import Hubs, Ints, Pairwise, dominating, save, weighted
from benchmarks.solution import Found, load
from benchmarks.whole.month import read_roster
from matcher import match, read_month
from matcher.domain import Instance
from matcher.formulation.build import FIRST_SEATS, Relaxation, build, seats_of
from matcher.formulation.network import Kind
from matcher.formulation.objectives import objectives
from matcher.formulation.values import values


class Subject:
    """A judged and solved month.

    Raises
    ------
    ValueError
        The month's policy asks for what the peers are not written for.
    """

    def __init__(self, month: Path) -> None:
        self.run = match(read_month(month))
        outcome = self.run.outcome
        policy = outcome.source.policy
        if policy.priority.by != "bands" or policy.objectives.balance != "squares":
            raise ValueError("benchmarks are for coverage by bands and balance by squares")
        self.instance: Instance = outcome.judgement.instance
        self.order: tuple[str, ...] = policy.order

    @cached_property
    def columns(self) -> tuple[Ints, Ints]:
        """All permitted pairs."""
        return self.run.graph.columns()

    def pairwise(self) -> Pairwise:
        """Return the month pair by pair."""
        return pairwise(self.instance, self.order, self.columns)

    def hubs(self) -> Hubs:
        """Return the engine's network of the first round."""
        instance = self.instance
        permission = self.run.outcome.judgement.permission
        seats = seats_of(instance, permission)
        seats = np.minimum(seats, FIRST_SEATS) if "balance" in self.order else seats
        built = build(instance, permission, self.order, Relaxation(frozenset(), seats))
        net = built.network
        wanted = objectives(instance, built, self.order, by_income=False, leximax=False)
        enter = net.of_kind(Kind.ENTER)
        level = net.detail[enter] * instance.bands + instance.households.band[net.subject[enter]]
        rough = np.stack([o.guess for o in wanted])
        exact = rough.copy()
        exact[self.order.index("coverage"), enter] = dominating(np.unique(level, return_inverse=True)[1])
        return Hubs(np.array(self.order), net.tail, net.head, net.capacity, net.supply, exact, rough, enter, level)

    def value(self, answer: Found) -> dict[str, Any]:
        """Return the objective values of an answer with the fixed pairs, and how many rules it breaks."""
        if answer.flow is not None:
            return {"values": self._of_flow(answer.flow), "broken": 0}
        if answer.household is None or answer.cadre is None:
            raise ValueError("an answer has pairs or a flow")
        fixed, width = self.instance.fixed, len(self.instance.cadres)
        keys, times = np.unique(answer.household.astype(np.int64) * width + answer.cadre, return_counts=True)
        every = np.union1d(keys, fixed.household * width + fixed.cadre)
        household, cadre = every // width, every % width
        found = values(self.instance, household, cadre, self.order, False, False)
        return {"values": found, "broken": int((times - 1).sum()) + self._broken(keys, household, cadre)}

    def value_roster(self, path: Path) -> dict[str, Any]:
        """Return the same of a written roster, and whether it has the engine's pairs and serves whom the engine serves."""
        household, cadre = read_roster(path, self.instance)
        ours = [np.array(column, np.int64) for column in (self.run.outcome.household, self.run.outcome.cadre)]
        served = [np.bincount(h, minlength=len(self.instance.households)) for h in (household, ours[0])]
        keys = [np.sort(h * len(self.instance.cadres) + c) for h, c in ((household, cadre), ours)]
        same = {"same": np.array_equal(*keys), "served": np.array_equal(*served)}
        return self.value(Found(household, cadre)) | same

    def _broken(self, keys: Ints, household: Ints, cadre: Ints) -> int:
        """Return the pairs that are not permitted and those above a limit."""
        instance, width = self.instance, len(self.instance.cadres)
        bad = int((~np.isin(keys, self.columns[0] * width + self.columns[1])).sum())
        towns, units = instance.township_capacity, instance.unit_capacity
        for key, most in (
            (household, instance.households.partners), (cadre, instance.cadres.capacity),
            (instance.households.township[household], np.where(towns >= 0, towns, len(household))),
            (instance.cadres.unit[cadre], np.where(units >= 0, units, len(household))),
        ):
            bad += int(np.maximum(np.bincount(key, minlength=len(most)) - most, 0).sum())
        return bad

    def _of_flow(self, flow: Ints) -> dict[str, Any]:
        hubs, fixed = self.hubs(), self.instance.fixed
        base = values(self.instance, fixed.household, fixed.cadre, self.order, False, False)
        found: dict[str, Any] = {}
        for stage, name in enumerate(self.order):
            start = base[name]
            if isinstance(start, list):
                more = np.bincount(hubs.level, flow[hubs.enter], len(start)).astype(np.int64)
                found[name] = [a + b for a, b in zip(start, more.tolist(), strict=True)]
            else:
                cost = int(flow @ hubs.exact[stage])
                found[name] = start + (cost if name == "balance" else -cost)
        return found


def main() -> None:
    """Write the peers' input, or value their answers."""
    month, folder = (Path(p) for p in sys.argv[1:3])
    words = sys.argv[3:]
    subject = Subject(month)
    if words and words != ["hubs"]:
        for word in words:
            path = Path(word)
            print(json.dumps(subject.value_roster(path) if path.suffix == ".csv" else subject.value(load(path))))
        return
    folder.mkdir(parents=True, exist_ok=True)
    hubs = subject.hubs()
    flow = hubs.flow()
    np.savez(folder / "floor.npz", tail=flow.tail, head=flow.head, capacity=flow.capacity, supply=flow.supply,
             cost=weighted(flow, 0, 2))
    if not words:
        save(folder / "hubs.npz", hubs)
        save(folder / "pairs.npz", subject.pairwise())
    print(json.dumps({"nodes": flow.nodes, "arcs": len(flow.tail)}))


if __name__ == "__main__":
    main()
