"""Another checker of certificates, written from docs/certificate.md and the tables alone: plain loops over every permitted pair.

It shares nothing with the package, knows neither hubs nor the solver, and is to be read in one go: that the roster keeps all rules
(:mod:`tests.oracle.recount`), and that the potentials prove that no roster is better, level by level, the households' tickets included.
What it leaves to `jiedui verify` is the draw among arcs, the reasons and the other files.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from . import recount
from .model import Model, Policy


def read_parts(run: Path) -> list[dict[str, Any]]:
    """Return the parts of a run's certificate as they stand."""
    return list(json.loads(gzip.decompress((run / "certificate.json.gz").read_bytes()))["parts"])


def flaws_of(told: list[dict[str, Any]], model: Model, policy: Policy) -> list[str]:
    """Return what is wrong with a certificate's parts, in words; nothing where they prove the roster to be the best."""
    parts = [Part(part, model, policy) for part in told]
    roster = [pair for part in parts for pair in part.roster]
    found = recount.broken(model, roster) + apart(parts, model)
    return found or [text for part in parts for text in part.flaws()]


def apart(parts: list[Part], model: Model) -> list[str]:
    """Return whether everybody is in one part, and nothing joins two."""
    home = {node: k for k, part in enumerate(parts) for node in part.potential if node != "sink"}
    everybody = [f"household\x1f{h}" for h in model.houses] + [f"cadre\x1f{c}" for c in model.cadres]
    found = [f"{node} is in no part" for node in everybody if node not in home]
    found += ["a node is in two parts"] * (len(home) != sum(len(part.potential) - 1 for part in parts))
    of_unit = defaultdict(set)
    for c, cadre in model.cadres.items():
        if cadre.unit in model.units:
            of_unit[cadre.unit].add(home.get(f"cadre\x1f{c}"))
    found += [f"{h} and {c} are in two parts" for h, c in model.pairs if home.get(f"household\x1f{h}") != home.get(f"cadre\x1f{c}")]
    return found + [f"unit {unit} is in several parts" for unit, its in of_unit.items() if len(its) > 1]


class Part:
    """A separate problem: who is in it, its roster, and the potentials of its nodes."""

    def __init__(self, part: dict[str, Any], model: Model, policy: Policy) -> None:
        self.model, ties = model, policy.get("ties", {})
        self.seed, self.position = ties.get("seed", policy["programme"]["month"]), ties.get("position", "last")
        vectors = list(zip(*([int(v, 16) if isinstance(v, str) else v for v in column] for column in zip(*part["potentials"], strict=True)),
                           strict=True))
        self.potential = {node: list(vectors[k]) for node, k in zip(part["nodes"], part["vector"], strict=True)}
        self.levels = [tuple(level) for level in part["levels"]]
        self.roster = list(zip(part["households"], part["cadres"], strict=True))
        self.houses = {h: house for h, house in model.houses.items() if f"household\x1f{h}" in self.potential}
        self.cadres = {c: cadre for c, cadre in model.cadres.items() if f"cadre\x1f{c}" in self.potential}
        self.pairs = [pair for pair in model.pairs if pair[0] in self.houses]
        self.fixed = [pair for pair in sorted(model.fixed) if pair[0] in self.houses]
        self.got, self.load = Counter(h for h, _ in self.roster), Counter(c for _, c in self.roster)
        self.fixed_of = Counter(name for pair in self.fixed for name in pair)  # ids of households and cadres differ
        permitted = Counter(c for _, c in self.pairs)
        self.most = {c: min(cadre.capacity, permitted[c]) for c, cadre in self.cadres.items()}
        self.quotas = any(house.place[:2] in model.towns for house in self.houses.values())

    def flaws(self) -> list[str]:
        """Return what the potentials leave unproved."""
        if self.levels != self.wanted():
            return [f"the levels are {self.levels}, not {self.wanted()}"]
        return [f"{what} might be otherwise" for what, room, used, sign in self.arcs() if (room and sign < 0) or (used and sign > 0)]

    def turns(self) -> Iterator[tuple[str, int]]:
        """Yield every household with the number of each cadre that it may get besides fixed ones."""
        for h, house in self.houses.items():
            for n in range(self.fixed_of[h], house.partners):
                yield h, n

    def seats(self) -> Iterator[tuple[str, int]]:
        """Yield every cadre with its last load that is taken, and the next."""
        for c in self.cadres:
            if self.load[c] > self.fixed_of[c]:
                yield c, self.load[c]
            if self.load[c] < self.most[c]:
                yield c, self.load[c] + 1

    def wanted(self) -> list[tuple[Any, ...]]:
        """Return the levels that the policy demands."""
        found: list[tuple[Any, ...]] = []
        for name in (*self.model.order, "last"):
            if name == "coverage" and not self.model.by_income:
                found += sorted({(name, n, self.houses[h].band) for h, n in self.turns()})
            elif name == "balance" and self.model.leximax:
                loads = [k for c in self.cadres for k in (self.load[c], self.load[c] + 1) if self.fixed_of[c] < k <= self.most[c]]
                found += [(name, load) for load in range(max(loads, default=0), 0, -1)]
            elif name != "last":
                found.append((name,))
            found += [("draw",)] if name == self.position else []
        return found

    def arcs(self) -> Iterator[tuple[str, bool, bool, int]]:
        """Yield, for 1 to 5 of "The proof": what it is, whether there may be more of it, or less, and the sign of its reduced cost."""
        enter, pair, seat = self.costs_of_turns(), self.costs_of_pairs(), self.costs_of_seats()
        free = [p for p in self.roster if p not in set(self.fixed)]
        used = Counter(self.houses[h].place[:2] for h, _ in free)
        for town in {house.place[:2] for house in self.houses.values()}:
            those = [h for h, house in self.houses.items() if house.place[:2] == town]
            supply = sum(self.houses[h].partners - self.fixed_of[h] for h in those)
            if town in self.model.towns:
                supply = min(supply, self.model.towns[town] - sum(self.fixed_of[h] for h in those))
            yield f"township {town}", used[town] > 0, used[town] < supply, self.sign(lambda *_: 0, self.town(town), "sink")
        for h, n in self.turns():
            sign = self.sign(enter, self.town(self.houses[h].place), f"household\x1f{h}", h, n)
            yield f"{h}'s cadre {n}", n >= self.got[h], n < self.got[h], sign
        taken, fixed = set(self.roster), set(self.fixed)
        for h, c in self.pairs:
            if (h, c) not in fixed and self.houses[h].partners > self.fixed_of[h]:
                sign = self.sign(pair, f"household\x1f{h}", f"cadre\x1f{c}", h, c)
                yield f"{h} with {c}", (h, c) not in taken, (h, c) in taken, sign
        for c, k in self.seats():
            unit = self.cadres[c].unit
            to = f"unit\x1f{'/'.join(unit)}" if unit in self.model.units else "sink"
            yield f"{c}'s place {k}", k > self.load[c], k <= self.load[c], self.sign(seat, f"cadre\x1f{c}", to, c, k)
        load, held = (Counter(self.cadres[c].unit for _, c in some) for some in (free, self.fixed))
        for unit in {cadre.unit for cadre in self.cadres.values()} & set(self.model.units):
            room = load[unit] + held[unit] < self.model.units[unit]
            yield f"unit {unit}", room, load[unit] > 0, self.sign(lambda *_: 0, f"unit\x1f{'/'.join(unit)}", "sink")

    def sign(self, cost: Callable[..., int], tail: str, head: str, *who: Any) -> int:
        """Return the sign of cost + π(tail) − π(head): the first level at which it is not 0 decides."""
        for level, before, after in zip(self.levels, self.potential[tail], self.potential[head], strict=True):
            reduced = cost(level, *who) + before - after
            if reduced:
                return 1 if reduced > 0 else -1
        return 0

    @staticmethod
    def town(place: tuple[str, ...]) -> str:
        """Return the node of a township."""
        return f"township\x1f{'/'.join(place[:2])}"

    def costs_of_turns(self) -> Callable[..., int]:
        """Return what a household's n-th cadre costs at a level."""
        by_income, tickets = self.rewards() if self.model.by_income else {}, self.tickets()

        def cost(level: tuple[Any, ...], h: str, n: int) -> int:
            house = self.houses[h]
            if level[0] == "coverage":
                return by_income[n, house.income] if self.model.by_income else -((n, house.band) == level[1:])
            if level[0] == "draw":
                return -(tickets[h] >> min(n, 62))
            return -house.waiting if level[0] == "waiting" and n == 0 else 0

        return cost

    def rewards(self) -> dict[tuple[int, Any], int]:
        """Return what coverage by income costs for every (n, income) that occurs."""
        times = Counter((n, self.houses[h].income) for h, n in self.turns())
        found, reward, last = dict[tuple[int, Any], int](), 1, 0
        for place, turn in enumerate(sorted(times, reverse=True)):
            reward = reward * (4 * last + 4) if self.quotas and place else place + 1
            found[turn], last = -reward, times[turn]
        return found

    def tickets(self) -> dict[str, int]:
        """Return what every household's ticket is worth: the smaller the ticket, the more."""
        bits = min(32, 62 - 2 * (len(self.potential) - 1).bit_length())
        digests = {h: hashlib.sha256(f"{self.seed}|household|{h}".encode()).digest() for h in self.houses}
        return {h: (1 << bits) - 1 - (int.from_bytes(digest[:8], "big") >> (64 - bits)) for h, digest in digests.items()}

    def costs_of_pairs(self) -> Callable[..., int]:
        """Return what a pair costs at a level."""
        gains = self.model.gains
        return lambda level, h, c: -gains[level[0]].get((h, c), 0) if level[0] in gains else 0

    def costs_of_seats(self) -> Callable[..., int]:
        """Return what a cadre's k-th household costs at a level."""
        def cost(level: tuple[Any, ...], c: str, k: int) -> int:
            if level[0] == "balance":
                return int(k >= level[1]) if self.model.leximax else 2 * k - 1
            return -int(k <= self.cadres[c].duty) if level[0] == "duty" else 0

        return cost
