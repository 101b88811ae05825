"""The judged month, plainly: who is eligible, who takes part, which pairs are permitted and what each of them brings.

Tables are lists of rows of canonical text, as `csv.DictReader` gives them; the policy is the dict that TOML gives. Only what
the random months hold is judged here (welfare rows by ID number, incomes that are numbers); a caller that has the decisions
from elsewhere passes them in.
"""

from __future__ import annotations

import csv
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

Table = list[dict[str, str]]
Tables = dict[str, Table]
Policy = dict[str, Any]
Pair = tuple[str, str]
Place = tuple[str, ...]  # county, township[, village]
Links = dict[Place, set[Place]]  # unit -> its villages
Gains = dict[str, dict[Pair, int]]  # of every objective that is a sum over pairs

TABLES = ("households", "members", "cadres", "units", "welfare", "roster", "avoid", "require", "affinity")
ORDER = ["coverage", "duty", "continuity", "village_link", "fit", "balance"]
BY_PAIR = ("continuity_first", "continuity", "village_link", "fit", "affinity", "rank_match")


@dataclass(frozen=True)
class House:
    """An eligible household."""

    place: Place  # county, township, village
    income: Decimal
    band: int  # bands that lie wholly below its income: 0 is the poorest
    level: int  # its place in the order of coverage: the band, or the rank of its income
    partners: int
    waiting: int
    needs: frozenset[str]


@dataclass(frozen=True)
class Cadre:
    """A cadre who takes part."""

    county: str
    unit: Place  # county, unit
    rank: str
    capacity: int
    duty: int  # never above the capacity
    skills: frozenset[str]
    townships: str


@dataclass(frozen=True)
class Model:
    """What an optimiser needs of a month."""

    order: tuple[str, ...]  # objectives, continuity_first included where the policy has it
    by_income: bool
    leximax: bool
    levels: int  # bands, or distinct incomes
    deepest: int  # most partners of an eligible household
    decisions: dict[str, str]
    houses: dict[str, House]
    cadres: dict[str, Cadre]
    pairs: tuple[Pair, ...]  # permitted
    fixed: frozenset[Pair]
    gains: Gains
    units: dict[Place, int]  # capacities, where there are any
    towns: dict[Place, int]

    def of_house(self) -> dict[str, list[str]]:
        """Return the cadres that each household may have."""
        out: dict[str, list[str]] = {h: [] for h in self.houses}
        for h, c in self.pairs:
            out[h].append(c)
        return out

    def of_cadre(self) -> dict[str, list[str]]:
        """Return the households that each cadre may have."""
        out: dict[str, list[str]] = {c: [] for c in self.cadres}
        for h, c in self.pairs:
            out[c].append(h)
        return out


def read_month(folder: Path) -> tuple[Tables, Policy]:
    """Return the canonical CSV tables and the policy of a month folder; a missing table is empty."""
    tables: Tables = {}
    for name in TABLES:
        path = folder / f"{name}.csv"
        tables[name] = list(csv.DictReader(path.read_text("utf-8-sig").splitlines())) if path.exists() else []
    return tables, tomllib.loads((folder / "policy.toml").read_text("utf-8"))


def many(text: str | None) -> list[str]:
    """Return the values of a cell that holds several."""
    return [x for x in (text or "").split(";") if x]


def number(text: str) -> Decimal:
    """Return an income as the tables write it."""
    return Decimal(unicodedata.normalize("NFKC", text).replace(",", "").removesuffix("元"))


def identity(text: str | None) -> str:
    """Return an ID number of 18 digits, whatever its spelling; blank where there is none."""
    digits = unicodedata.normalize("NFKC", text or "").strip().upper()
    if len(digits) == 15:
        digits = with_check_digit(digits[:6] + "19" + digits[6:])
    return digits[:18]


def with_check_digit(digits: str) -> str:
    """17 digits and their check digit."""
    total = sum(int(d) * 2 ** (17 - i) for i, d in enumerate(digits))
    return digits + "10X98765432"[total % 11]


def meaning(policy: Policy) -> dict[str, str]:
    """Word of the tables -> the policy's word for it."""
    return {word: key for key, words in policy.get("vocabulary", {}).items() for word in words}


def originals(households: Table) -> dict[str, str]:
    """Duplicate -> the household judged in its place (the smallest id with that ID number)."""
    first: dict[str, str] = {}
    out: dict[str, str] = {}
    for row in sorted(households, key=lambda r: r["household_id"]):
        h, person = row["household_id"], identity(row.get("id_number"))
        if person and first.setdefault(person, h) != h:
            out[h] = first[person]
    return out


def judge(tables: Tables, policy: Policy) -> dict[str, str]:
    """Return the decision of every household row, where welfare rows have ID numbers and incomes are numbers."""
    rule, month, words = policy["eligibility"], policy["programme"]["month"], meaning(policy)
    duplicates = originals(tables["households"])
    persons: dict[str, str] = {}
    for row in tables["members"] + tables["households"]:
        persons[identity(row["id_number"])] = duplicates.get(row["household_id"], row["household_id"])
    listed = set()
    for row in tables["welfare"]:
        valid = (row["valid_from"] or month) <= month <= (row["valid_to"] or month)
        category = words.get(row["category"], row["category"])
        if valid and category in rule.get("welfare_categories", ["低保", "五保"]):
            listed.add(persons.get(identity(row["id_number"]) or "no ID number"))
    threshold, inclusive = Decimal(str(rule["income_threshold"])), rule.get("threshold_inclusive", True)
    out = {}
    for row in tables["households"]:
        h, income = row["household_id"], number(row["income"])
        above = income > threshold or (income == threshold and not inclusive)
        reasons = {"duplicate": h in duplicates, "on_welfare_list": h in listed, "above_threshold": above, "eligible": True}
        out[h] = next(reason for reason, holds in reasons.items() if holds)
    return out


class Counties:
    """How places and units are known by county and name."""

    def __init__(self, tables: Tables) -> None:
        self.names = {row.get("county") or "" for row in tables["households"]} - {""}
        self.only = next(iter(self.names)) if len(self.names) == 1 else ""

    def of(self, row: dict[str, str]) -> str:
        """Return the county of a row; everybody's where there is only one."""
        return row.get("county") or self.only

    def place(self, text: str, county: str) -> Place:
        """Return a township or a village, as a cell or a key of the policy names it, seen from a county."""
        parts = tuple(text.split("/"))
        return parts if parts[0] in self.names else (county, *parts)


def own(row: dict[str, str], policy: Policy, key: str) -> int:
    """Return a cadre's capacity or duty: the own column, else the rank's, else the default."""
    rule = policy.get(key, {})
    if row.get(key):
        return int(row[key])
    return int(rule.get("by_rank", {}).get(row.get("rank"), rule.get("default", {"capacity": 3, "duty": 0}[key])))


def taking_part(tables: Tables, policy: Policy, counties: Counties) -> dict[str, Cadre]:
    """Return the cadres who take part."""
    out: dict[str, Cadre] = {}
    rule, words = policy.get("cadres", {}), meaning(policy)
    kinds = {(counties.of(u), u["unit"]): u.get("kind") for u in tables["units"]}
    for row in tables["cadres"]:
        unit, capacity = (counties.of(row), row["unit"]), own(row, policy, "capacity")
        excluded = kinds.get(unit) in rule.get("exclude_kinds", []) or row.get("rank") in rule.get("exclude_ranks", [])
        excluded = excluded or bool(set(many(row.get("tags"))) & set(rule.get("exclude_tags", [])))
        if not excluded and capacity > 0 and row.get("available") != "否":
            skills = frozenset(words.get(w, w) for w in many(row.get("skills")))
            duty = min(own(row, policy, "duty"), capacity)
            where = row.get("townships") or ""
            out[row["cadre_id"]] = Cadre(counties.of(row), unit, row.get("rank") or "", capacity, duty, skills, where)
    return out


def eligible(tables: Tables, policy: Policy, decisions: dict[str, str], counties: Counties) -> dict[str, House]:
    """Return the eligible households."""
    words, priority = meaning(policy), policy.get("priority", {})
    rows = [row for row in tables["households"] if decisions[row["household_id"]] == "eligible"]
    incomes = sorted({number(row["income"]) for row in rows})
    out: dict[str, House] = {}
    for row in rows:
        income = number(row["income"])
        band = sum(income > Decimal(str(b)) for b in priority.get("bands", [1500]))
        level = incomes.index(income) if priority.get("by") == "income" else band
        place = (counties.of(row), row["township"], row["village"])
        needs = frozenset(words.get(w, w) for w in many(row.get("needs")))
        partners, waiting = int(row.get("partners") or 1), int(row.get("waiting") or 0)
        out[row["household_id"]] = House(place, income, band, level, partners, waiting, needs)
    return out


def linked_villages(tables: Tables, counties: Counties) -> Links:
    """Return unit -> its villages."""
    out: Links = {}
    for row in tables["units"]:
        county = counties.of(row)
        out[county, row["unit"]] = {counties.place(v, county) for v in many(row.get("villages"))}
    return out


def may_serve(house: House, cadre: Cadre, links: set[Place], policy: Policy, counties: Counties) -> bool:
    """Whether the household's place is among the cadre's."""
    rule = policy.get("townships", {})
    whole = not cadre.county or cadre.county == house.place[0]
    if rule.get("rule") == "any" or cadre.rank in rule.get("any_ranks", []):
        return whole
    places = {
        "listed": {counties.place(t, cadre.county) for t in many(cadre.townships)},
        "units": {v[:2] for v in links},
        "villages": links,
    }[rule.get("rule", "listed")]
    if not places:
        return whole and rule.get("empty_means", "any") == "any"
    return house.place[:2] in places or house.place in places


def build(tables: Tables, policy: Policy, decisions: dict[str, str] | None = None) -> Model:
    """Return the model of a month."""
    counties = Counties(tables)
    decisions = judge(tables, policy) if decisions is None else decisions
    houses, cadres = eligible(tables, policy, decisions, counties), taking_part(tables, policy, counties)
    links, same = linked_villages(tables, counties), originals(tables["households"])
    avoid = {(same.get(r["household_id"], r["household_id"]), r["cadre_id"]) for r in tables["avoid"]}
    pairs = [
        (h, c)
        for h, house in sorted(houses.items())
        for c, cadre in sorted(cadres.items())
        if (h, c) not in avoid and may_serve(house, cadre, links.get(cadre.unit, set()), policy, counties)
    ]
    fixed = {(r["household_id"], r["cadre_id"]) for r in tables["roster"] if r.get("pinned") == "是"} & set(pairs)
    fixed |= {(r["household_id"], r["cadre_id"]) for r in tables["require"]}
    priority, order = policy.get("priority", {}), list(policy.get("objectives", {}).get("order", ORDER))
    by_income = priority.get("by") == "income"
    order = order if "coverage" in order else ["coverage", *order]
    order = ["continuity_first", *order] if "first_up_to_income" in policy.get("continuity", {}) else order
    quotas = policy.get("townships", {}).get("capacity", {})
    return Model(
        order=tuple(order),
        by_income=by_income,
        leximax=policy.get("objectives", {}).get("balance") == "leximax",
        levels=len({h.income for h in houses.values()}) if by_income else len(priority.get("bands", [1500])) + 1,
        deepest=max((h.partners for h in houses.values()), default=1),
        decisions=decisions,
        houses=houses,
        cadres=cadres,
        pairs=tuple(pairs),
        fixed=frozenset(fixed),
        gains=gains_of(tables, policy, houses, cadres, pairs, links),
        units={(counties.of(u), u["unit"]): int(u["capacity"]) for u in tables["units"] if u.get("capacity")},
        towns={counties.place(t, counties.only): int(n) for t, n in quotas.items()},
    )


def gains_of(tables: Tables, policy: Policy, houses: dict[str, House], cadres: dict[str, Cadre], pairs: list[Pair], links: Links) -> Gains:
    """Return what each permitted pair adds to the objectives that are sums over pairs."""
    old = {(r["household_id"], r["cadre_id"]) for r in tables["roster"]}
    score = {(r["household_id"], r["cadre_id"]): int(r["score"]) for r in tables["affinity"]}
    first = Decimal(str(policy.get("continuity", {}).get("first_up_to_income", -1)))
    depths, ranks = len(policy.get("priority", {}).get("bands", [1500])) + 1, policy.get("rank_levels", {})
    out: Gains = {name: {} for name in BY_PAIR}
    for h, c in pairs:
        house, cadre = houses[h], cadres[c]
        out["continuity_first"][h, c] = int((h, c) in old and house.income <= first)
        out["continuity"][h, c] = int((h, c) in old)
        out["village_link"][h, c] = int(house.place in links.get(cadre.unit, set()))
        out["fit"][h, c] = len(house.needs & cadre.skills)
        out["affinity"][h, c] = score.get((h, c), 0)
        out["rank_match"][h, c] = (depths - house.band) * ranks.get(cadre.rank, 0)
    return out
