"""Whether a certificate's roster keeps all rules, and its potentials prove that none is better: docs/certificate.md, "The proof"."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from itertools import zip_longest
from typing import Any

from matcher.messages import N_, Message, message
from matcher.verify import Flaw
from matcher.verify.plain.month import Month, Pair

Level = tuple[str | int, ...]
Claim = tuple[Message, bool, bool, int]
"""What might be better if it does not hold; whether more is possible, whether less; the sign of the reduced cost."""


def check_parts(month: Month, parts: list[Part]) -> None:
    """Raise :class:`Flaw` unless a certificate's parts hold a roster that keeps all rules, and prove that none is better."""
    _check_rules(month, [pair for part in parts for pair in part.roster])
    _check_apart(month, parts)
    for part in parts:
        part.check()


def _check_rules(month: Month, roster: list[Pair]) -> None:
    """Check that pairs are permitted, fixed ones stand, and every limit is kept."""
    for h, c in roster:
        if h not in month.homes or c not in month.cadres:
            raise Flaw(message(N_("{household} with {cadre}: one of them must not be paired."), household=h, cadre=c))
        if c not in month.allowed(h):
            raise Flaw(message(N_("{household} and {cadre} may not be paired."), household=h, cadre=c))
    if len(set(roster)) < len(roster):
        raise Flaw(message(N_("A pair stands in the roster twice.")))
    for h, c in sorted(month.fixed - set(roster)):
        raise Flaw(message(N_("The fixed pair {household} and {cadre} is not in the roster."), household=h, cadre=c))
    homes, cadres = month.homes, month.cadres
    for text, names, limits in (
        (N_("household {name} has {count} cadres, more than {limit}"), (h for h, _ in roster), {h: x.partners for h, x in homes.items()}),
        (N_("cadre {name} has {count} households, more than {limit}"), (c for _, c in roster), {c: x.capacity for c, x in cadres.items()}),
        (N_("unit {name} has {count} pairings, more than {limit}"), (cadres[c].unit for _, c in roster), month.units),
        (N_("township {name} has {count} pairings, more than {limit}"), (homes[h].township for h, _ in roster), month.townships),
    ):
        for name, count in sorted(Counter(names).items()):
            if count > limits.get(name, count):
                raise Flaw(message(text, name=name, count=count, limit=limits[name]))


def _check_apart(month: Month, parts: list[Part]) -> None:
    """Check that everybody who could be paired is in one part, and that no permitted pair and no unit with a limit joins two."""
    homes = {h: part for part in parts for h in part.homes}
    cadres = {c: part for part in parts for c in part.cadres}
    units: dict[str, set[int]] = defaultdict(set)
    for c, part in cadres.items():
        units[month.cadres[c].unit].add(id(part))
    every = len(homes) == sum(len(part.homes) for part in parts) == len(month.homes)
    if not every or len(cadres) < sum(len(part.cadres) for part in parts) or any(len(units[unit]) > 1 for unit in month.units) or any(
            cadres.get(c) is not part for h, part in homes.items() for c in month.allowed(h)):
        raise Flaw(message(N_("The certificate's parts are not the month's separate problems.")))


class Part:
    """A separate problem as the certificate has it: its roster, its people, the potentials of its nodes."""

    def __init__(self, part: dict[str, Any], month: Month) -> None:
        self.month = month
        self.levels: list[Level] = [tuple(level) for level in part["levels"]]
        self.roster: list[Pair] = list(zip(part["households"], part["cadres"], strict=True))
        self.twice: list[Pair] = [(h, c) for h, c in part["twice"]]
        self.vectors = [[int(v, 16) if isinstance(v, str) else v for v in vector] for vector in part["potentials"]]
        self.vector: dict[str, int] = dict(zip(part["nodes"], part["vector"], strict=True))
        self.bits = min(32, 62 - 2 * (len(self.vector) - 1).bit_length())
        """How many bits of a ticket count."""
        self.homes = [h for h in month.homes if f"household\x1f{h}" in self.vector]
        self.cadres = [c for c in month.cadres if f"cadre\x1f{c}" in self.vector]
        self.got, self.load = Counter(h for h, _ in self.roster), Counter(c for _, c in self.roster)
        self.fixed = {pair for pair in self.roster if pair in month.fixed}
        self.fixed_got, self.fixed_load = Counter(h for h, _ in self.fixed), Counter(c for _, c in self.fixed)

    @cached_property
    def most(self) -> dict[str, int]:
        """How many households every cadre can have."""
        permitted = Counter(c for h in self.homes for c in self.month.allowed(h))
        return {c: min(self.month.cadres[c].capacity, permitted[c]) for c in self.cadres}

    def check(self) -> None:
        """Raise :class:`Flaw` unless nothing that may be more costs less than nothing, and nothing that may be less costs more."""
        for level, told in zip_longest(self.wanted(), self.levels):
            if level != told:
                missing = N_("The proof's stages are not the objectives in the policy's order: {level} is missing or misplaced.")
                other = N_("The proof's stages are not the objectives in the policy's order: {level} does not belong there.")
                raise Flaw(message(missing if level else other, level=" ".join(map(str, level or told))))
        for claims in (self.outer(), self.turns_taken(), self.pairs(), self.seats_taken()):
            for flaw, more, less, sign in claims:
                if (more and sign < 0) or (less and sign > 0):
                    raise Flaw(flaw)

    def turns(self) -> Iterator[tuple[str, int]]:
        """Yield every household with the number of each cadre that it may get besides fixed ones."""
        for h in self.homes:
            for n in range(self.fixed_got[h], self.month.homes[h].partners):
                yield h, n

    def seats(self) -> Iterator[tuple[str, int]]:
        """Yield every cadre with the last of its places that is taken, and the next: these speak for all, for their costs rise."""
        for c in self.cadres:
            for k in (self.load[c], self.load[c] + 1):
                if self.fixed_load[c] < k <= self.most[c]:
                    yield c, k

    def wanted(self) -> list[Level]:
        """Return the levels that the policy demands."""
        found: list[Level] = []
        for name in (*self.month.order, "last"):
            if name == "coverage" and not self.month.by_income:
                found += sorted({(name, n, self.month.homes[h].band) for h, n in self.turns()})
            elif name == "balance" and self.month.leximax:
                found += [(name, load) for load in range(max((k for _, k in self.seats()), default=0), 0, -1)]
            elif name != "last":
                found.append((name,))
            found += [("draw",)] if name == self.month.position else []
        return found

    def potentials(self, node: str) -> list[int]:
        """Return a node's potentials, one a level."""
        if node not in self.vector:
            raise Flaw(message(N_("certificate.json.gz cannot be read: {why}."), why=node.replace("\x1f", " ")))
        return self.vectors[self.vector[node]]

    def deciding(self, cost: Callable[[Level], int], tail: str, head: str) -> tuple[int, int] | None:
        """Return the first level at which cost + π(tail) − π(head) is not 0, and what it is there; None if it is 0 at all."""
        for k, (level, before, after) in enumerate(zip(self.levels, self.potentials(tail), self.potentials(head), strict=True)):
            reduced = cost(level) + before - after
            if reduced:
                return k, reduced
        return None

    def sign(self, cost: Callable[[Level], int], tail: str, head: str) -> int:
        """Return the sign of a reduced cost, or a number with that sign."""
        found = self.deciding(cost, tail, head)
        return found[1] if found else 0

    def rooms_of_townships(self) -> dict[str, tuple[int, int]]:
        """Return how many pairings besides fixed ones each township may have, and has."""
        left, every, fixed = (Counter(self.month.homes[h].township for h, _ in some) for some in (self.turns(), self.roster, self.fixed))
        quota = {town: self.month.townships.get(town, n + fixed[town]) - fixed[town] for town, n in left.items()}
        return {town: (min(left[town], quota[town]), every[town] - fixed[town]) for town in sorted(left)}

    def rooms_of_units(self) -> dict[str, tuple[int, int]]:
        """Return how many pairings besides fixed ones each unit with a limit may have, and has."""
        every, fixed = (Counter(self.month.cadres[c].unit for _, c in some) for some in (self.roster, self.fixed))
        units = sorted({self.month.cadres[c].unit for c in self.cadres} & set(self.month.units))
        return {unit: (self.month.units[unit] - fixed[unit], every[unit] - fixed[unit]) for unit in units}

    def outer(self) -> Iterator[Claim]:
        """Yield 1 and 5 of "The proof": townships, whose unpaired households go straight to the sink, and units with a limit."""
        for kind, rooms in (("township", self.rooms_of_townships()), ("unit", self.rooms_of_units())):
            for name, (room, used) in rooms.items():
                flaw = message(N_("The proof does not hold: another number of pairings of {what} might be better."), what=name)
                sign = self.sign(lambda _: 0, f"{kind}\x1f{name}", "sink")
                yield (flaw, used > 0, used < room, sign) if kind == "township" else (flaw, used < room, used > 0, sign)

    def cost_of_turn(self, level: Level, h: str, n: int) -> int:
        """Return what a household's n-th cadre costs at a level."""
        home = self.month.homes[h]
        if level[0] == "coverage":
            return -self.rewards[n, home.income_rank] if self.month.by_income else -((n, home.band) == level[1:])
        if level[0] == "draw":
            return -(self.tickets[h] >> min(n, 62))
        return -home.waiting if level[0] == "waiting" and n == 0 else 0

    def turns_taken(self) -> Iterator[Claim]:
        """Yield 2: a household's first, second, … cadre."""
        for h, n in self.turns():
            flaw = message(N_("The proof does not hold: whether {what} has a cadre, or one more, might be better otherwise."), what=h)
            tail = f"township\x1f{self.month.homes[h].township}"
            sign = self.sign(partial(self.cost_of_turn, h=h, n=n), tail, f"household\x1f{h}")
            yield flaw, n >= self.got[h], n < self.got[h], sign

    def pairs(self) -> Iterator[Claim]:
        """Yield 3: every permitted pair that is not fixed; among those alike, with equal potentials, the sign is found once."""
        month, taken, known = self.month, set(self.roster), dict[object, int]()
        text = N_("The proof does not hold: a roster that treats {household} with {cadre} otherwise might be better.")

        def cost(level: Level) -> int:
            gain = month.gains.get(str(level[0]))
            return -gain(h, c) if gain else 0

        for h in (h for h in self.homes if month.homes[h].partners > self.fixed_got[h]):
            home, vector = month.homes[h].kind, self.vector[f"household\x1f{h}"]
            for c in month.allowed(h):
                if (h, c) in self.fixed:
                    continue
                alike = (h, c) if (h, c) in month.special else (
                    vector, home, self.vector[f"cadre\x1f{c}"], month.cadres[c].kind, month.linked(h, c))
                if alike not in known:
                    known[alike] = self.sign(cost, f"household\x1f{h}", f"cadre\x1f{c}")
                paired = (h, c) in taken
                if known[alike] and (known[alike] > 0) == paired:
                    yield message(text, household=h, cadre=c), not paired, paired, known[alike]

    def cost_of_seat(self, level: Level, c: str, k: int) -> int:
        """Return what a cadre's k-th household costs at a level."""
        if level[0] == "balance":
            return int(k >= int(level[1])) if self.month.leximax else 2 * k - 1
        return -int(k <= self.month.cadres[c].duty) if level[0] == "duty" else 0

    def seats_taken(self) -> Iterator[Claim]:
        """Yield 4: a cadre's last place that is taken, and the next."""
        for c, k in self.seats():
            unit = self.month.cadres[c].unit
            flaw = message(N_("The proof does not hold: another number of households for {what} might be better."), what=c)
            head = f"unit\x1f{unit}" if unit in self.month.units else "sink"
            sign = self.sign(partial(self.cost_of_seat, c=c, k=k), f"cadre\x1f{c}", head)
            yield flaw, k > self.load[c], k <= self.load[c], sign

    @cached_property
    def rewards(self) -> dict[tuple[int, int], int]:
        """Return what each (number of the cadre, rank of the income) that occurs is worth for coverage by income."""
        times = Counter((n, self.month.homes[h].income_rank) for h, n in self.turns())
        quotas = any(self.month.homes[h].township in self.month.townships for h in self.homes)
        found, reward, later = dict[tuple[int, int], int](), 1, 0
        for place, turn in enumerate(sorted(times, reverse=True)):
            reward = reward * (4 * later + 4) if quotas and place else place + 1
            found[turn], later = reward, times[turn]
        return found

    @cached_property
    def tickets(self) -> dict[str, int]:
        """Return what every household's ticket is worth: the smaller the ticket, the more."""
        digests = {h: hashlib.sha256(f"{self.month.seed}|household|{h}".encode()).digest() for h in self.homes}
        return {h: (1 << self.bits) - 1 - (int.from_bytes(digest[:8], "big") >> (64 - self.bits)) for h, digest in digests.items()}
