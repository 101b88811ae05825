"""A plausible roster of a month, made greedily, and the wishes about single pairs: avoid and require."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

import numpy as np

from maker.lots import Array, Frame, Lots, column
from maker.plan import County

COLUMNS = ("household_id", "cadre_id", "since", "pinned")
AVOID_COLUMNS = ("household_id", "cadre_id", "reason")
REQUIRE_COLUMNS = ("household_id", "cadre_id", "reason")
WHY_AVOID = {"亲属": 6, "群众投诉": 2, "曾有经济纠纷": 1, "relatives": 1}
WHY_REQUIRE = {"县领导联系户": 2, "项目所在村": 1, "户主要求": 1}

Pair = tuple[str, str]


@dataclass
class Rules:
    """What limits a roster beside the cadres' own places."""

    county: County
    quotas: dict[int, int]
    unit_limits: dict[int, int]
    avoid: set[Pair] = field(default_factory=set)


def key_sets(cadres: Frame) -> dict[str, frozenset[tuple[str, int]]]:
    """Return the places of every cadre that takes part, by cadre_id."""
    working = cadres.take(cadres["works"])
    return {c: frozenset(w) for c, w in zip(working["cadre_id"], working["where"], strict=True)}


class Desk:
    """Hands out places as a clerk would: last month's pairs first, then cadre after cadre, the poorest household first."""

    def __init__(self, lots: Lots, rules: Rules, cadres: Frame, most: int = 99) -> None:
        self.rules = rules
        working = np.flatnonzero(cadres["works"])
        working = working[lots.order(len(working))]
        ids = cadres["cadre_id"].tolist()
        self.left = {ids[i]: min(most, int(cadres["places"][i])) for i in working.tolist()}
        self.unit = {ids[i]: int(cadres["unit_row"][i]) for i in working.tolist()}
        self.where = {ids[i]: cadres["where"][i] for i in working.tolist()}
        self.unit_left, self.town_left = dict(rules.unit_limits), dict(rules.quotas)
        self.queues: dict[tuple[str, int], deque[str]] = {}
        for cadre, keys in self.where.items():
            for key in keys:
                self.queues.setdefault(key, deque()).append(cadre)

    def may(self, house: str, village: int, cadre: str) -> bool:
        """Tell whether a pair is permitted and has a place."""
        if self.left.get(cadre, 0) < 1 or (house, cadre) in self.rules.avoid:
            return False
        town = self.rules.county.villages[village][0]
        if self.unit_left.get(self.unit[cadre], 1) < 1 or self.town_left.get(town, 1) < 1:
            return False
        return ("t", town) in self.where[cadre] or ("v", village) in self.where[cadre]

    def give(self, village: int, cadre: str) -> None:
        """Take a place."""
        town, unit = self.rules.county.villages[village][0], self.unit[cadre]
        self.left[cadre] -= 1
        self.town_left[town] = self.town_left.get(town, 1 << 30) - 1
        self.unit_left[unit] = self.unit_left.get(unit, 1 << 30) - 1

    def find(self, house: str, village: int, had: list[str]) -> str | None:
        """Return the next cadre with a place for a household, or None."""
        for key in (("v", village), ("t", self.rules.county.villages[village][0])):
            queue = self.queues.get(key, deque())
            for _ in range(len(queue)):
                cadre = queue.popleft()
                if self.left[cadre] < 1:
                    continue
                queue.append(cadre)
                if cadre not in had and self.may(house, village, cadre):
                    return cadre
                if self.town_left.get(self.rules.county.villages[village][0], 1) < 1:
                    return None
        return None


def greedy(desk: Desk, houses: Frame, old: list[Pair], chosen: Array) -> list[Pair]:
    """Return pairs for the chosen households (rows), the poorest first; old pairs stay where they are permitted."""
    before: dict[str, list[str]] = {}
    for house, cadre in old:
        before.setdefault(house, []).append(cadre)
    chosen = chosen[np.lexsort((chosen, houses["money"][chosen]))]
    rows = list(zip(*(houses[c][chosen].tolist() for c in ("household_id", "place", "partners")), strict=True))
    got: dict[str, list[str]] = {house: [] for house, _, _ in rows}
    for house, village, partners in rows:
        for cadre in before.get(house, [])[:partners]:
            if desk.may(house, village, cadre):
                desk.give(village, cadre)
                got[house].append(cadre)
    for wanted in range(1, 1 + max((p for _, _, p in rows), default=0)):
        for house, village, partners in rows:
            if partners >= wanted > len(got[house]):
                found = desk.find(house, village, got[house])
                if found:
                    desk.give(village, found)
                    got[house].append(found)
    return [(house, cadre) for house, cadres_of in got.items() for cadre in cadres_of]


def table(pairs: list[Pair], since: dict[Pair, str], month: str, pinned: set[Pair]) -> Frame:
    """Return the roster's rows, by household and cadre."""
    ordered = sorted(pairs)
    house, cadre = zip(*ordered, strict=True) if ordered else ((), ())
    frame = Frame({"household_id": column(house), "cadre_id": column(cadre)})
    frame["since"] = column([since.get(p, month) for p in ordered])
    frame["pinned"] = column(["是" if p in pinned else "" for p in ordered])
    return frame


def avoid(lots: Lots, rules: Rules, houses: Frame, cadres: Frame, pairs: list[Pair], count: int) -> Frame:
    """Return pairs to avoid: one in six a pair of the roster, the others a household and a cadre who may serve it."""
    found = {pairs[i] for i in lots.some(np.arange(len(pairs)), count // 6).tolist()}
    rows = lots.some(np.flatnonzero(np.isin(houses["fate"], ["eligible", "duplicate"])), 2 * count).tolist()
    found |= set(_possible(lots, rules, houses, cadres, rows)[: count - len(found)])
    return _wishes(lots, sorted(found), WHY_AVOID)


def require(lots: Lots, rules: Rules, houses: Frame, cadres: Frame, welfare: Frame, busy: set[str], count: int) -> Frame:
    """Return pairs that somebody has settled: permitted, of cadres with three places or more, none of them busy with a pin.

    No two concern the same household, cadre or unit limit, so that all can stand. Nor does a row of the welfare lists without an ID
    number that means nobody name anybody like them in their township, who would then be held back.
    """
    listed = defaultdict[tuple[str, str], list[str]](list)
    rows = zip(*(welfare[c] for c in ("house", "id_number", "name", "township", "village")), strict=True)
    for house, number, name, town, village in rows:
        if house < 0 and not number:
            listed[town, village].append(name)
            listed[town, name].append(name)
    home = {h: rest for h, *rest in zip(*(houses[c] for c in ("household_id", "head_name", "township", "village")), strict=True)}
    twice = houses["plain_id"][houses["fate"] == "duplicate"].astype(str)
    free = (houses["fate"] == "eligible") & ~np.isin(houses["plain_id"].astype(str), twice)
    free &= ~np.isin(houses["household_id"].astype(str), sorted(busy))
    able = cadres.take((cadres["places"] >= 3) & ~np.isin(cadres["cadre_id"].astype(str), sorted(busy)))
    able = able.take(~np.isin(able["unit_row"], list(rules.unit_limits)))
    rows = lots.some(np.flatnonzero(free), 6 * count).tolist()
    towns, cadres_used, found = Counter[int](), set[str](), list[Pair]()
    town_of = dict(zip(houses["household_id"], (rules.county.villages[p][0] for p in houses["place"].tolist()), strict=True))
    for pair in _possible(lots, rules, houses, able, rows):
        name, town, village = home[pair[0]]
        if any(len(set(name) & set(n)) >= min(len(name), len(n)) - 1 for n in listed[town, village] + listed[town, name]):
            continue
        if pair not in rules.avoid and pair[1] not in cadres_used and not towns[town_of[pair[0]]] and len(found) < count:
            found.append(pair)
            cadres_used.add(pair[1])
            towns[town_of[pair[0]]] += 1
    return _wishes(lots, sorted(found), WHY_REQUIRE)


def _possible(lots: Lots, rules: Rules, houses: Frame, cadres: Frame, rows: list[int]) -> list[Pair]:
    """Return a permitted cadre for each household that has one."""
    serving: dict[tuple[str, int], list[str]] = {}
    for cadre, keys in key_sets(cadres).items():
        for key in keys:
            serving.setdefault(key, []).append(cadre)
    out = []
    for row, draw in zip(rows, lots.uniform(len(rows)).tolist(), strict=True):
        village = int(houses["place"][row])
        able = serving.get(("v", village), []) or serving.get(("t", rules.county.villages[village][0]), [])
        if able:
            out.append((houses["household_id"][row], able[int(draw * len(able))]))
    return out


def _wishes(lots: Lots, pairs: list[Pair], reasons: dict[str, int]) -> Frame:
    house, cadre = zip(*pairs, strict=True) if pairs else ((), ())
    return Frame({"household_id": column(house), "cadre_id": column(cadre), "reason": lots.words(reasons, len(pairs))})
