"""Fixed pairs: pins that no longer hold, required pairs that may not be, a smallest set of fixed pairs that cannot all stand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance, Ints, Pairs
from matcher.errors import ContradictionError
from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.people.decide import Judged
from matcher.people.relations import PairRows, Relations
from matcher.tables.coded import Coded
from matcher.tables.month import RawTables
from matcher.tables.table import RawTable


def ended_pins(roster: PairRows, standing: npt.NDArray[np.bool_], table: RawTable) -> list[Finding]:
    """Return a finding for every pinned pair that is no longer permitted and therefore ends."""
    text = N_("The pinned pair {household} and {cadre} is no longer permitted; it ends.")
    return [
        table.finding(int(roster.row[k]), "pinned", "pin_not_permitted",
                      message(text, household=roster.households[k], cadre=roster.cadres[k]))
        for k in np.flatnonzero((roster.value == 1) & ~standing).tolist()
    ]


def check_required(
    require: PairRows, permitted: npt.NDArray[np.bool_], inside: Pairs, decisions: Coded[Judged], avoid: PairRows, table: RawTable
) -> None:
    """Raise :class:`ContradictionError` if a required pair is not permitted, and say what stands against it.

    Parameters
    ----------
    permitted : (require,) bool
    inside : Pairs
        The required rows by the numbers of the instance, -1 for somebody not in it.
    """
    avoided = avoid.said()
    text = N_("{household} and {cadre} are required, but may not be paired: {why}. Take the row out, or mend what stands against it.")
    bad = []
    for k in np.flatnonzero(~permitted).tolist():
        pair = require.households[k], require.cadres[k]
        if inside.household[k] < 0:
            why = message(N_("the household is not paired this month ({evidence})"), evidence=decisions[int(require.household[k])].evidence)
        elif inside.cadre[k] < 0:
            why = message(N_("the cadre takes no part this month"))
        elif pair in avoided:
            why = message(N_("the pair stands among those to avoid"))
        else:
            why = message(N_("the cadre may not serve where the household lives"))
        said = message(text, household=pair[0], cadre=pair[1], why=why)
        bad.append(table.finding(int(require.row[k]), "household_id", "required_not_permitted", said))
    if bad:
        raise ContradictionError(message(N_("Required pairs are not permitted by the policy or the tables.")), bad)


def check_fixed(instance: Instance, relations: Relations, tables: RawTables) -> None:
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
    pairs = [(households.ids[fixed.household[k]], cadres.ids[fixed.cadre[k]]) for k in which]
    findings = [_cited(*pair, relations, tables) for pair in pairs]
    text = N_("Fixed pairs (required or pinned) cannot all stand: {rule}. Release one of these:")
    raise ContradictionError(message(text, rule=rule), findings)


def _cited(household: str, cadre: str, relations: Relations, tables: RawTables) -> Finding:
    """Return a fixed pair with the row that fixes it."""
    said = message(N_("{household} with {cadre}"), household=household, cadre=cadre)
    for name, column, rows in (("require", "household_id", relations.require), ("roster", "pinned", relations.roster)):
        for k, pair in enumerate(zip(rows.households, rows.cadres, strict=True)):
            if pair == (household, cadre):
                return tables[name].finding(int(rows.row[k]), column, "fixed_conflict", said)
    raise AssertionError  # every fixed pair comes from one of the two
