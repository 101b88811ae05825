"""From a run of the engine to what peers are given, and from their answers to objective values. The only user of ``matcher``.

``python -m benchmarks.prepare MONTH FOLDER`` writes the peers' input, with ``hubs`` after it the floor's alone;
``python -m benchmarks.prepare MONTH FOLDER ANSWER …`` values answers: a line of JSON for each.
"""

from __future__ import annotations

import json
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problem import Hubs, Ints, Pairwise, dominating, save, weighted
from benchmarks.solution import Found, load
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
        instance, order = self.instance, self.order
        h, c, fixed = instance.households, instance.cadres, instance.fixed
        towns, town = np.unique(h.township, return_inverse=True)
        done = np.bincount(fixed.household, minlength=len(h))
        load = np.bincount(fixed.cadre, minlength=len(c))
        household, cadre = self.columns
        most = np.minimum(c.capacity, np.bincount(cadre, minlength=len(c)))
        left, seats = h.partners - done, np.maximum(most - load, 0)
        free = (left[household] > 0) & (seats[cadre] > 0)
        free &= ~np.isin(household * len(c) + cadre, fixed.household * len(c) + fixed.cadre)
        household, cadre = household[free], cadre[free]
        names = [n for n in order if n in _GAINS]
        gains = np.stack([_GAINS[n](instance, household, cadre) for n in names], axis=1) if names else np.zeros((len(cadre), 0))
        in_town = np.bincount(town[fixed.household], minlength=len(towns))
        in_unit = np.bincount(c.unit[fixed.cadre], minlength=len(instance.unit_capacity))
        limit = instance.township_capacity[towns]
        return Pairwise(
            order=np.array(order), bands=np.array([instance.bands]), left=left, done=done, band=h.band, income_rank=h.income_rank,
            waiting=h.waiting, township=town, seats=seats, load=load, duty=c.duty, unit=c.unit,
            township_left=np.where(limit >= 0, limit - in_town, -1),
            unit_left=np.where(instance.unit_capacity >= 0, instance.unit_capacity - in_unit, -1),
            household=household.astype(np.int32), cadre=cadre.astype(np.int32), gains=gains.astype(np.int32), gained=np.array(names, "U20"),
        )

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


def _linked(instance: Instance, household: Ints, cadre: Ints) -> Ints:
    size = len(instance.parents)
    links = instance.cadres.links.owners() * size + instance.cadres.links.values
    return np.isin(cadre * size + instance.households.village[household], links).astype(np.int64)


def _kept(instance: Instance, household: Ints, cadre: Ints) -> Ints:
    width, previous = len(instance.cadres), instance.previous
    return np.isin(household * width + cadre, previous.household * width + previous.cadre).astype(np.int64)


def _scored(instance: Instance, household: Ints, cadre: Ints) -> Ints:
    width, score = len(instance.cadres), instance.affinity
    known, keys = score.household * width + score.cadre, household * width + cadre
    if not len(known):
        return np.zeros(len(keys), np.int64)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[at] == keys, score.value[at], 0)


_GAINS = {
    "continuity_first": lambda i, h, c: _kept(i, h, c) * i.households.first_kept[h],
    "continuity": _kept,
    "village_link": _linked,
    "fit": lambda i, h, c: i.met[i.households.needs[h], i.cadres.skills[c]],
    "affinity": _scored,
    "rank_match": lambda i, h, c: (i.bands - i.households.band[h]) * i.cadres.level[c],
}


def main() -> None:
    """Write the peers' input, or value their answers."""
    month, folder = (Path(p) for p in sys.argv[1:3])
    words = sys.argv[3:]
    subject = Subject(month)
    if words and words != ["hubs"]:
        for word in words:
            print(json.dumps(subject.value(load(Path(word)))))
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
