"""Changes of one scenario that contradict each other, found before anything is applied."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.errors import ContradictionError
from matcher.findings import Finding
from matcher.messages import N_, Message, masked, message
from matcher.scenario import changes as kinds
from matcher.scenario.changes import Change, Scenario, told
from matcher.scenario.keys import key_of
from matcher.scenario.names import Names

_PAIR = N_("a pair cannot be both")
_TWICE = N_("the same is set to two values")
_GONE = N_("the cadre is removed")
_SHUT = N_("the township is closed")


def check_no_clash(scenario: Scenario, names: Names) -> None:
    """Raise :class:`ContradictionError`, naming every two changes that contradict each other and why."""
    found = list(_clashes(scenario, names))
    if found:
        text = N_("{first} and {second}: {why}.")
        findings = [Finding("scenario", "", None, "", "scenario_contradiction",
                            masked(text, first=_shown(a), second=_shown(b), why=message(why))) for a, b, why in found]
        raise ContradictionError(message(N_("The scenario {name} contradicts itself."), name=scenario.name), findings)


def _shown(change: Change) -> Message | str:
    return f"--{change.option} {told(change).removeprefix(change.option + ' ')}"


def _clashes(scenario: Scenario, names: Names) -> Iterator[tuple[Change, Change, str]]:
    changes = scenario.changes
    for k, first in enumerate(changes):
        for second in changes[k + 1 :]:
            why = _why(first, second, names) or _why(second, first, names)
            if why:
                yield first, second, why


def _why(one: Change, other: Change, names: Names) -> str:
    """Return why two changes cannot both be; empty if they can."""
    if isinstance(one, kinds.SetKey) and isinstance(other, kinds.SetKey):
        return _TWICE if _same_key(one.key, other.key, names) and one.value != other.value else ""
    if isinstance(one, kinds.SetCell) and type(one) is type(other) and isinstance(other, kinds.SetCell):
        return _TWICE if (one.id, one.column) == (other.id, other.column) and one.value != other.value else ""
    if isinstance(one, kinds.Require) and isinstance(other, kinds.Avoid | kinds.Release):
        return _PAIR if one.pair == other.pair else ""
    gone = _removed(one, names)
    if gone:
        cadre = other.cadre if isinstance(other, kinds.Require) else other.id if isinstance(other, kinds.CadreCell) else ""
        return _GONE if cadre in gone else ""
    if isinstance(one, kinds.CloseTownship):
        return _SHUT if _opens(other, names.township(one.name), names) else ""
    return ""


def _same_key(one: str, other: str, names: Names) -> bool:
    first, second = key_of(one), key_of(other)
    if first.path != second.path or not first.entry or not second.entry:
        return first.path == second.path
    if first.path == ("townships", "capacity"):
        return names.township(first.entry) == names.township(second.entry)
    return first.entry == second.entry


def _removed(change: Change, names: Names) -> set[str]:
    if isinstance(change, kinds.RemoveCadre):
        return {change.id}
    if isinstance(change, kinds.RemoveUnit):
        rows = set(names.rows_of_unit("cadres", names.unit(change.name)))
        return {key for key, row in names.cadres.items() if row in rows}
    return set()


def _opens(change: Change, place: tuple[str, str], names: Names) -> bool:
    """Return whether a change wants pairings in a township that another closes."""
    if isinstance(change, kinds.Require) and change.household in names.households:
        return names.township_of(change.household) == place
    if isinstance(change, kinds.SetKey):
        key = key_of(change.key)
        if key.path == ("townships", "capacity"):
            return not key.entry or (change.value not in ("", "0") and names.township(key.entry) == place)
    return False
