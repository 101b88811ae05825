"""Answers as typed records; ``record`` gives what ``--json`` prints (product.md, section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matcher.explain.levels import Shape
from matcher.formulation.values import Value
from matcher.messages import Message, mask_numbers

Price = dict[str, Value]


@dataclass(frozen=True)
class Person:
    """Somebody as answers name them: id, name, and where they live or work."""

    id: str
    name: str
    at: str


@dataclass(frozen=True)
class Option:
    """Another cadre of a household, or another household of a cadre, and its price.

    Attributes
    ----------
    price : dict of str to value, or None
        How much worse each objective becomes; None where limits and fixed pairs leave no room.
    equal : bool
        It would have been just as good: the lot chose.
    over : str
        ``coverage`` if somebody would give way to one who comes later, ``household_draw`` if somebody's lot would be passed over, before
        any figure of the price decides; else empty.
    others_lose : int or None
        Of a household without any cadre: how many cadres all others together have fewer when it gets this one (one may come and
        another go, which the price does not show); None where it was not asked or cannot be.
    """

    who: Person
    price: Price | None
    equal: bool
    over: str
    others_lose: int | None = None

    def record(self, key: str) -> dict[str, Any]:
        """Return the option as JSON has it."""
        told = {key: self.who.id, "price": self.price, "possible": self.price is not None, "equal": self.equal, "passes_over": self.over}
        return told if self.others_lose is None else told | {"others_lose": self.others_lose}


@dataclass(frozen=True)
class Pair:
    """A pair of the roster and what spoke for it.

    Attributes
    ----------
    fixed : str
        ``required``, ``pinned`` or empty.
    needs, met : tuple of str
        What the household needs, and what of it the cadre can do.
    """

    who: Person
    fixed: str
    kept: bool
    linked: bool
    needs: tuple[str, ...]
    met: tuple[str, ...]
    score: int

    def record(self, key: str) -> dict[str, Any]:
        """Return the pair as JSON has it."""
        return {
            key: self.who.id, "name": mask_numbers(self.who.name), "fixed": self.fixed, "kept": self.kept, "village_link": self.linked,
            "needs": list(self.needs), "needs_met": list(self.met), "score": self.score,
        }


@dataclass(frozen=True)
class Gap:
    """A bottleneck as answers tell it.

    Attributes
    ----------
    number : int
        As in bottlenecks.csv.
    quota : str
        The township whose quota it is, or empty.
    besides : bool
        Whether fixed pairs, or cadres who are not of the bottleneck, are left aside in the places and what is needed.
    """

    number: int
    households: tuple[str, ...]
    cadres: tuple[str, ...]
    townships: tuple[str, ...]
    places: int
    needed: int
    shortfall: int
    quota: str
    besides: bool

    def record(self) -> dict[str, Any]:
        """Return the bottleneck as JSON has it: counts as in bottlenecks.csv, and who they are."""
        return {
            "number": self.number, "households": len(self.households), "cadres": len(self.cadres), "places": self.places,
            "shortfall": self.shortfall, "needed": self.needed, "quota": self.quota, "townships": list(self.townships),
            "household_ids": list(self.households), "cadre_ids": list(self.cadres),
        }


@dataclass(frozen=True)
class Change:
    """The smallest change that would serve a household, confirmed by solving again.

    Attributes
    ----------
    where : tuple of (str, str)
        Kind and name of what gets one place more.
    pairs : tuple of (str, str)
        Household and cadre that have to be required, the new pair first, so that nobody who comes first takes the place, and nobody one
        that the household has; or empty.
    served : tuple of str
        Everybody who then has one cadre more.
    turn : tuple of str
        Where the bottleneck's one place more (``Lack.listed``) goes to others first: everybody who then has one cadre more.
    others : bool
        Whether others come first where pairs have to be required: else only an objective before coverage stands against them.
    """

    where: tuple[tuple[str, str], ...]
    pairs: tuple[tuple[str, str], ...]
    served: tuple[str, ...]
    turn: tuple[str, ...] = ()
    others: bool = False

    def text(self) -> str:
        """Return the change as unmatched.csv writes it."""
        places = [f"{kind} {name} +1" for kind, name in self.where]
        return "; ".join([*places, *("require " + "=".join(pair) for pair in self.pairs)])


@dataclass(frozen=True)
class Lack:
    """Why a household lacks cadres.

    Attributes
    ----------
    listed : str
        The smallest fix as unmatched.csv has it: it serves one household of the bottleneck, whichever's turn it is.
    """

    lacking: int
    reason: str
    gap: Gap | None
    change: Change | None
    listed: str = ""

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "reason": self.reason, "lacking": self.lacking, "bottleneck": self.gap.record() if self.gap else None,
            "smallest_fix": self.change.text() if self.change else None,
            "fix_serves": list(self.change.served) if self.change else [], "fix_confirmed": self.change is not None,
            "listed_fix": self.listed or None,
            "listed_fix_serves": list(self.change.turn or self.change.served) if self.listed and self.change else [],
        }


@dataclass(frozen=True)
class HouseholdAnswer:
    """What there is to say of a household.

    Attributes
    ----------
    evidence : Message
    rule : Message or None
        The policy's rule that keeps it out; None if it is eligible.
    drawn : bool
        Whether the lot decided that it has (or lacks) a cadre.
    alternatives : tuple of Option
        Every other permitted cadre, the cheapest first.
    """

    who: Person
    income: str
    decision: str
    evidence: Message
    rule: Message | None
    pairs: tuple[Pair, ...]
    drawn: bool
    alternatives: tuple[Option, ...]
    lack: Lack | None
    language: str
    shape: Shape
    bands: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Return the answer as JSON has it."""
        return {
            "id": self.who.id, "kind": "household", "decision": self.decision,
            "evidence": mask_numbers(self.evidence.render(self.language)), "cadres": [p.who.id for p in self.pairs], "drawn": self.drawn,
            "alternatives": [o.record("cadre_id") for o in self.alternatives],
            "unmatched": self.lack.record() if self.lack else None, "pairs": [p.record("cadre_id") for p in self.pairs],
        }


@dataclass(frozen=True)
class Step:
    """One household more or one fewer of a cadre.

    Attributes
    ----------
    reason : str
        Why not more: ``no_part``, ``nobody_left``, ``capacity``, ``unit_capacity``, ``no_room`` (limits and fixed pairs leave none) or
        ``price``; why not fewer: ``no_load``, ``fixed`` or ``price``.
    price : dict of str to value, or None
        What it would cost; None where it cannot be.
    gain : dict of str to value, or None
        What one more place there would bring, where places are the reason.
    behind : bool
        Whether something decides that no figure shows: who comes first by income, or by lot.
    """

    reason: str
    price: Price | None = None
    gain: Price | None = None
    behind: bool = False

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"reason": self.reason, "price": self.price, "gain": self.gain}


@dataclass(frozen=True)
class CadreAnswer:
    """What there is to say of a cadre.

    Attributes
    ----------
    why_not : str
        Code of why the cadre takes no part; empty if it does.
    more, fewer : Step
    alternatives : tuple of Option
        Every other permitted household, the cheapest first.
    """

    who: Person
    why_not: str
    pairs: tuple[Pair, ...]
    capacity: int
    duty: int
    more: Step
    fewer: Step
    alternatives: tuple[Option, ...]
    shape: Shape
    bands: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Return the answer as JSON has it."""
        return {
            "id": self.who.id, "kind": "cadre", "takes_part": "no" if self.why_not else "yes", "why_not": self.why_not,
            "households": [p.who.id for p in self.pairs], "load": len(self.pairs), "capacity": self.capacity, "duty": self.duty,
            "more": self.more.record(), "fewer": self.fewer.record(),
            "alternatives": [o.record("household_id") for o in self.alternatives],
            "pairs": [p.record("household_id") for p in self.pairs],
        }
