"""Who and what the tables name, for looking up what a scenario names, and the likely ones where it names nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property

import numpy as np

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, Message, masked, message
from matcher.tables.cells import fold_name, read_each, read_names
from matcher.tables.coded import distinct_rows
from matcher.tables.table import RawTable

UnitName = tuple[str, str]
"""County (may be empty) and name."""


def absent(text: Message, known: Iterable[str], wanted: str) -> InputError:
    """Return the refusal of a name that nobody has, with those that look like it."""
    every = sorted(set(known))
    near = [k for k in every if wanted and wanted.lower() in k.lower()][:3] or get_close_matches(wanted, every, 3, 0.6)
    hint: Message | str = masked(N_(" Did you mean {name}?"), name="、".join(near)) if near else ""
    whole = message(N_("{text}{hint}"), text=text, hint=hint)
    return InputError(whole, [Finding("scenario", "", None, "", "scenario_absent", whole)])


class Names:
    """The names in the raw tables, folded as all comparisons see them."""

    def __init__(self, tables: Mapping[str, RawTable]) -> None:
        self._tables = tables

    @cached_property
    def households(self) -> dict[str, int]:
        """Row of every household_id (the last, where one stands twice)."""
        return self._rows("households", "household_id")

    @cached_property
    def cadres(self) -> dict[str, int]:
        """Row of every cadre_id."""
        return self._rows("cadres", "cadre_id")

    def _rows(self, table: str, column: str) -> dict[str, int]:
        return {key: row for row, key in enumerate(self.ids(table, column))}

    def ids(self, table: str, column: str) -> list[str]:
        """Return the folded ids of a column, row by row."""
        return self._tables[table].column(column).over(read_each).tolist()

    def township_of(self, household: str) -> tuple[str, str]:
        """Return the county and name of the township where a household lives."""
        row = self.households[household]
        county, town = (self._tables["households"].column(c).over(read_names)[row] for c in ("county", "township"))
        return county or self.only, town

    def column(self, table: str, column: str) -> list[str]:
        """Return the folded names of a column, row by row."""
        return self._tables[table].column(column).over(read_names).tolist()

    def ranks(self) -> set[str]:
        """Return the ranks of the cadres."""
        return set(self._tables["cadres"].column("rank").over(read_each).values)

    @cached_property
    def townships(self) -> list[tuple[str, str]]:
        """County and name of every township where a household lives, sorted."""
        columns = [self._tables["households"].column(c).over(read_names) for c in ("county", "township")]
        rows, _ = distinct_rows(*(c.codes for c in columns))
        pairs = {(columns[0].values[c] or self.only, columns[1].values[t]) for c, t in zip(*rows, strict=True)}
        return sorted(pairs)

    @cached_property
    def only(self) -> str:
        """The county that all households are in, empty if they name none or several."""
        counties = self._tables["households"].column("county").over(read_names)
        named = {counties.values[k] for k in np.unique(counties.codes)} - {""}
        return next(iter(named)) if len(named) == 1 else ""

    def township(self, text: str) -> tuple[str, str]:
        """Return the county and name of a township that a text (``township`` or ``county/township``) means.

        Raises
        ------
        InputError
            No household lives there, or several counties have one of the name.
        """
        found = self.townships_named(text)
        if len(found) == 1:
            return found[0]
        if found:
            several = masked(N_("Several counties have a township {name}: write county/township."), name=text)
            raise InputError(several, [Finding("scenario", "", None, "", "scenario_ambiguous", several)])
        raise absent(masked(N_("No household lives in a township {name}."), name=text), [t for _, t in self.townships], text)

    def townships_named(self, text: str) -> list[tuple[str, str]]:
        """Return the townships that a text may mean."""
        path = tuple(fold_name(p) for p in text.split("/"))
        return [(c, t) for c, t in self.townships if path in ((t,), (c, t))]

    def township_key(self, place: tuple[str, str]) -> str:
        """Return a township as the policy writes it: with its county where there are several."""
        return "/".join(place) if place[0] and not self.only else place[1]

    def unit(self, text: str) -> UnitName:
        """Return the county and name of a unit that a text (``unit`` or ``county/unit``) means.

        Raises
        ------
        InputError
            No unit has the name, or units of several counties have it.
        """
        county, mark, name = (fold_name(p) for p in text.rpartition("/"))
        every = {
            (c or self.only, u)
            for table in ("cadres", "units")
            for c, u in zip(self.column(table, "county"), self.column(table, "unit"), strict=True)
        }
        found = sorted(u for u in every if u[1] == name and (not mark or u[0] == county)) or sorted(
            u for u in every if u[1] == fold_name(text))
        if len(found) == 1:
            return found[0]
        if found:
            several = masked(N_("Several counties have a unit {name}: write county/unit."), name=text)
            raise InputError(several, [Finding("scenario", "", None, "", "scenario_ambiguous", several)])
        raise absent(masked(N_("There is no unit {name}."), name=text), [u for _, u in every], text)

    def rows_of_unit(self, table: str, unit: UnitName) -> list[int]:
        """Return a table's rows of a unit."""
        columns = zip(self.column(table, "county"), self.column(table, "unit"), strict=True)
        return [row for row, (c, u) in enumerate(columns) if (c or self.only, u) == unit]
