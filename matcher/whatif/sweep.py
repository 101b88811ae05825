"""Sweeps: a policy key over all values of a range, one or two at once, and the exact values where places run out or suffice again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise, product
from typing import Any, Union, get_args, get_origin

from matcher.errors import JieduiError, UsageError
from matcher.export.book_model import Columns
from matcher.messages import N_, Message, mask_numbers, masked, message
from matcher.roster.served import Served
from matcher.scenario import Scenario
from matcher.scenario.changes import SetKey
from matcher.scenario.keys import key_of, refused
from matcher.tables.cells import fold
from matcher.whatif.facts import Facts
from matcher.whatif.kinks import Kink, number

MOST_POINTS, MOST_RUNS = 1000, 200
"""Points of a sweep; runs spent on finding where exactly something changes."""
State = frozenset[str] | None
"""The townships where places are too few; None where the month cannot be run."""


@dataclass(frozen=True)
class Axis:
    """A policy key and its values, rising.

    Attributes
    ----------
    key : str
        As the policy file's reader would say it.
    whole : bool
        Whether only whole numbers fit.
    """

    key: str
    values: tuple[Decimal, ...]
    whole: bool

    def change(self, value: Decimal) -> SetKey:
        """Return the change that gives the key a value."""
        return SetKey(self.key, f"{value:f}")


@dataclass(frozen=True)
class Point:
    """A value of each axis, and what the run there found (or why there is none)."""

    values: tuple[Decimal, ...]
    scenario: Scenario
    found: Facts | JieduiError


@dataclass(frozen=True)
class Sweep:
    """A sweep that has been run.

    Attributes
    ----------
    kinks : tuple of Kink
        Of a single key, rising; a grid has none.
    starts : frozenset of str
        The townships short of places at the lowest value that can be run, before any kink.
    """

    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    kinks: tuple[Kink, ...] = ()
    starts: frozenset[str] = frozenset()

    def record(self, language: str) -> dict[str, Any]:
        """Return the sweep as JSON has it, beside the scenarios."""
        return {
            "axes": [{"key": a.key, "values": [number(v) for v in a.values]} for a in self.axes],
            "points": [
                {"values": {a.key: number(v) for a, v in zip(self.axes, p.values, strict=True)}, "scenario": p.scenario.name,
                 "impossible": {"exit_code": p.found.exit_status, "message": mask_numbers(p.found.summary.render(language))}
                 if isinstance(p.found, JieduiError) else None}
                for p in self.points
            ],
            "kinks": [k.record() for k in self.kinks],
        }

    def tables(self, language: str) -> dict[str, Columns]:
        """Return the curves, a row a point, and the kinks."""
        rows = [_row(self.axes, p) for p in self.points]
        names = [*(a.key for a in self.axes), *(n for n in rows[0] if n not in {a.key for a in self.axes})]
        return {
            "sweep": {name: [row[name] for row in rows] for name in names},
            "kinks": {
                "key": [k.key for k in self.kinks], "until": [f"{k.until:f}" for k in self.kinks],
                "from": [f"{k.from_:f}" for k in self.kinks], "township": [k.township for k in self.kinks],
                "kind": [k.what for k in self.kinks], "what": [k.message().render(language) for k in self.kinks],
            },
        }


def _row(axes: Sequence[Axis], point: Point) -> dict[str, object]:
    at: dict[str, object] = {a.key: f"{v:f}" for a, v in zip(axes, point.values, strict=True)}
    names = ("eligible", "served", "unmatched", "pairs", "short_townships", "short_places", *Served._fields)
    if isinstance(point.found, JieduiError):
        return at | dict.fromkeys(names, "") | {"possible": "no"}
    f = point.found
    served, short = len(f.cadres_of), len(f.short_townships)
    figures = (f.counts["eligible"], served, f.counts["unmatched"], f.counts["pairs"], short, f.short_places,
               *(f.counts[name] for name in Served._fields))
    return at | dict(zip(names, figures, strict=True)) | {"possible": "yes"}


_KEYS = {
    "eligibility.income_threshold": N_("income line (yuan)"),
    "continuity.first_up_to_income": N_("pairs kept first up to this income (yuan)"),
    "capacity.default": N_("most households of a cadre"), "duty.default": N_("least households of a cadre"),
}
_ENTRIES = {
    "capacity.by_rank.": N_("most households of each {entry}"), "duty.by_rank.": N_("least households of each {entry}"),
    "townships.capacity.": N_("quota of {entry}"),
}


def key_in_words(key: str) -> Message | str:
    """Return what a key is called on paper, the key itself where it has no other name."""
    if key in _KEYS:
        return message(_KEYS[key])
    found = next((start for start in _ENTRIES if key.startswith(start)), None)
    return message(_ENTRIES[found], entry=key.removeprefix(found)) if found else key


def axis_of(words: str) -> Axis:
    """Return the axis that ``KEY=FROM:TO:STEP`` says.

    Raises
    ------
    UsageError
        The words have another form, the range is empty or holds too many values.
    InputError
        There is no such key, or it wants no number.
    """
    name, mark, range_ = words.rpartition("=")
    try:
        first, last, step = (Decimal(fold(part)) for part in fold(range_).split(":"))
        good = bool(mark) and all(n.is_finite() for n in (first, last, step)) and first <= last and step > 0
    except (InvalidOperation, ValueError):
        good = False
    if not good:
        shape = N_("KEY=FROM:TO:STEP, FROM not above TO and STEP above 0, such as eligibility.income_threshold=1500:4000:100")
        raise UsageError(masked(N_("--{option} {words}: wanted is {shape}."), option="sweep", words=words, shape=message(shape)))
    if (last - first) / step >= MOST_POINTS:
        raise UsageError(masked(N_("--sweep {words}: more than {most} values."), words=words, most=MOST_POINTS))
    key = key_of(fold(name))
    kind = _number_kind(key.wants)
    if kind is None:
        raise refused(key.name, message(N_("{key} wants no number; a sweep is over numbers."), key=key.name))
    steps = int((last - first) // step)
    values = tuple(first + step * k for k in range(steps + 1))
    return Axis(key.name, values if values[-1] == last else (*values, last), kind is int)


def _number_kind(wanted: Any) -> type | None:
    """Return ``int`` or ``Decimal`` where a key wants such a number."""
    every = _parts(wanted)
    return int if int in every and bool not in every else Decimal if Decimal in every else None


def _parts(wanted: Any) -> list[Any]:
    """Return a type's alternatives, without what is noted beside them."""
    if hasattr(wanted, "__metadata__"):
        return _parts(wanted.__origin__)
    if get_origin(wanted) is Union or type(wanted).__name__ == "UnionType":
        return [part for a in get_args(wanted) for part in _parts(a)]
    return [wanted]


def scenarios_at(axes: Sequence[Axis], changes: Scenario | None) -> list[tuple[tuple[Decimal, ...], Scenario]]:
    """Return every point's values and its scenario: the other changes and the keys' values."""
    if not 1 <= len(axes) <= 2 or len({a.key for a in axes}) < len(axes):
        raise UsageError(message(N_("One --sweep, or two of different keys for a grid.")))
    if len(axes) == 2 and len(axes[0].values) * len(axes[1].values) > MOST_POINTS:
        raise UsageError(message(N_("The grid has more than {most} points."), most=MOST_POINTS))
    return [(values, scenario_at(axes, values, changes)) for values in product(*(a.values for a in axes))]


def scenario_at(axes: Sequence[Axis], values: Sequence[Decimal], changes: Scenario | None) -> Scenario:
    """Return a point's scenario; it is known by its values."""
    own = [a.change(v) for a, v in zip(axes, values, strict=True)]
    name = "; ".join(c.words() for c in own)
    if changes is not None and changes.changes:
        name = f"{name}; {changes.name}"
    return Scenario.of(name, [*own, *(changes.changes if changes is not None else ())])


def state_of(found: Facts | JieduiError) -> State:
    """Return where places are too few."""
    return None if isinstance(found, JieduiError) else found.short_townships


def between(axis: Axis, low: Decimal, high: Decimal, incomes: Sequence[Decimal]) -> Sequence[Decimal]:
    """Return the values strictly between two that could make a difference: whole numbers, or incomes that somebody has."""
    if axis.whole:
        return [Decimal(n) for n in range(int(low) + 1, int(high))]
    return incomes[bisect_right(incomes, low) : bisect_left(incomes, high)]


def find_kinks(
    axis: Axis, known: dict[Decimal, State], incomes: Sequence[Decimal], run: Callable[[Sequence[Decimal]], Iterable[State]],
    most: int = MOST_RUNS,
) -> list[Kink]:
    """Return where the state changes, exactly: by bisection over the values that could make a difference.

    Between two neighbours of different state the middle value is run, until none that could make a difference lies between.
    Every change that the sweep shows is so pinned to two neighbouring values that were both run; changes back and forth between
    two values of the sweep with the same state stay unseen.

    Parameters
    ----------
    known : dict
        The sweep's own values with their states; values run here are added.
    incomes : sequence of Decimal
        Distinct, rising.
    run : callable
        Gives the states at some values.
    most : int
        Runs to be spent, or a few more; where they do not suffice, the kink is told as not exact.
    """
    spent = 0
    while spent < most:
        values = sorted(known)
        inside = [between(axis, a, b, incomes) for a, b in pairwise(values) if known[a] != known[b]]
        middle = [each[len(each) // 2] for each in inside if len(each)]
        if not middle:
            break
        spent += len(middle)
        known.update(zip(middle, run(middle), strict=True))
    found: list[Kink] = []
    for a, b in pairwise(sorted(known)):
        exact = not len(between(axis, a, b, incomes))
        found += [Kink(axis.key, a, b, what, town, exact) for what, town in _changes(known[a], known[b])]
    return found


def _changes(before: State, after: State) -> list[tuple[str, str]]:
    if before is None or after is None:
        return [] if before is after else [("possible" if before is None else "impossible", "")]
    return [("runs_out", t) for t in sorted(after - before)] + [("suffices", t) for t in sorted(before - after)]
