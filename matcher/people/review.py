"""Answers to reviews: does a welfare row count for a household? Read from the ``review`` table, remembered from month to month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matcher.domain import Decision
from matcher.findings import Finding
from matcher.messages import N_, Message, mask_numbers, message
from matcher.people.decide import Judged
from matcher.people.households import HouseholdRows
from matcher.people.identity import id_key, mask_id
from matcher.people.problems import filled, ids, refuse_if_any
from matcher.people.relations import absent_finding
from matcher.people.welfare import Link, Links, Person, order
from matcher.tables.cells import as_text, excerpt, read, read_names, yes_or_no
from matcher.tables.coded import Coded
from matcher.tables.table import RawTable

CONFIRMED = N_("answered yes in review by {who}, {when}")
DENIED = N_("answered no in review by {who}, {when}")
_NOBODY = N_("No valid row of the welfare lists is {name}, {place} this month: the answer was left out.")
_SEVERAL = N_("Several rows of the welfare lists are {name}, {place}: the answer was left out. Give the row's place and ID number.")
_BOTH = N_("Row {row} of {sheet} answers otherwise for the same household and welfare row: neither answer counts. Keep one of the two.")
_AGAIN = N_("The same answer stands in row {row} of {sheet}; it counts once.")
_OTHERS = N_("The welfare row {name} is surely {others}: the answer yes for {household} was left out.")
_CERTAIN = N_("The welfare row {name} surely fits {household}: the answer no was left out. Correct the welfare list if it is wrong.")
_TWICE = N_("The welfare row {name} is answered yes for several households ({all}): all of them are kept out.")


@dataclass(frozen=True)
class Answer:
    """What somebody answered.

    Attributes
    ----------
    row : int
        Index in the raw table.
    """

    row: int
    household: str
    person: Person
    yes: bool
    who: str
    when: str


@dataclass(frozen=True)
class Review:
    """A household that a welfare row may mean, with the answer if there is one.

    Attributes
    ----------
    points : int or None
        How like the two are; None where only the answer links them.
    """

    household: str
    person: Person
    points: int | None
    evidence: Message
    answer: Answer | None


def read_answers(table: RawTable, persons: Sequence[Person], households: HouseholdRows, findings: list[Finding]) -> list[Answer]:
    """Return the answers that can be used, each household and welfare row once, sorted by household.

    Rows without an answer are reviews still open and say nothing. A duplicate household's answers count for the one judged in its
    place. What names nobody, several rows or says yes and no is left out, with a finding.

    Raises
    ------
    InputError
        A blank household_id or name, an answer that is neither yes nor no.
    """
    problems: list[Finding] = []
    keys, names = ids(table, "household_id", problems), filled(table, "name", problems, read_names).tolist()
    said = _said(table, problems)
    refuse_if_any(problems)
    absent = {i for i, key in enumerate(keys) if said[i] is not None and key not in households.index}
    findings += [absent_finding(table, i, "household_id", keys[i]) for i in sorted(absent)]
    who, when, numbers = (table.column(c).map(lambda c: mask_numbers(as_text(c)).strip()).tolist() for c in ("who", "when", "id_number"))
    places = list(zip(*(table.column(c).over(read_names).tolist() for c in ("county", "township", "village")), strict=True))
    named = defaultdict(list)
    for person in persons:
        named[person.name_key].append(person)
    found = []
    for row, (key, yes) in enumerate(zip(keys, said, strict=True)):
        if yes is None or row in absent:
            continue
        meant = [p for p in named.get(names[row], ()) if _is(p, places[row], read(numbers[row]))]
        if len(meant) != 1:
            text = message(_SEVERAL if meant else _NOBODY, name=names[row], place="".join(places[row]) or "-")
            findings.append(table.finding(row, "name", "review_ambiguous" if meant else "review_stale", text))
        else:
            found.append(Answer(row, households.judged_as.get(key, key), meant[0], yes, who[row], when[row]))
    return _each_once(table, found, findings)


def _said(table: RawTable, problems: list[Finding]) -> list[bool | None]:
    """Return every row's answer, None where there is none yet."""
    cells = table.column("answer")
    answers = cells.map(lambda c: yes_or_no(read(c), False))
    text = N_("{value} is neither yes (是) nor no (否).")
    problems += [
        table.finding(i, "answer", "not_yes_or_no", message(text, value=excerpt(cells[i]))) for i in answers.rows_where(lambda a: a is None)
    ]
    blank = cells.map(lambda c: not read(c)).tolist()
    return [None if empty else answer for empty, answer in zip(blank, answers.tolist(), strict=True)]


def _is(person: Person, place: tuple[str, str, str], number: str) -> bool:
    """Return whether a row of the lists is what an answer names, as far as it names it."""
    own = (person.county, person.township, person.village)
    same_place = all(not given or given == its for given, its in zip(place, own, strict=True))
    return same_place and (not number or number == mask_id(person.id_key) or id_key(number) == person.id_key)


def _each_once(table: RawTable, answers: Iterable[Answer], findings: list[Finding]) -> list[Answer]:
    same: dict[tuple[str, Person], list[Answer]] = defaultdict(list)
    for answer in answers:
        same[answer.household, answer.person].append(answer)
    found = []
    for each in same.values():
        both = len({a.yes for a in each}) > 1
        first = table.finding(each[0].row, "", "", message(""))
        text = message(_BOTH if both else _AGAIN, row=first.row, sheet=first.sheet)
        findings += [table.finding(a.row, "answer", "review_contradicts" if both else "repeated_row", text) for a in each[1:]]
        if not both:
            found.append(max(each, key=lambda a: (a.when, a.who)))
    return sorted(found, key=lambda a: (a.household, a.row))


def with_answers(
    links: Links, answers: Sequence[Answer], table: RawTable, findings: list[Finding]
) -> tuple[Links, list[Answer]]:
    """Return the links as the answers leave them, and the answers that count.

    Yes keeps the household out, and the row then means no other that it was merely like; no ends a link that was not sure. What is
    certain by the rules stands against any answer.
    """
    if not answers:
        return links, []
    every = [(household, link) for household, own in links.items() for link in own]
    fits: dict[Person, set[str]] = defaultdict(set)
    for household, link in every:
        if link.fits:
            fits[link.person].add(household)
    sure = {(household, link.person) for household, link in every if link.sure}
    counts = [a for a in answers if not _against(a, fits, sure, table, findings)]
    _tell_several([a for a in counts if a.yes], table, findings)
    yes, no = {a.person for a in counts if a.yes}, {(a.household, a.person) for a in counts if not a.yes}
    left: Links = defaultdict(list)
    for household, link in every:
        if link.sure or not ((household, link.person) in no or (link.person in yes and not link.fits)):
            left[household].append(link)
    for answer in counts:
        if answer.yes and (answer.household, answer.person) not in sure:
            left[answer.household] = [k for k in left[answer.household] if k.person != answer.person]
            left[answer.household].append(Link(answer.person, _said_by(answer), True))
    return {household: sorted(own, key=order) for household, own in left.items() if own}, counts


def _said_by(answer: Answer) -> Message:
    return message(CONFIRMED if answer.yes else DENIED, who=answer.who or "-", when=answer.when or "-")


def _tell_several(yes: Sequence[Answer], table: RawTable, findings: list[Finding]) -> None:
    """Add a finding for every welfare row that is answered yes for several households."""
    by_person: dict[Person, list[Answer]] = defaultdict(list)
    for answer in yes:
        by_person[answer.person].append(answer)
    for each in by_person.values():
        if len(each) > 1:
            text = message(_TWICE, name=each[0].person.name, all="、".join(a.household for a in each))
            findings.append(table.finding(min(a.row for a in each), "answer", "review_yes_twice", text))


def _against(
    answer: Answer, fits: dict[Person, set[str]], sure: set[tuple[str, Person]], table: RawTable, findings: list[Finding]
) -> bool:
    """Return whether an answer goes against what is certain; it is told then."""
    whose = fits.get(answer.person, set())
    if answer.yes and whose and answer.household not in whose:
        text = message(_OTHERS, name=answer.person.name, others="、".join(sorted(whose)), household=answer.household)
        findings.append(table.finding(answer.row, "answer", "review_fits_other", text))
        return True
    if not answer.yes and (answer.household, answer.person) in sure:
        text = message(_CERTAIN, name=answer.person.name, household=answer.household)
        findings.append(table.finding(answer.row, "answer", "review_certain", text))
        return True
    return False


def reviews(links: Links, answers: Sequence[Answer], households: HouseholdRows, decisions: Coded[Judged]) -> list[Review]:
    """Return what is to be reviewed this month and what was answered, sorted by household, the likeliest row first."""
    answered = {(a.household, a.person): a for a in answers}
    asked = {Decision.REVIEW_WELFARE, Decision.ON_WELFARE_LIST, Decision.ELIGIBLE}
    found = [
        Review(household, link.person, link.points, link.evidence(), None)
        for household, own in links.items()
        if not own[0].sure and decisions[households.index[household]].decision in asked
        for link in own
        if (household, link.person) not in answered
    ]
    for (household, person), answer in answered.items():
        found.append(Review(household, person, None, Link(person, _said_by(answer), answer.yes).evidence(), answer))
    return sorted(found, key=_place_of)


def _place_of(review: Review) -> tuple[object, ...]:
    p = review.person
    return (review.household, -(review.points or 0), p.name, p.id_key, p.county, p.township, p.village)


