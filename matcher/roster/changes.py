"""What became of last month's pairs: kept, changed, ended, and why; which pairs are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from matcher.domain import Decision, Ints
from matcher.people.cadres import NO_UNIT, UnitKey
from matcher.people.judge import Judgement
from matcher.people.relations import PairRows
from matcher.tables.coded import Coded

LEFT_POST, MOVED, CAPACITY, BETTER, AVOID, ABSENT = "left_post", "moved", "capacity", "better_objective", "avoid", "household_absent"
NEWLY_SERVED = "newly_served"
_BY_DECISION = {
    Decision.ON_WELFARE_LIST: "now_on_welfare",
    Decision.ABOVE_THRESHOLD: "income_rose",
}
_BY_WHY_NOT = {"": "", "unavailable": LEFT_POST, "capacity_0": CAPACITY}


def of_leaving(why_not: str) -> str:
    """Return why pairs of a cadre who takes no part ended, given why not; a cadre who is gone has left the post."""
    return _BY_WHY_NOT.get(why_not, why_not) or LEFT_POST


class Change(NamedTuple):
    """A household's change: ``new`` (to), ``ended`` (from) or ``changed`` (from, to), and its reason."""

    household: str
    from_cadre: str
    to_cadre: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Statuses:
    """How this month's pairs stand to last month's.

    Attributes
    ----------
    status, reason : Coded of str
        Of every pair, in the order of the pairs.
    last : (pairs,) int
        Index of the pair's row among ``relations.roster``; -1 if it was not in last month's roster.
    changes : list of Change
        Sorted by household, from_cadre, to_cadre.
    """

    status: Coded[str]
    reason: Coded[str]
    last: Ints
    changes: list[Change]


NO_STATUSES = Statuses(Coded([], np.zeros(0, np.int32)), Coded([], np.zeros(0, np.int32)), np.zeros(0, np.int64), [])
"""Where nothing is compared."""


def compare(judgement: Judgement, household: Ints, cadre: Ints) -> Statuses:
    """Return the status of every pair: a household that lost cadres got as many ``changed`` ones, in the order of cadre_id.

    Parameters
    ----------
    household, cadre : (pairs,) int
        Numbers of the instance, sorted by household, then cadre.
    """
    roster, rows = judgement.relations.roster, (judgement.eligible[household], judgement.taking_part[cadre])
    keys = _key(judgement, *rows)
    last = _looked_up(judgement, keys)
    new = last < 0
    gone = np.ones(len(roster), np.bool_)
    gone[last[~new]] = False
    words = {"": 0, "kept": 1, "pinned": 2, "required": 3}
    status = np.where(new, words[""], words["kept"]).astype(np.int32)
    reason = status.copy()
    reason[~new] += roster.value[last[~new]] == 1
    changes = []
    for change, k in _changes(judgement, household, cadre, np.flatnonzero(new), np.flatnonzero(gone)):
        changes.append(change)
        if k >= 0:
            status[k], reason[k] = (words.setdefault(word, len(words)) for word in (change.kind, change.reason))
    required = _keys(judgement, judgement.relations.require)
    at = np.minimum(np.searchsorted(keys, required), len(keys) - 1) if len(keys) else required[:0]
    reason[at[keys[at] == required[: len(at)]]] = words["required"]
    return Statuses(Coded(list(words), status), Coded(list(words), reason), last, sorted(changes))


def _changes(judgement: Judgement, household: Ints, cadre: Ints, new: Ints, gone: Ints) -> Iterator[tuple[Change, int]]:
    """Yield every household's changes, each with the pair that came in an ended one's place or is new, -1 for none."""
    roster, instance = judgement.relations.roster, judgement.instance
    got: dict[str, list[int]] = defaultdict(list)
    for k, h in zip(new.tolist(), household[new].tolist(), strict=True):
        got[instance.households.ids[h]].append(k)
    lost: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for at, why in zip(gone.tolist(), _why_ended(judgement, gone), strict=True):
        lost[roster.households[at]].append((roster.cadres[at], why))
    for key in sorted(lost.keys() | got.keys()):
        for before, k in zip_longest(lost.get(key, ()), got.get(key, ())):
            kind = "ended" if k is None else "new" if before is None else "changed"
            from_cadre, cause = before or ("", NEWLY_SERVED)
            yield Change(key, from_cadre, "" if k is None else instance.cadres.ids[cadre[k]], kind, cause), -1 if k is None else k


def _key(judgement: Judgement, household: Ints, cadre: Ints) -> Ints:
    return household * len(judgement.cadres.ids) + cadre


def _keys(judgement: Judgement, rows: PairRows) -> Ints:
    """Return one number for every row's pair, -1 where it names somebody absent; the others rise."""
    return np.where((rows.household < 0) | (rows.cadre < 0), -1, _key(judgement, rows.household, rows.cadre))


def _looked_up(judgement: Judgement, wanted: Ints) -> Ints:
    """Return the row in last month's roster of every pair, given by its key, -1 for none."""
    known = _keys(judgement, judgement.relations.roster)
    there = np.flatnonzero(known >= 0)
    known = known[there]
    if not len(known):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, there[at], -1)


def _why_ended(judgement: Judgement, gone: Ints) -> Iterator[str]:
    """Yield why pairs of last month ended; ``capacity`` only where there is less of it than last month's pairs took."""
    rows, roster, decided = judgement.cadres, judgement.relations.roster, judgement.decided
    load = np.bincount(roster.cadre[roster.cadre >= 0], minlength=len(rows.ids)).tolist()
    unit_load: dict[UnitKey, int] = defaultdict(int)
    for unit, its in zip(rows.units, load, strict=True):
        unit_load[unit] += its
    avoided = np.isin(_keys(judgement, roster)[gone], _keys(judgement, judgement.relations.avoid))
    columns = roster.household[gone], roster.cadre[gone], judgement.permitted_last[gone], avoided
    for household, cadre, permitted, avoid in zip(*(column.tolist() for column in columns), strict=True):
        decision = decided[household].decision if household >= 0 else None
        if decision is None:
            yield ABSENT
        elif decision is not Decision.ELIGIBLE:
            yield _BY_DECISION.get(decision, str(decision))
        elif cadre < 0:
            yield LEFT_POST
        elif rows.why_not[cadre]:
            yield _BY_WHY_NOT.get(rows.why_not[cadre], rows.why_not[cadre])
        elif not permitted:
            yield AVOID if avoid else MOVED
        else:
            limit = rows.unit_rows.get(rows.units[cadre], NO_UNIT).capacity
            shrunk = 0 <= limit < unit_load[rows.units[cadre]]
            yield CAPACITY if shrunk or rows.capacity[cadre] < load[cadre] else BETTER
