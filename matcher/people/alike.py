"""Whom welfare rows without a usable ID number may mean although nothing fits: the candidates as links, with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.people.households import HouseholdRows
from matcher.people.likeness import Candidate, Likeness, Sought
from matcher.people.relations import MemberRows, read_members
from matcher.people.welfare import Link, Members, Person, weighed
from matcher.tables.table import RawTable

LIKE = N_("nothing fits exactly, {points} points of 99: {name}, {place}")
LIKE_PERSONS = N_("nothing fits exactly, {points} points of 99: {name}, {place}, {persons}")
ONE_OF = N_("{how}; the row is also like {others}")
_MOST_SHOWN = 3


@dataclass(frozen=True)
class Among:
    """What the members' table says of the persons on the welfare lists: by ID number, and whom those may mean who fit nobody, in order."""

    by_number: Members
    alike: list[list[tuple[str, Link]]]
    noticed: list[Finding]


def among_members(table: RawTable, households: HouseholdRows, asked: Callable[[], tuple[set[str], list[Person]]]) -> Among:
    """Read the members' table and look among them, once it is known for whom."""
    noticed: list[Finding] = []
    members = read_members(table, households, noticed)
    numbers, without_fit = asked()
    return Among(members.by_number(numbers, households.ids), alike_links(without_fit, households, members), noticed)


def told(among: Callable[[], Among], findings: list[Finding]) -> Among:
    """Return what was found among the members, and tell what was noticed there."""
    found = among()
    findings += found.noticed
    return found


def alike_links(persons: Sequence[Person], households: HouseholdRows, members: MemberRows) -> list[list[tuple[str, Link]]]:
    """Return for every person the (household_id, link) of those who may be meant, none of them sure, the likeliest first.

    A row without any place is name alone, and finds nobody.
    """
    sought = [Sought(p.name_key, p.county, p.township, p.village, p.persons) for p in persons]
    placed = [s for s in sought if s.township or s.village]
    if not placed:
        return [[] for _ in persons]
    likeness = Likeness(households, members, placed)
    found = [likeness.of(s) if s.township or s.village else [] for s in sought]
    return [_links(person, each, households.ids) for person, each in zip(persons, found, strict=True)]


def _links(person: Person, candidates: Sequence[Candidate], ids: Sequence[str]) -> list[tuple[str, Link]]:
    found = []
    for c in candidates:
        how = _with_others(_reasons(c), [ids[other.household] for other in candidates if other is not c])
        found.append((ids[c.household], weighed(person, how, False, c.points)))
    return found


def _reasons(found: Candidate) -> Message:
    name, place = message(found.name, member=found.member), message(found.place)
    if not found.persons:
        return message(LIKE, points=found.points, name=name, place=place)
    return message(LIKE_PERSONS, points=found.points, name=name, place=place, persons=message(found.persons))


def _with_others(how: Message, others: Sequence[str]) -> Message:
    shown = "、".join(others[:_MOST_SHOWN]) + ("…" if len(others) > _MOST_SHOWN else "")
    return message(ONE_OF, how=how, others=shown) if others else how
