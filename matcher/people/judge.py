"""The whole judgement of a month: raw tables and the policy in, decisions and the instance out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import numpy as np

from matcher.domain import Cadres, Decision, Households, Instance, Ints, Lists, Pairs
from matcher.errors import ContradictionError, InputError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.parallel import ENOUGH_ROWS, meanwhile
from matcher.people.cadres import CadreRows, UnitKey, read_cadres, read_units
from matcher.people.decide import Judged, band_of, decide, uncertain_findings
from matcher.people.fixed import check_fixed, check_pins
from matcher.people.households import HouseholdRows, read_households
from matcher.people.permission import Permission
from matcher.people.places import TOWNSHIP
from matcher.people.relations import Relation, Relations, read_members, read_relations
from matcher.people.welfare import link_welfare, read_welfare
from matcher.policy import Policy
from matcher.tables.cells import fold_name
from matcher.tables.coded import coded
from matcher.tables.month import RawTables


@dataclass(frozen=True)
class Judgement:
    """The month as judged: all rows with their decisions, the relations between them, and what is to be solved."""

    households: HouseholdRows
    cadres: CadreRows
    relations: Relations
    decisions: list[Judged]
    instance: Instance
    permission: Permission
    findings: tuple[Finding, ...]


def judge(tables: RawTables, policy: Policy) -> Judgement:
    """Judge a month.

    Raises
    ------
    InputError
        A table cannot be used.
    ContradictionError
        Fixed pairs are not permitted or cannot all stand.
    """
    findings = list(tables.findings)
    households = read_households(tables["households"], policy, findings)
    units = read_units(tables["units"], households.places, findings)
    listed = read_welfare(tables["welfare"], policy, findings)
    wanted = frozenset(p.id_key for p in listed if p.id_key)
    members = meanwhile(partial(read_members, tables["members"], households, wanted), len(tables["members"]) >= ENOUGH_ROWS)
    cadres = read_cadres(tables["cadres"], units, households.places, policy, findings)
    relations = read_relations(tables.tables, households, cadres, findings)
    member_of, noticed = members()
    findings += noticed
    links = link_welfare(tables["welfare"], listed, member_of, households, findings)
    decisions = decide(households, links, policy)
    findings += uncertain_findings(households, decisions)
    instance = _instance(households, cadres, relations, decisions, policy, findings)
    permission = Permission(instance)
    instance = instance.replace(fixed=_fixed(instance, permission, relations, tables, findings))
    check_fixed(instance)
    return Judgement(households, cadres, relations, decisions, instance, permission, tuple(findings))


def _instance(
    rows: HouseholdRows, cadre_rows: CadreRows, relations: Relations, decisions: list[Judged], policy: Policy, findings: list[Finding]
) -> Instance:
    chosen = np.array([i for i, d in enumerate(decisions) if d.decision is Decision.ELIGIBLE], np.int64)
    taking = [i for i, why in enumerate(cadre_rows.why_not) if not why]
    needs, need_of = rows.needs.taken(chosen).numbered()
    skills, skill_of = coded([cadre_rows.skills[i] for i in taking]).numbered()
    unit_keys = sorted({cadre_rows.units[i] for i in taking})
    households = _households(rows, chosen, need_of, policy)
    cadres = _cadres(cadre_rows, taking, skill_of, unit_keys, policy)
    number = {key: k for k, key in enumerate(households.ids)}, {key: k for k, key in enumerate(cadres.ids)}
    limits = cadre_rows.unit_rows
    empty = Pairs.from_rows([])
    return Instance(
        households, cadres, np.array(rows.places.parents, np.int64),
        tuple("/".join(rows.places.path(p)) for p in range(len(rows.places.names))),
        _met(needs, skills), tuple(map("、".join, needs)), tuple(map("、".join, skills)), tuple("/".join(k) for k in unit_keys),
        np.array([limits[k].capacity if k in limits else -1 for k in unit_keys], np.int64),
        _quotas(rows, policy, findings),
        _pairs(relations.roster, *number), empty, _pairs(relations.avoid, *number), _pairs(relations.affinity, *number),
        len(policy.priority.bands) + 1,
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
        tuple(rows.ids[i] for i in chosen.tolist()), village, np.array(rows.places.parents, np.int64)[village],
        _ints(band_of(a, policy.priority.bands) for a in figures)[rank], rank,
        np.array([first is not None and a <= first for a in figures], np.bool_)[rank], need_of,
        rows.partners[chosen], rows.waiting[chosen],
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def _cadres(rows: CadreRows, taking: list[int], skill_of: Ints, unit_keys: list[UnitKey], policy: Policy) -> Cadres:
    unit = {key: k for k, key in enumerate(unit_keys)}
    return Cadres(
        tuple(rows.ids[i] for i in taking), _ints(unit[rows.units[i]] for i in taking),
        _ints(rows.capacity[i] for i in taking), _ints(rows.duty[i] for i in taking),
        _ints(policy.rank_levels.get(rows.ranks[i], 0) for i in taking), skill_of,
        Lists.from_rows([list(rows.places[i]) for i in taking]), Lists.from_rows([list(rows.links[i]) for i in taking]),
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


def _pairs(relations: Sequence[Relation], households: dict[str, int], cadres: dict[str, int]) -> Pairs:
    """Return the rows whose household is eligible and whose cadre takes part, as numbers; the rows are sorted by pair."""
    named = [(households.get(r.household, -1), cadres.get(r.cadre, -1), r.value) for r in relations]
    return Pairs.from_rows([row for row in named if row[0] >= 0 and row[1] >= 0])


def _fixed(
    instance: Instance, permission: Permission, relations: Relations, tables: RawTables, findings: list[Finding]
) -> Pairs:
    """Return the pairs that must stand: the required ones, and last month's pinned ones while they are permitted."""
    ids = instance.households.ids, instance.cadres.ids
    number = {key: k for k, key in enumerate(ids[0])}, {key: k for k, key in enumerate(ids[1])}
    wanted = _pairs(relations.require, *number)
    allowed = permission.of_pairs(wanted.household, wanted.cadre)
    good = {(ids[0][h], ids[1][c]) for h, c, ok in zip(wanted.household, wanted.cadre, allowed, strict=True) if ok}
    text = N_("{household} and {cadre} are required, but may not be paired.")
    bad = [
        tables["require"].finding(
            r.row, "household_id", "required_not_permitted", message(text, household=r.household, cadre=r.cadre)
        )
        for r in relations.require
        if (r.household, r.cadre) not in good
    ]
    if bad:
        raise ContradictionError(message(N_("Required pairs are not permitted by the policy or the tables.")), bad)
    pinned = instance.previous.where(instance.previous.value == 1)
    standing = pinned.where(permission.of_pairs(pinned.household, pinned.cadre))
    findings += check_pins(relations, standing, instance, tables["roster"])
    both = {(int(h), int(c), 0) for p in (wanted, standing) for h, c in zip(p.household, p.cadre, strict=True)}
    return Pairs.from_rows(list(both))
