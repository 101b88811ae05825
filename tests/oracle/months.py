"""Random months, made so that everything that can meet does meet: objectives in any order, quotas, pins, ties, counties.

`random_month(seed, size)` gives the same month for the same arguments, on any machine. Sizes: "small" (at most 7 households
and 4 cadres, for brute force) and "medium" (30 to 120 households, 8 to 40 cadres).
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from .model import Model, Pair, Policy, Table, Tables, build, with_check_digit

COLUMNS = {
    "households": "household_id head_name id_number county township village hamlet members income needs partners waiting",
    "members": "household_id name id_number",
    "cadres": "cadre_id name unit county rank capacity duty townships skills available tags",
    "units": "unit county kind villages capacity",
    "welfare": "name id_number township village category valid_from valid_to",
    "roster": "household_id cadre_id since pinned",
    "avoid": "household_id cadre_id reason",
    "require": "household_id cadre_id reason",
    "affinity": "household_id cadre_id score",
}
WORDS = {"生产技术": ["技术", "农技"], "资金": ["钱款"], "生产项目": ["项目"], "低保": ["最低生活保障"]}
NEEDS = ["资金", "物资", "生产技术", "生产项目", "就业培训"]
SYNONYMS = ["技术", "农技", "钱款", "项目"]
RANKS = ["正处级", "正科级", "副科级", "一般干部"]
TIED = ["800", "1000", "1000", "1500", "1500", "1501", "1999.5", "2000", "2000", "2400", "2500", "2700"]
LATER = ["duty", "continuity", "village_link", "fit", "affinity", "waiting", "rank_match", "balance"]
TOWNS = ["鹤溪镇", "渤海镇", "东坑镇", "英川镇", "沙湾镇"]


class Maker:
    """One random month in the making."""

    def __init__(self, seed: int, size: str) -> None:
        self.rng = random.Random(f"jiedui {size} {seed}")  # noqa: S311 - made-up data
        self.small = size == "small"
        self.counties = self.one_of(10 * [[""]] + 2 * [["甲县"]] + 3 * [["甲县", "乙县"]] + [["甲县", "乙县", "丙县"]])
        self.many_counties = len(self.counties) > 1
        most = 2 if self.small or self.many_counties else 5
        towns = TOWNS[: self.rng.randint(1 if self.small else most - most // 2, most)]
        self.places = [
            (county, town, f"{town[0]}{n}村")
            for county in self.counties
            for town in towns
            for n in range(1, 1 + self.rng.randint(1 if self.small else 2, 2 if self.small else 4))
        ]
        least = len(self.counties) if self.chance(0.3) else 5
        self.houses = self.rng.randint(least, 7) if self.small else self.rng.randint(30, 120)
        self.cadres = self.one_of([1, 2, 3, 3, 4, 4]) if self.small else self.rng.randint(8, 40)
        self.units = self.rng.randint(1, 3 if self.small else 8)
        self.persons = 0

    def one_of(self, options: list[Any]) -> Any:
        """One of them."""
        return self.rng.choice(options)

    def chance(self, share: float) -> bool:
        """Yes, with this probability."""
        return self.rng.random() < share

    def some(self, options: list[str], most: int) -> list[str]:
        """Return a few of them, maybe none."""
        return self.rng.sample(options, self.rng.randint(0, min(most, len(options))))

    def person(self) -> str:
        """Return a new ID number, of a region that does not exist."""
        self.persons += 1
        year, month, day = self.rng.randint(1930, 1989), self.rng.randint(1, 12), self.rng.randint(1, 28)
        return with_check_digit(f"000000{year}{month:02}{day:02}{self.persons:03}")

    def policy(self) -> Policy:
        """Return a policy: objectives in any order, rules of all kinds; sections left out now and then."""
        rule = self.one_of(["listed", "listed", "units", "villages", "any"])
        empty = "any" if self.many_counties else self.one_of(["any", "any", "none"])
        policy: Policy = {
            "programme": {"name": "random", "source": "made up", "month": "2008-07"},
            "eligibility": {"income_threshold": 2500, "threshold_inclusive": self.chance(0.7)},
            "capacity": {"default": self.one_of([1, 2, 3]), "by_rank": {"正处级": self.one_of([0, 1, 2, 4])}},
            "duty": {"default": self.one_of([0, 0, 1, 2]), "by_rank": {"正科级": self.one_of([1, 2, 5])}},
            "townships": {"rule": rule, "empty_means": empty, "any_ranks": self.some(RANKS, 1), "capacity": self.quotas()},
            "rank_levels": {rank: self.one_of([0, 1, 2, 3]) for rank in self.some(RANKS, 4)},
            "objectives": {"order": self.order(), "balance": self.one_of(["squares", "leximax"])},
            "vocabulary": WORDS,
            "ties": {"seed": "2008-07"},
        }
        if self.chance(0.7):
            bands = self.one_of([[], [1500], [1000, 1500, 2000]])
            policy["priority"] = {"bands": bands, "by": self.one_of(["bands", "bands", "income"])}
        if self.chance(0.4):
            policy["continuity"] = {"first_up_to_income": self.one_of([1000, 1500, 2500])}
        if self.chance(0.5):
            policy["cadres"] = {
                "exclude_kinds": ["学校"] if self.chance(0.3) else [],
                "exclude_ranks": ["副科级"] if self.chance(0.15) else [],
                "exclude_tags": ["借调"],
            }
        for section in ("capacity", "duty", "objectives"):
            if self.chance(0.1):
                del policy[section]
        return policy

    def order(self) -> list[str]:
        """Objectives in any order, `balance` never before `coverage`, `coverage` sometimes unsaid."""
        names = self.rng.sample(LATER, self.rng.randint(0 if self.small else 3, len(LATER)))
        if self.chance(0.25):
            return names
        if self.chance(0.6):
            return ["coverage", *names]
        latest = names.index("balance") if "balance" in names else len(names)
        names.insert(self.rng.randint(0, latest), "coverage")
        return names

    def quotas(self) -> dict[str, int]:
        """Township quotas, some of them tight."""
        each = max(1, self.houses // max(1, len({x[:2] for x in self.places})))
        keys = sorted({f"{county}/{town}" if self.many_counties else town for county, town, _ in self.places})
        return {key: self.one_of([each // 2, each, each + 2]) if self.chance(0.9) else 0 for key in keys if self.chance(0.3)}

    def households(self) -> Table:
        """Households with few distinct values, so that ties abound; half of the months with incomes all over the range."""
        spread, deep = self.chance(0.5), self.one_of([0.0, 0.2, 0.6])
        rows = []
        for i in range(self.houses):
            here = self.counties[i] if i < len(self.counties) else self.one_of(self.counties)  # every county has somebody
            county, town, village = self.one_of([x for x in self.places if x[0] == here])
            income = str(self.rng.randint(600, 2600)) if spread else self.one_of(TIED)
            rows.append({
                "household_id": f"H{i:03}", "head_name": f"户主{i}", "id_number": self.person() if self.chance(0.9) else "",
                "county": county, "township": town, "village": village, "hamlet": "", "members": "3", "income": income,
                "needs": ";".join(self.some(NEEDS + SYNONYMS, 3)),
                "partners": self.one_of(["2", "2", "3"]) if self.chance(deep) else self.one_of(["1", ""]),
                "waiting": self.one_of(["", "0", "1", "2", "7"]),
            })  # fmt: skip
        return rows

    def cadre_rows(self) -> Table:
        """Cadres: with and without places of their own, capacities and duties; a few from above the counties."""
        rows = []
        for i in range(self.cadres):
            county = self.one_of(self.counties)
            if self.chance(0.15) or county == "" or (not self.many_counties and self.chance(0.3)):
                county = ""
            rows.append({
                "cadre_id": f"C{i:03}", "name": f"干部{i}", "unit": f"单位{self.rng.randrange(self.units)}", "county": county,
                "rank": self.one_of([*RANKS, ""]), "capacity": self.one_of([*"0011122233", "", "", "", "", "5", "9999"]),
                "duty": self.one_of(["", "", "0", "1", "2", "9"]), "townships": ";".join(self.areas(county)),
                "skills": ";".join(self.some(NEEDS + SYNONYMS, 4)),
                "available": "否" if self.chance(0.05) else self.one_of(["是", ""]), "tags": "借调" if self.chance(0.1) else "",
            })  # fmt: skip
        return rows

    def areas(self, county: str) -> list[str]:
        """Townships or single villages of a cadre, sometimes in another county, sometimes where nobody lives."""
        out = []
        for home, town, village in self.rng.sample(self.places, min(len(self.places), self.one_of([0, 1, 2, 2, 3]))):
            if self.many_counties and home != county:
                out += [f"{home}/{town}"] * (county == "" or self.chance(0.2))
            else:
                out.append(f"{town}/{village}" if self.chance(0.25) else town)
        return [*out, "无人镇"] if self.chance(0.03) and (county or not self.many_counties) else sorted(set(out))

    def unit_rows(self) -> Table:
        """Units, some without a row; the same name may stand for a unit in each county."""
        rows = []
        for county in [*self.counties, ""] if self.many_counties else self.counties:
            for i in range(self.units):
                villages = [f"{town}/{village}" for home, town, village in self.places if home == county]
                if self.chance(0.9):
                    room = "0" if self.chance(0.1) else str(max(1, self.houses // self.units // self.one_of([1, 1, 2])))
                    rows.append({
                        "unit": f"单位{i}", "county": county, "kind": self.one_of(["县直", "县直", "学校", ""]),
                        "villages": ";".join(self.some(villages, 3)), "capacity": self.one_of(["", "", "", room]),
                    })  # fmt: skip
        return rows

    def welfare(self, households: Table, members: Table) -> Table:
        """Return some heads and members on the list, by ID number; some rows expired, some of another word for the category."""
        persons = [h | {"name": h["head_name"]} for h in households]
        homes = {h["household_id"]: h for h in households}
        persons += [homes[m["household_id"]] | m for m in members]
        copied = ("name", "id_number", "township", "village")
        return [
            {key: row[key] for key in copied}
            | {"category": self.one_of(["低保", "五保", "最低生活保障"])}
            | {"valid_from": self.one_of(["", "2008-07", "2008-08"]), "valid_to": self.one_of(["", "2008-07", "2008-06"])}
            for row in persons
            if row["id_number"] and self.chance(0.05)
        ]

    def between(self, tables: Tables, pairs: list[Pair], many: int) -> list[Pair]:
        """Distinct pairs, most of them permitted ones, some between anybody, some with a person who is not there."""
        homes, people = [h["household_id"] for h in tables["households"]], [c["cadre_id"] for c in tables["cadres"]]
        out = [self.one_of(pairs) for _ in range(many) if pairs]
        out += [(self.one_of(homes), self.one_of(people)) for _ in range(many // 3)]
        out += [("H999", self.one_of(people)), (self.one_of(homes), "C999")] * self.chance(0.1)
        distinct = sorted(set(out))
        self.rng.shuffle(distinct)
        return distinct

    def tables(self, policy: Policy) -> Tables:
        """All tables of the month."""
        t: Tables = {name: [] for name in COLUMNS}
        t["households"], t["cadres"], t["units"] = self.households(), self.cadre_rows(), self.unit_rows()
        for h in t["households"]:
            if self.chance(0.3):
                t["members"].append({"household_id": h["household_id"], "name": "家人", "id_number": self.person()})
        t["welfare"] = self.welfare(t["households"], t["members"])
        many, pairs = self.houses, list(build(t, policy).pairs)
        for a, b in self.between(t, pairs, self.one_of([0, many // 5, many // 2])):
            t["avoid"].append({"household_id": a, "cadre_id": b, "reason": "亲属"})
        pairs = list(build(t, policy).pairs)
        for a, b in self.between(t, pairs, self.one_of([0, many // 4, many, many * 4])):
            t["affinity"].append({"household_id": a, "cadre_id": b, "score": str(self.one_of([-2, -1, 0, 1, 1, 2, 3]))})
        for a, b in self.between(t, pairs, self.one_of([0, many // 2, many])):
            t["roster"].append({"household_id": a, "cadre_id": b, "since": "2007-05", "pinned": ""})
        self.fix(t, build(t, policy))
        return t

    def fix(self, tables: Tables, model: Model) -> None:
        """Pins and requires: permitted pairs as long as there is room for all of them, and pins that are not permitted."""
        share, used = self.one_of([0.0, 0.1, 0.5]), Counter[object]()
        for row in tables["roster"]:
            x = row["household_id"], row["cadre_id"]
            if self.chance(share) and (x not in model.pairs or has_room(model, used, x)):
                row["pinned"] = "是"
        for x in self.between(tables, list(model.pairs), 2 if self.chance(0.3) else 0):
            pinned = any(r["pinned"] and (r["household_id"], r["cadre_id"]) == x for r in tables["roster"])
            if x in model.pairs and (pinned or has_room(model, used, x)):
                tables["require"].append({"household_id": x[0], "cadre_id": x[1], "reason": "群众意愿"})


def has_room(model: Model, used: Counter[object], pair: Pair) -> bool:
    """Whether one more fixed pair can stand beside the others; if so it is counted."""
    house, cadre = model.houses[pair[0]], model.cadres[pair[1]]
    rooms = [
        (pair[0], house.partners),
        (pair[1], cadre.capacity),
        (("unit", cadre.unit), model.units.get(cadre.unit, 10**9)),
        (("town", house.place[:2]), model.towns.get(house.place[:2], 10**9)),
    ]
    free = all(used[key] < most for key, most in rooms)
    used.update(key for key, _ in rooms if free)
    return free


def random_month(seed: int, size: str) -> tuple[Tables, Policy]:
    """Return the month of this seed and size: tables as rows of canonical text, and the policy as TOML gives it."""
    maker = Maker(seed, size)
    policy = maker.policy()
    return maker.tables(policy), policy


def write_month(folder: Path, tables: Tables, policy: Policy) -> Path:
    """Write a month folder: canonical CSV tables (empty optional ones left out) and policy.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        if rows:
            columns = [k for k in COLUMNS[name].split() if k != "county" or any(row.get(k) for row in rows)]
            text = io.StringIO()
            writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            (folder / f"{name}.csv").write_text(text.getvalue(), "utf-8")
    (folder / "policy.toml").write_text("\n".join(toml_lines(policy)), "utf-8")
    return folder


def toml_lines(section: dict[str, Any], name: str = "") -> list[str]:
    """Return a section of TOML and those below it."""
    lines = [f"[{name}]"] * bool(name)
    below = [(k, v) for k, v in section.items() if isinstance(v, dict)]
    lines += [f"{json.dumps(k, ensure_ascii=False)} = {json.dumps(v, ensure_ascii=False)}" for k, v in section.items()
              if not isinstance(v, dict)]  # fmt: skip
    for k, v in below:
        lines += toml_lines(v, f"{name}.{json.dumps(k, ensure_ascii=False)}" if name else k)
    return [*lines, ""]
