"""The levels that explanations compare by, as costs on arcs, and how their sums are told objective by objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.domain import Instance, Ints
from matcher.formulation.build import HubNetwork
from matcher.formulation.network import Kind
from matcher.formulation.objectives import objectives
from matcher.formulation.pairs import looked_up, pair_gains
from matcher.formulation.values import Value
from matcher.integers import among, unique
from matcher.solve.draw import HOUSEHOLD_DRAW, household_costs
from matcher.solve.rounds import Task


@dataclass(frozen=True)
class Level:
    """One level of the comparison.

    Attributes
    ----------
    name : str
        The objective, or the households' draw where the policy puts it before another objective.
    cost : (a,) int
        Less is better.
    told : bool
        Whether its sum is part of the objective's value; else it only decides.
    place : int
        Of coverage by bands: the place in the vector. Of balance by leximax: the load from which the level counts.
    """

    name: str
    cost: Ints
    told: bool = True
    place: int = 0


@dataclass(frozen=True)
class Shape:
    """How an objective's value is written down.

    Attributes
    ----------
    length : int
        Of the coverage's vector; 0 where it is one number.
    top : int
        The roster's largest load where balance is a vector of loads; −1 where it is one number.
    """

    order: tuple[str, ...]
    length: int
    top: int

    @staticmethod
    def of(instance: Instance, task: Task, cadre: Ints) -> Shape:
        """Return the shapes of the values of a roster, given the cadres of its pairs."""
        deepest = int(instance.households.partners.max(initial=1))
        top = int(np.bincount(cadre, minlength=1).max()) if task.leximax else -1
        return Shape(task.order, 0 if task.by_income else instance.bands * deepest, top)

    def told(self, levels: Sequence[Level], sums: Sequence[int], sign: int = 1) -> dict[str, Value]:
        """Return a difference, level by level, as one value an objective; two vectors of loads are aligned at a load of 1."""
        found: dict[str, Value] = {}
        for name in self.order:
            own = {level.place: sign * n for level, n in zip(levels, sums, strict=True) if level.name == name and level.told}
            if name == "coverage" and self.length:
                found[name] = [own.get(k, 0) for k in range(self.length)]
            elif name == "balance" and self.top >= 0:
                top = max([self.top, *(load for load, n in own.items() if n)])
                found[name] = [own.get(load, 0) for load in range(top, 0, -1)]
            else:
                found[name] = sum(own.values())
        return found


def levels_of(instance: Instance, hubs: HubNetwork, task: Task, load: Ints) -> tuple[Level, ...]:
    """Return the levels in the order in which they are compared.

    Parameters
    ----------
    load : (cadres,) int
        The roster's, fixed pairs included. Nobody's load is looked at beyond one more than the largest.
    """
    rest = tuple(name for name in task.order if name != "balance" or not task.leximax)
    found: list[Level] = []
    columns = {o.name: o.proof for o in objectives(instance, hubs, rest, task.by_income, leximax=False)}
    for name in task.order:
        if name == "coverage":
            found += _coverage(instance, hubs, columns[name], task.by_income)
        elif name == "balance" and task.leximax:
            found += _leximax(hubs, int(load.max(initial=0)) + 1)
        else:
            found += [Level(name, cost) for cost in columns[name]]
        if name == task.position and name != task.order[-1]:
            found.append(draw_level(instance, hubs, task.seed))
    return tuple(found)


def _coverage(instance: Instance, hubs: HubNetwork, proof: Sequence[Ints], by_income: bool) -> list[Level]:
    """Return coverage; by income the count of pairs follows, which the order of incomes has settled already."""
    net = hubs.network
    enter = net.of_kind(Kind.ENTER)
    place = net.detail[enter] * instance.bands + instance.households.band[net.subject[enter]]
    if by_income:
        return [*(Level("coverage", cost, told=False) for cost in proof), Level("coverage", _on(net.tail, enter, -1))]
    return [Level("coverage", _on(net.tail, enter[place == k], -1), place=int(k)) for k in unique(place)]


def _leximax(hubs: HubNetwork, top: int) -> list[Level]:
    net = hubs.network
    seat = net.of_kind(Kind.SEAT)
    return [Level("balance", _on(net.tail, seat[net.detail[seat] >= load], 1), place=load) for load in range(top, 0, -1)]


def draw_level(instance: Instance, hubs: HubNetwork, seed: str) -> Level:
    """Return the households' draw with everybody's ticket: where the flow is settled already, it only adds a constant."""
    return Level(HOUSEHOLD_DRAW, household_costs(hubs.network, instance.households.ids, seed), told=False)


def _on(like: Ints, arcs: Ints, value: int) -> Ints:
    cost = np.zeros(len(like), np.int64)
    cost[arcs] = value
    return cost


def cost_of_pairs(instance: Instance, task: Task, levels: Sequence[Level], household: Ints, cadre: Ints) -> list[Ints]:
    """Return, level by level, what pairs cost by themselves, without their households' and cadres' places."""
    households, cadres, size = instance.households, instance.cadres, len(instance.parents)
    gains = {name: looked_up(table, household * len(cadres) + cadre) for name, table in pair_gains(instance, task.order).items()}
    links = unique(cadres.links.owners() * size + cadres.links.values)
    gains["village_link"] = among(cadre * size + households.village[household], links).astype(np.int64)
    gains["fit"] = instance.met[households.needs[household], cadres.skills[cadre]]
    gains["rank_match"] = (instance.bands - households.band[household]) * cadres.level[cadre]
    none = np.zeros(len(household), np.int64)
    return [-gains.get(level.name, none) for level in levels]


def cost_of_seat(levels: Sequence[Level], load: int, duty: int) -> list[int]:
    """Return, level by level, what a cadre's place costs that makes the load this large."""
    each = {"duty": -int(load <= duty), "balance": 2 * load - 1}
    return [int(load >= level.place) if level.name == "balance" and level.place else each.get(level.name, 0) for level in levels]
