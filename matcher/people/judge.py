"""The whole judgement of a month: raw tables and the policy in, decisions and the instance out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from matcher.domain import Cadres, Decision, Households, Instance, Ints, Lists, Pairs
from matcher.errors import InputError, JieduiError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.parallel import asking
from matcher.people.alarms import alarms
from matcher.people.alike import Among, among_members, told
from matcher.people.cadres import CadreRows, UnitKey, read_cadres, read_units
from matcher.people.decide import Judged, band_of, decide, surely_listed, uncertain_findings
from matcher.people.fixed import check_fixed, check_required, ended_pins
from matcher.people.households import HouseholdRows, read_rows, with_incomes
from matcher.people.income import read_amounts
from matcher.people.misplaced import misplaced
from matcher.people.permission import Permission
from matcher.people.places import TOWNSHIP
from matcher.people.problems import refused_with
from matcher.people.relations import PairRows, Relations, read_relations
from matcher.people.reused import Reused
from matcher.people.review import Answer, Review, read_answers, reviews, with_answers
from matcher.people.welfare import Finder, Links, link_welfare, read_welfare
from matcher.policy import Policy
from matcher.tables.cells import fold_name
from matcher.tables.coded import Coded, coded
from matcher.tables.month import RawTables

ENOUGH_MEMBERS = 15_000
"""Rows of members from which on it is worth a process to look among them."""


@dataclass(frozen=True)
class Judgement:
    """The month as judged: all rows with their decisions, the relations between them, and what is to be solved.

    Attributes
    ----------
    decided : Coded of Judged
        Of every household row.
    eligible, taking_part : (n,), (m,) int
        The rows of the instance's households and cadres.
    permitted_last : (roster rows,) bool
        Which of last month's pairs are permitted.
    reviews : tuple of Review
        Welfare rows that may mean a household, and the answers.
    """

    households: HouseholdRows
    cadres: CadreRows
    relations: Relations
    decided: Coded[Judged]
    eligible: Ints
    taking_part: Ints
    permitted_last: npt.NDArray[np.bool_]
    instance: Instance
    permission: Permission
    findings: tuple[Finding, ...]
    reviews: tuple[Review, ...] = ()

    @cached_property
    def decisions(self) -> list[Judged]:
        """Every row's decision."""
        return self.decided.tolist()

    def counts(self) -> dict[str, int]:
        """Return how many household rows have each decision."""
        found = dict.fromkeys(Decision, 0)
        for judged, times in zip(self.decided.values, np.bincount(self.decided.codes, minlength=len(self.decided.values)), strict=True):
            found[judged.decision] += int(times)
        return {str(decision): times for decision, times in found.items()}


def judge(tables: RawTables, policy: Policy, reused: Reused | None = None) -> Judgement:
    """Judge a month.

    Parameters
    ----------
    reused : Reused, optional
        Where several policies or variants of the same tables are judged: what they share is read once.

    Raises
    ------
    InputError
        A table cannot be used.
    ContradictionError
        Fixed pairs are not permitted or cannot all stand.
    """
    findings = list(tables.findings)
    known = Reused() if reused is None else reused
    try:
        with refused_with(known("misplaced", tuple(tables.tables.values()), (), findings, partial(misplaced, tables.tables.values()))):
            return _judged(tables, policy, known, reused is None, findings)
    except JieduiError as error:
        error.noticed = tuple(findings)
        raise


def _judged(tables: RawTables, policy: Policy, known: Reused, alone: bool, findings: list[Finding]) -> Judgement:
    words = policy.vocabulary
    rows = known("households", (tables["households"],), (words,), findings, partial(read_rows, tables["households"], policy))
    beside = alone and len(tables["members"]) >= ENOUGH_MEMBERS  # what another process found is not there the next time
    among, tell = asking(partial(among_members, tables["members"], rows), beside)
    with among:
        amounts = known("amounts", (tables["households"],), (policy.tables.income_unit,), findings,
                        partial(read_amounts, tables["households"], policy.tables.income_unit))
        households = with_incomes(rows, tables["households"], amounts, policy.eligibility.income_threshold, findings)
        units = known("units", (tables["units"], rows), (), findings, partial(read_units, tables["units"], rows.places))
        listed = known("listed", (tables["welfare"],), (words, policy.programme.month, policy.eligibility.welfare_categories), findings,
                       partial(read_welfare, tables["welfare"], policy))
        finder = known("finder", (listed, rows), (), findings, lambda _: Finder(rows, listed))
        tell(finder.sought_among_members)
        rule = policy.townships
        cadres = known("cadres", (tables["cadres"], units, rows),
                       (words, policy.cadres, policy.capacity, policy.duty, rule.rule, rule.empty_means, rule.any_ranks), findings,
                       partial(read_cadres, tables["cadres"], units, rows.places, policy))
        said = tuple(tables[name] for name in ("roster", "avoid", "require", "affinity"))
        relations = known("relations", (*said, rows, cadres), (), findings, partial(read_relations, tables.tables, rows, cadres))
        members = known("members", (tables["members"], finder, rows), (), findings, partial(told, among))
    links, answers = known("links", (tables["welfare"], tables["review"], finder, members, rows), (), findings,
                           partial(_links, tables, finder, members, rows))
    sure = known("sure", (links, rows), (), findings, lambda _: surely_listed(rows, links))
    decisions = decide(households, links, sure, policy)
    findings += uncertain_findings(households, decisions, policy)
    eligible = np.array(decisions.rows_where(lambda judged: judged.decision is Decision.ELIGIBLE), np.int64)
    taking = known("taking part", (cadres,), (policy.rank_levels,), findings, lambda _: _TakingPart.of(cadres, policy))
    numbers = _Numbers.of(households, cadres, eligible, taking.rows)
    instance = _instance(households, taking, relations, eligible, numbers, policy, findings)
    findings += alarms(tables, policy, households.places, listed, relations.roster, instance, findings)
    permission = Permission(instance)
    standing = numbers.permitted(relations.roster, permission)
    instance = instance.replace(fixed=_fixed(permission, relations, standing, numbers, decisions, tables, findings))
    check_fixed(instance, relations, tables)
    return Judgement(households, cadres, relations, decisions, eligible, taking.rows, standing, instance, permission, tuple(findings),
                     tuple(reviews(links, answers, households, decisions)))


def _links(
    tables: RawTables, finder: Finder, members: Among, households: HouseholdRows, findings: list[Finding]
) -> tuple[Links, list[Answer]]:
    """Return whom the welfare lists mean or may mean, as the answers to reviews leave it, and the answers."""
    links = link_welfare(tables["welfare"], finder, members.by_number, findings, members.alike)
    answers = read_answers(tables["review"], finder.persons, households, findings)
    return with_answers(links, answers, tables["review"], findings)


@dataclass(frozen=True)
class _Numbers:
    """The number in the instance of every row of households and cadres; -1 for those not in it and, at the end, for nobody."""

    household: Ints
    cadre: Ints

    @staticmethod
    def of(households: HouseholdRows, cadres: CadreRows, eligible: Ints, taking_part: Ints) -> _Numbers:
        """Return the numbers, given the rows that are in the instance."""
        found = np.full(len(households.ids) + 1, -1, np.int64), np.full(len(cadres.ids) + 1, -1, np.int64)
        found[0][eligible], found[1][taking_part] = np.arange(len(eligible)), np.arange(len(taking_part))
        return _Numbers(*found)

    def of_rows(self, rows: PairRows) -> Pairs:
        """Return a table's rows by the numbers of the instance, -1 for somebody not in it."""
        return Pairs(self.household[rows.household], self.cadre[rows.cadre], rows.value)

    def inside(self, rows: PairRows) -> Pairs:
        """Return the rows whose household is eligible and whose cadre takes part."""
        found = self.of_rows(rows)
        return found.where((found.household >= 0) & (found.cadre >= 0))

    def permitted(self, rows: PairRows, permission: Permission) -> npt.NDArray[np.bool_]:
        """Return which rows' pairs are permitted."""
        found = self.of_rows(rows)
        good = (found.household >= 0) & (found.cadre >= 0)
        good[good] = permission.of_pairs(found.household[good], found.cadre[good])
        return good


@dataclass(frozen=True)
class _TakingPart:
    """The cadres who take part: their rows, and as the instance has them with their sets of skills, their units and the units' limits."""

    rows: Ints
    cadres: Cadres
    skills: list[tuple[str, ...]]
    units: tuple[str, ...]
    limits: Ints

    @staticmethod
    def of(rows: CadreRows, policy: Policy) -> _TakingPart:
        """Return those of all rows of cadres."""
        taking = [i for i, why in enumerate(rows.why_not) if not why]
        skills, skill_of = coded([rows.skills[i] for i in taking]).numbered()
        units = sorted({rows.units[i] for i in taking})
        limits = [rows.unit_rows[k].capacity if k in rows.unit_rows else -1 for k in units]
        cadres = _cadres(rows, taking, skill_of, units, policy)
        return _TakingPart(np.array(taking, np.int64), cadres, skills, tuple("/".join(k) for k in units), np.array(limits, np.int64))


def _instance(
    rows: HouseholdRows, taking: _TakingPart, relations: Relations, chosen: Ints, numbers: _Numbers, policy: Policy, findings: list[Finding]
) -> Instance:
    needs, need_of = rows.needs.taken(chosen).numbered()
    return Instance(
        _households(rows, chosen, need_of, policy), taking.cadres,
        np.array(rows.places.parents, np.int64), tuple("/".join(rows.places.path(p)) for p in range(len(rows.places.names))),
        _met(needs, taking.skills), tuple(map("、".join, needs)), tuple(map("、".join, taking.skills)), taking.units, taking.limits,
        _quotas(rows, policy, findings), numbers.inside(relations.roster), Pairs.from_rows([]), numbers.inside(relations.avoid),
        numbers.inside(relations.affinity), len(policy.priority.bands) + 1,
    )


def _met(needs: list[tuple[str, ...]], skills: list[tuple[str, ...]]) -> Ints:
    words = {w: k for k, w in enumerate(sorted({w for s in needs + skills for w in s}))}

    def matrix(sets: list[tuple[str, ...]]) -> Ints:
        table = np.zeros((len(sets), max(len(words), 1)), np.int64)
        for k, s in enumerate(sets):
            table[k, [words[w] for w in s]] = 1
        return table

    return matrix(needs) @ matrix(skills).T


def _households(rows: HouseholdRows, chosen: Ints, need_of: Ints, policy: Policy) -> Households:
    amounts, rank = rows.income.taken(chosen).numbered()
    figures = [Decimal(a) for a in amounts]
    first = policy.continuity.first_up_to_income
    village = rows.place[chosen]
    return Households(
        tuple(map(rows.ids.__getitem__, chosen.tolist())), village, np.array(rows.places.parents, np.int64)[village],
        _ints(band_of(a, policy.priority.bands) for a in figures)[rank], rank,
        np.array([first is not None and a <= first for a in figures], np.bool_)[rank], need_of,
        rows.partners[chosen], rows.waiting[chosen],
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def _cadres(rows: CadreRows, taking: list[int], skill_of: Ints, unit_keys: list[UnitKey], policy: Policy) -> Cadres:
    unit = {key: k for k, key in enumerate(unit_keys)}
    return Cadres(
        tuple(map(rows.ids.__getitem__, taking)), _ints(map(unit.__getitem__, map(rows.units.__getitem__, taking))),
        _ints(map(rows.capacity.__getitem__, taking)), _ints(map(rows.duty.__getitem__, taking)),
        _ints(policy.rank_levels.get(rows.ranks[i], 0) for i in taking), skill_of,
        Lists.from_rows([rows.places[i] for i in taking]), Lists.from_rows([rows.links[i] for i in taking]),
    )


def _quotas(rows: HouseholdRows, policy: Policy, findings: list[Finding]) -> Ints:
    places = rows.places
    found = np.full(len(places.names), -1, np.int64)
    for text, limit in policy.townships.capacity.items():
        place = places.resolve(fold_name(text), places.county_of(""))
        if place is None:
            known = message(N_("No household lives in {place}. Is the name written as in the households' table?"), place=text)
            findings.append(Finding("policy", "policy.toml", None, "townships.capacity", "unknown_place", known))
        elif places.levels[place] != TOWNSHIP:
            wrong = message(N_("{place} is no township; a quota is for a township."), place=text)
            raise InputError(wrong, [Finding("policy", "policy.toml", None, "townships.capacity", "quota_not_township", wrong)])
        else:
            found[place] = limit
    return found


def _fixed(
    permission: Permission, relations: Relations, standing: npt.NDArray[np.bool_], numbers: _Numbers, decisions: Coded[Judged],
    tables: RawTables, findings: list[Finding],
) -> Pairs:
    """Return the pairs that must stand: the required ones, and last month's pinned ones while they are permitted."""
    require, roster = relations.require, relations.roster
    check_required(require, numbers.permitted(require, permission), numbers.of_rows(require), decisions, relations.avoid, tables["require"])
    findings += ended_pins(roster, standing, tables["roster"])
    kept = numbers.of_rows(roster).where(standing & (roster.value == 1))
    wanted = numbers.of_rows(require)
    return Pairs.from_rows(sorted({(int(h), int(c), 0) for p in (wanted, kept) for h, c in zip(p.household, p.cadre, strict=True)}))
