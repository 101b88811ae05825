"""What is odd about a month as a whole, though every row can be read: a list that was forgotten, a name that nobody serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from matcher.domain import Instance, Ints
from matcher.findings import Finding
from matcher.integers import unique
from matcher.messages import N_, message
from matcher.people.permission import chains
from matcher.people.places import ALL, TOWNSHIP, Places
from matcher.people.relations import PairRows
from matcher.people.welfare import Person
from matcher.people.whereabouts import may_stand_for
from matcher.policy import Policy
from matcher.tables.month import RawTables
from matcher.tables.table import RawTable

_ENOUGH_TO_WONDER = 100
"""Households among whom somebody should be on a welfare list."""
_ABSENT_AT_LEAST, _ABSENT_SHARE = 20, 10
"""Households of last month's roster that are gone: so many, and more than one in so many, are hardly all gone by themselves."""

_PLAIN = N_("No cadre who takes part may serve {place}: its {count} eligible households stay without. Is the name written as in the "
            "cadres' (or units') table?")
_HINT = N_("No cadre who takes part may serve {place}: its {count} eligible households stay without. Is {near} meant?")


def alarms(
    tables: RawTables, policy: Policy, places: Places, persons: Sequence[Person], roster: PairRows, instance: Instance,
    findings: Sequence[Finding],
) -> Iterator[Finding]:
    """Yield what is odd about a month as a whole.

    Parameters
    ----------
    persons : sequence of Person
        On the welfare lists, with valid rows.
    roster : PairRows
        Last month's.
    findings : sequence of Finding
        What was noticed so far: the places that nobody lives in may be those that are meant.
    """
    yield from _no_welfare_list(tables, policy, persons)
    yield from _many_absent(tables, roster)
    if not len(instance.households):
        text = message(N_("No household is eligible: nobody will be paired. Look at the incomes, their unit, and the line in policy.toml."))
        yield Finding("households", "", None, "", "nobody_eligible", text)
    unknown = {tuple(str(f.message.values["place"]).split("/")) for f in findings if f.code == "unknown_place"}
    without_county = [path[1:] if path[0] in places.counties else path for path in unknown]
    yield from _nobody_may_serve(tables["households"], places, instance, without_county)


def _no_welfare_list(tables: RawTables, policy: Policy, persons: Sequence[Person]) -> Iterator[Finding]:
    wanted, households = policy.eligibility.welfare_categories, len(tables["households"])
    if wanted and households >= _ENOUGH_TO_WONDER and not any(person.listed for person in persons):
        text = N_("There is no row of the welfare lists ({categories}): nobody is kept out by them. Put the civil affairs bureau's list "
                  "into the folder; if nobody is to be kept out, write welfare_categories = [] into policy.toml.")
        if len(tables["welfare"]):
            text = N_("None of the {count} rows of the welfare lists is of this month ({month}) and of the policy's categories "
                      "({categories}): nobody is kept out by them. Is it an old list, or are the categories written otherwise?")
        said = message(text, categories="、".join(wanted), count=len(tables["welfare"]), month=policy.programme.month)
        yield Finding("welfare", "", None, "", "no_welfare_list", said, affected=households)


def _many_absent(tables: RawTables, roster: PairRows) -> Iterator[Finding]:
    gone = len({roster.households[row] for row in np.flatnonzero(roster.household < 0).tolist()})
    if gone >= _ABSENT_AT_LEAST and gone * _ABSENT_SHARE > (every := len(set(roster.households))):
        text = N_("{gone} of the {every} households of last month's roster ({share} %) are in no row of this month's households. "
                  "Is a township's file missing?")
        said = message(text, gone=gone, every=every, share=round(100 * gone / every))
        yield Finding("roster", tables["roster"].parts[0].label, None, "household_id", "many_absent", said, affected=gone)


def _nobody_may_serve(table: RawTable, places: Places, instance: Instance, unknown: Sequence[tuple[str, ...]]) -> Iterator[Finding]:
    """Yield the townships, and of others the villages, where eligible households live and no cadre's places lie."""
    size, township, around = len(instance.parents), instance.parents, chains(instance.parents)
    serving = np.bincount(instance.cadres.places.values, minlength=size) > 0
    living = np.bincount(instance.households.village, minlength=size)
    lonely = (living > 0) & ~serving[around].any(axis=1)
    if not lonely.any():
        return
    whole = np.bincount(township[living > 0], minlength=size) == np.bincount(township[lonely], minlength=size)
    villages = np.flatnonzero(lonely)
    served = _served(places, serving, around, living)
    for place in unique(np.where(whole[township[villages]], township[villages], villages)).tolist():
        count = int(living[villages[(villages == place) | (township[villages] == place)]].sum())
        path, is_township = places.path(place)[1:], places.levels[place] == TOWNSHIP
        others = {other[len(path) - 1] for other in unknown if len(other) >= len(path) and other[: len(path) - 1] == path[:-1]}
        known = served.get((places.parents[place], places.levels[place]), [])
        near = [name for name in sorted(others) if may_stand_for(path[-1], name, errors=True)]
        near += [name for name in known if may_stand_for(path[-1], name, errors=False)]  # neighbours' names often differ by a character
        filled = message(_HINT if near else _PLAIN, place=places.label(place), count=count, near=near[0] if near else "")
        column = "township" if is_township else "village"
        yield Finding(table.name, "", None, column, "nobody_may_serve", filled, table.header(column), count)


def _served(places: Places, serving: npt.NDArray[np.bool_], around: Ints, living: Ints) -> dict[tuple[int, int], list[str]]:
    """Return the names of the places that some cadre may serve, by the place around them and their level."""
    found: dict[tuple[int, int], list[str]] = {}
    villages = np.flatnonzero((living > 0) & serving[around].any(axis=1))
    for place in sorted({p for p in around[villages].ravel().tolist() if p != ALL}):
        found.setdefault((places.parents[place], places.levels[place]), []).append(places.names[place])
    return found
