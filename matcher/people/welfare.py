"""The welfare lists: which rows are valid this month, and whom each means, surely or perhaps."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import count, repeat
from typing import NamedTuple

import numpy as np

from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.people.households import HouseholdRows, words_of
from matcher.people.identity import id_keys, mask_id
from matcher.people.problems import refuse_if_any
from matcher.policy import Policy
from matcher.tables.cells import excerpt, month, month_of, read, read_names, shown_each, whole
from matcher.tables.table import RawTable

BY_HEAD = N_("the ID number is the head's")
_BY_HEAD = message(BY_HEAD)
BY_MEMBER = N_("the ID number is a member's ({member})")
BY_PLACE = N_("no ID number; name, township and village are this household's alone")
OTHER_ID = N_("name and place agree, the ID number fits nobody")
NAMESAKES = N_("no ID number; several households there have this name")
PART_OF_PLACE = N_("name and the given part of the place agree")
OTHER_CATEGORY = N_("{how}; the category is not among the policy's")
UNREADABLE_MONTHS = N_("{how}; the months of validity cannot be read")


class Person(NamedTuple):
    """The rows of a welfare list that are alike but for category and validity.

    Attributes
    ----------
    row : int
        The first of them.
    listed, clear : bool
        Whether a category is among the policy's, and whether the months can be read.
    persons : int or None
        How many the rows say live in the household.
    """

    name: str
    name_key: str
    id_key: str
    county: str
    township: str
    village: str
    row: int
    categories: tuple[str, ...]
    listed: bool
    clear: bool
    persons: int | None = None

    def has_id(self) -> bool:
        """Return whether there is an ID number that can be used."""
        return bool(self.id_key) and self.id_key[0] != "?"


class Link(NamedTuple):
    """A welfare person and a household: why, and whether surely.

    Attributes
    ----------
    sure : bool
        It keeps the household out.
    fits : bool
        The row means the household surely, whether or not it keeps it out.
    points : int
        How like the two are; 100 where all that is given agrees.
    """

    person: Person
    how: Message
    sure: bool
    fits: bool = False
    points: int = 100

    def evidence(self) -> Message:
        """Return the row by category, name and masked ID number, and the rule that links it."""
        shown = mask_id(self.person.id_key) or "-"
        text = N_("{categories}: {name}, {id} ({how})")
        return message(text, categories="、".join(self.person.categories), name=self.person.name, id=shown, how=self.how)


Links = dict[str, list[Link]]
"""By household_id, the surest and likeliest first."""
Members = dict[str, list[tuple[str, str]]]
"""ID key to the (household_id, name) of the members who have it."""


def link_welfare(
    table: RawTable, finder: Finder, members: Members, findings: list[Finding], alike: Sequence[list[tuple[str, Link]]]
) -> Links:
    """Return, for every household that a valid welfare row means or may mean, the links.

    Parameters
    ----------
    alike : sequence
        For each of those :meth:`Finder.without_fit`, whom they may mean.
    """
    each = finder.links(members)
    for k, found in zip(finder.without_fit(), alike, strict=True):
        each[k] = found
    links: Links = defaultdict(list)
    for person, found in zip(finder.persons, each, strict=True):
        for household, link in found:
            links[household].append(link)
        if not found and finder.has_name(person.name_key):
            text = message(N_("The name {name} is a household head's too, but nothing else agrees."), name=person.name)
            findings.append(table.finding(person.row, "name", "welfare_name_only", text))
    return {h: sorted(found, key=order) if len(found) > 1 else found for h, found in links.items()}


def order(link: Link) -> tuple[object, ...]:
    """Return what a household's links are sorted by: the surest and likeliest first."""
    p = link.person
    return (not link.sure, -link.points, p.categories, p.name, p.id_key, p.township, p.village, link.how.text)


def read_welfare(table: RawTable, policy: Policy, findings: list[Finding]) -> list[Person]:
    """Return the persons on the lists whose rows are valid in the policy's month (or cannot be read as to that).

    Raises
    ------
    InputError
        A row that names nobody, an ID number in a number cell.
    """
    problems: list[Finding] = []
    numbers = id_keys(table, findings, problems).tolist()
    names, name_keys = (table.column("name").over(f).tolist() for f in (shown_each, read_names))
    places = [table.column(c).over(read_names).tolist() for c in ("county", "township", "village")]
    meaning = policy.meaning()
    categories = table.column("category").map(lambda c: words_of(c, meaning)).tolist()
    persons = table.column("members").map(lambda c: whole(read(c))).tolist()
    valid = _validity(table, policy, findings)
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, key in enumerate(zip(name_keys, numbers, *places, strict=True)):
        if not key[0] and (not key[1] or key[1][0] == "?"):
            text = message(N_("The row has neither a name nor an ID number that can be read: it keeps nobody out. Complete it."))
            problems.append(table.finding(index, "name", "welfare_nobody", text))
        if valid[index] is not False:
            groups[key].append(index)
    refuse_if_any(problems)
    wanted = {meaning.get(c, c) for c in policy.eligibility.welfare_categories}

    @cache
    def judged(said: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
        return tuple(sorted({*said})), not wanted.isdisjoint(said)

    found = []
    for (name_key, number, county, township, village), rows in groups.items():
        first, said, how_many = rows[0], categories[rows[0]], {persons[rows[0]]}
        clear = [i for i in rows if valid[i]]
        if len(rows) > 1:
            first, how_many = min(rows, key=lambda i: (names[i], i)), {persons[i] for i in rows}
            said = tuple(c for i in clear or rows for c in categories[i])
        how_many -= {None, 0}
        found.append(Person(names[first], name_key, number, county, township, village, rows[0], *judged(said), bool(clear),
                            how_many.pop() if len(how_many) == 1 else None))
    return found


def _validity(table: RawTable, policy: Policy, findings: list[Finding]) -> list[bool | None]:
    """Return whether each row's months hold the month of the policy; None where they cannot be read."""
    now = month(policy.programme.month)
    bounds = []
    for column in ("valid_from", "valid_to"):
        cells = table.column(column)
        months = cells.map(month_of)
        kind = N_("{value} is no month such as 2008-07; the row counts as uncertain.")
        for index in months.rows_where(lambda m: m is None):
            findings.append(table.finding(index, column, "month_unreadable", message(kind, value=excerpt(cells[index]))))
        bounds.append(months.tolist())
    return [
        False if (a and now and a > now) or (b and now and b < now) else None if a is None or b is None else True
        for a, b in zip(*bounds, strict=True)
    ]


class Finder:
    """Finds the households that welfare persons mean.

    Parameters
    ----------
    persons : sequence of Person
        As :func:`read_welfare` gives them.
    """

    def __init__(self, households: HouseholdRows, persons: Sequence[Person]) -> None:
        self._rows, self.persons = households, persons
        numbers, ids, judged = {p.id_key for p in persons if p.has_id()}, households.id_keys.tolist(), households.judged_as
        heads = np.flatnonzero(np.fromiter(map(numbers.__contains__, ids), np.bool_, len(ids))).tolist()
        self._by_id = {ids[row]: households.ids[row] for row in heads if households.ids[row] not in judged}
        self._namesakes = _Namesakes(households, dict.fromkeys(p.name_key for p in persons))
        self._unnumbered = {k: self._weighed(p, self._by_place(p)) for k, p in enumerate(persons) if not p.has_id()}

    def has_name(self, name_key: str) -> bool:
        """Return whether some household's head has the name."""
        return self._namesakes.any(name_key)

    def without_fit(self) -> list[int]:
        """Return the persons with a name, but without a usable ID number, whom name and place fit to nobody."""
        return [k for k, found in self._unnumbered.items() if not found and self.persons[k].name_key]

    def sought_among_members(self) -> tuple[set[str], list[Person]]:
        """Return the ID numbers that are looked for among the members, and the persons :meth:`without_fit`."""
        return {p.id_key for p in self.persons if p.has_id()}, [self.persons[k] for k in self.without_fit()]

    def links(self, members: Members) -> list[list[tuple[str, Link]]]:
        """Return for every person (household_id, link) of everyone the person means or may mean (product.md, section 4)."""
        return [
            self._unnumbered[k] if k in self._unnumbered else self._weighed(p, self._by_number(p, members) or self._by_place(p))
            for k, p in enumerate(self.persons)
        ]

    @staticmethod
    def _weighed(person: Person, found: list[tuple[str, Message, bool]]) -> list[tuple[str, Link]]:
        return [(h, weighed(person, how, sure)) for h, how, sure in found]

    def _by_number(self, person: Person, members: Members) -> list[tuple[str, Message, bool]]:
        head = self._by_id.get(person.id_key)
        found = {} if head is None else {head: _BY_HEAD}
        for household, name in members.get(person.id_key, ()):
            found.setdefault(household, message(BY_MEMBER, member=name))
        return [(h, how, True) for h, how in sorted(found.items())]

    def _by_place(self, person: Person) -> list[tuple[str, Message, bool]]:
        if not (person.name_key and (person.township or person.village)):
            return []
        there = self._namesakes.at(person.name_key, (person.county, person.township, person.village))
        ids = [self._rows.ids[i] for i in there]
        if not (person.township and person.village):
            return [(h, message(PART_OF_PLACE), False) for h in ids]
        if person.id_key:
            return [(h, message(OTHER_ID), False) for h in ids]
        return [(h, message(BY_PLACE if len(ids) == 1 else NAMESAKES), len(ids) == 1) for h in ids]


class _Namesakes:
    """The rows of heads of one name in one village, by array: in a province a name's bearers are hundreds."""

    def __init__(self, households: HouseholdRows, wanted: Iterable[str]) -> None:
        number = dict(zip(wanted, count()))
        values = households.name_keys.values
        name = np.fromiter(map(number.get, values, repeat(-1)), np.int64, len(values))[households.name_keys.codes]
        name[[households.index[key] for key in households.judged_as]] = -1
        rows = np.flatnonzero(name >= 0)
        rows = rows[np.lexsort((name[rows], households.place[rows]))]
        self._width = len(number)
        self._keys, self._rows = (households.place[rows] * self._width + name[rows]).tolist(), rows.tolist()
        there = np.bincount(name[rows], minlength=len(number)) > 0
        self._number = {key: k for key, k in number.items() if there[k]}
        self._villages: dict[str, list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
        """Villages by their own name and by their township's, each with its path."""
        for village in np.flatnonzero(np.bincount(households.place)).tolist():
            path = households.places.path(village)
            for key in set(path[1:]):
                self._villages[key].append((village, path))

    def any(self, name_key: str) -> bool:
        """Return whether some household's head has the name."""
        return name_key in self._number

    def at(self, name_key: str, given: tuple[str, str, str]) -> list[int]:
        """Return the rows of the heads of a name whose county, township and village agree where they are given, sorted."""
        name = self._number.get(name_key)
        if name is None:
            return []
        found: list[int] = []
        for village, path in self._villages.get(given[2] or given[1], ()):
            if all(not (said and own) or said == own for said, own in zip(given, path, strict=True)):
                first, end = (bisect_left(self._keys, village * self._width + name + more) for more in (0, 1))
                found += self._rows[first:end]
        return sorted(found)


def weighed(person: Person, how: Message, fits: bool, points: int = 100) -> Link:
    """Return a link; it keeps the household out only if the row surely means it, the category is listed and the months clear."""
    if not person.listed:
        return Link(person, message(OTHER_CATEGORY, how=how), False, fits, points)
    if not person.clear:
        return Link(person, message(UNREADABLE_MONTHS, how=how), False, fits, points)
    return Link(person, how, fits, fits, points)
