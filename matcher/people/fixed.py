"""Fixed pairs: pins that no longer hold, and a smallest set of fixed pairs that cannot all stand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance, Ints
from matcher.errors import ContradictionError
from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.people.relations import PairRows
from matcher.tables.table import RawTable


def ended_pins(roster: PairRows, standing: npt.NDArray[np.bool_], table: RawTable) -> list[Finding]:
    """Return a finding for every pinned pair that is no longer permitted and therefore ends."""
    text = N_("The pinned pair {household} and {cadre} is no longer permitted; it ends.")
    return [
        table.finding(int(roster.row[k]), "pinned", "pin_not_permitted",
                      message(text, household=roster.households[k], cadre=roster.cadres[k]))
        for k in np.flatnonzero((roster.value == 1) & ~standing).tolist()
    ]


def check_fixed(instance: Instance) -> None:
    """Raise :class:`ContradictionError` with a smallest conflicting set if the fixed pairs cannot all stand.

    Every limit is an upper bound on a count of pairs, so a smallest conflicting set is one more pair than the tightest
    of the exceeded limits allows.
    """
    fixed, households, cadres = instance.fixed, instance.households, instance.cadres
    limits: list[tuple[str, Ints, Ints, tuple[str, ...]]] = [
        (N_("household {name} takes {limit} cadres at most"), fixed.household, households.partners, households.ids),
        (N_("cadre {name} takes {limit} households at most"), fixed.cadre, cadres.capacity, cadres.ids),
        (N_("unit {name} takes {limit} pairings at most"), cadres.unit[fixed.cadre], instance.unit_capacity, instance.unit_names),
        (N_("township {name} takes {limit} pairings at most"), households.township[fixed.household], instance.township_capacity,
         instance.place_names),
    ]
    conflicts: list[tuple[int, str, Message, Ints]] = []
    for text, key, limit, names in limits:
        count = np.bincount(key, minlength=len(limit))
        for k in np.flatnonzero((limit >= 0) & (count > limit)):
            rule = message(text, name=names[k].strip("/"), limit=int(limit[k]))
            conflicts.append((int(limit[k]) + 1, names[k], rule, np.flatnonzero(key == k)[: limit[k] + 1]))
    if not conflicts:
        return
    _, _, rule, which = min(conflicts, key=lambda c: c[:2])
    pair = N_("{household} with {cadre}")
    findings = [
        Finding("require", "", None, "household_id", "fixed_conflict",
                message(pair, household=households.ids[fixed.household[k]], cadre=cadres.ids[fixed.cadre[k]]))
        for k in which
    ]
    text = N_("Fixed pairs (required or pinned) cannot all stand: {rule}. Release one of these:")
    raise ContradictionError(message(text, rule=rule), findings)
