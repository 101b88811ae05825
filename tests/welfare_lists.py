"""Made welfare lists without ID numbers: rows that mean a household of the sample county, written wrongly, and rows that mean nobody."""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from matcher.people.identity import id_key
from matcher.people.sound import near, syllables

SAMPLE = Path(__file__).parent.parent / "data/sample/2008-07"
SHAPES = ("己已", "未末", "士土", "天夫", "大太", "干千", "木本", "人入", "王玉", "文丈", "贝见", "今令", "治冶", "清情", "荣莱",
          "明朋", "永水", "石右", "田由", "友发", "林村", "生牛", "元无", "平乎", "东车", "兰三", "礼扎", "先光", "伟纬", "梅海",
          "根银", "仁仕", "英芙")
"""Characters that look alike, for slips of the pen."""
COMMON = [bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312") for row in range(16, 55) for cell in range(1, 95)]
"""The characters of GB 2312's first level."""


@dataclass(frozen=True)
class Made:
    """A row of a list: its cells, the household that it means ("" for nobody), and what was done to it."""

    cells: Mapping[str, str]
    household: str
    kind: str


class County:
    """The sample county's households that a list may mean, and how to write them wrongly."""

    def __init__(self, seed: int, persons: float = 0.5, among: Container[str] | None = None) -> None:
        """Begin, with the share of rows that say how many live there, and the households that may be meant (None: all)."""
        self._rng, self._persons = random.Random(seed), persons  # noqa: S311 - made-up data
        rows = _rows("households")
        first: dict[str, str] = {}
        for row in sorted(rows, key=lambda r: r["household_id"]):
            first.setdefault(id_key(row["id_number"]) or row["household_id"], row["household_id"])
        self.houses = [r for r in rows if first[id_key(r["id_number"]) or r["household_id"]] == r["household_id"]]
        self.houses = [r for r in self.houses if among is None or r["household_id"] in among]
        self.taken = Counter((r["head_name"], r["township"], r["village"]) for r in rows)
        self.villages = sorted({(r["township"], r["village"]) for r in rows})
        self.surnames = [r["head_name"][0] for r in rows if len(r["head_name"]) < 4]
        self.given = [c for r in rows for c in r["head_name"][1:]]
        self.kinds: dict[str, Callable[[dict[str, str]], dict[str, str] | None]] = {
            "typing error: another character": self._replaced, "typing error: a character of like shape": self._shape,
            "typing error: a character missing": self._missing, "typing error: a character too many": self._added,
            "typing error: two exchanged": self._swapped, "homophone: one character": self._homophone,
            "homophone: all given characters": lambda r: self._sounding(r, range(1, len(r["head_name"])), exact=True),
            "sound nearly the same": self._nearly, "moved: another village of the township": self._moved,
            "moved: village written with a like sound": self._village_sound, "moved: village become a community": self._community,
            "member's name": self._member, "member's name, homophone": self._member_sound,
            "homophone and moved": lambda r: (h := self._homophone(r)) and self._moved(h),
        }

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for row in _rows("members"):
            found[row["household_id"]].append(row["name"])
        return found

    @cached_property
    def _by_sound(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        exact, nearly = defaultdict(list), defaultdict(list)
        for char in COMMON:
            exact[syllables(char)[0]].append(char)
            nearly[near(syllables(char)[0])].append(char)
        return exact, nearly

    def rows(self, count: int, strangers: float = 0.25) -> list[Made]:
        """Return rows: each kind as often, and a share of rows that mean nobody; none of them fits a household exactly."""
        found: list[Made] = []
        kinds = list(self.kinds.items())
        while len(found) < count:
            if self._rng.random() < strangers:
                kind, row, meant = *self._stranger(), ""
            else:
                kind, change = kinds[len(found) % len(kinds)]
                house = self._rng.choice(self.houses)
                row, meant = change(dict(house)), house["household_id"]
            if row and len(row["head_name"]) > 1 and not self.taken[row["head_name"], row["township"], row["village"]]:
                found.append(Made(self._cells(row, meant), meant, kind))
        return found

    def _cells(self, row: dict[str, str], meant: str) -> dict[str, str]:
        """Return a row's cells; the number of persons on some, and of those one in six is one less."""
        persons = ""
        if self._rng.random() < self._persons:
            number = int(row["members"]) - (self._rng.random() < 1 / 6) if meant else self._rng.randint(1, 6)
            persons = str(max(number, 1))
        return {"name": row["head_name"], "id_number": "", "township": row["township"], "village": row["village"],
                "category": self._rng.choice(["低保", "五保"]), "members": persons}

    def _at(self, row: dict[str, str]) -> int:
        """Return a place in the name, of the given name nine times in ten."""
        name = row["head_name"]
        return 0 if self._rng.random() < 0.1 else self._rng.randrange(1, len(name))

    def _with(self, row: dict[str, str], at: int, char: str, instead: int = 1) -> dict[str, str] | None:
        name = row["head_name"]
        made = name[:at] + char + name[at + instead :]
        return None if made == name else {**row, "head_name": made}

    def _replaced(self, row: dict[str, str]) -> dict[str, str] | None:
        at = self._at(row)
        return self._with(row, at, self._rng.choice(self.given if at else self.surnames))

    def _shape(self, row: dict[str, str]) -> dict[str, str] | None:
        at = self._at(row)
        pair = next((p for p in SHAPES if row["head_name"][at] in p), "")
        return self._with(row, at, pair.replace(row["head_name"][at], "")) if pair else None

    def _missing(self, row: dict[str, str]) -> dict[str, str] | None:
        return self._with(row, self._rng.randrange(1, len(row["head_name"])), "") if len(row["head_name"]) > 2 else None

    def _added(self, row: dict[str, str]) -> dict[str, str] | None:
        return self._with(row, self._rng.randrange(1, len(row["head_name"]) + 1), self._rng.choice(self.given), 0)

    def _swapped(self, row: dict[str, str]) -> dict[str, str] | None:
        name = row["head_name"]
        return self._with(row, len(name) - 2, name[-1] + name[-2], 2) if len(name) > 2 else None

    def _sounding(self, row: dict[str, str], places: range | list[int], exact: bool) -> dict[str, str] | None:
        name = list(row["head_name"])
        for at in places:
            said = syllables(name[at])[0]
            group = self._by_sound[0][said] if exact else [c for c in self._by_sound[1][near(said)] if syllables(c)[0] != said]
            others = [c for c in group if c != name[at]]
            if not others:
                return None
            name[at] = self._rng.choice(others)
        return {**row, "head_name": "".join(name)}

    def _homophone(self, row: dict[str, str]) -> dict[str, str] | None:
        return self._sounding(row, [self._at(row)], exact=True)

    def _nearly(self, row: dict[str, str]) -> dict[str, str] | None:
        return self._sounding(row, [self._at(row)], exact=False)

    def _moved(self, row: dict[str, str]) -> dict[str, str] | None:
        others = [v for t, v in self.villages if t == row["township"] and v != row["village"]]
        return {**row, "village": self._rng.choice(others)} if others else None

    def _village_sound(self, row: dict[str, str]) -> dict[str, str] | None:
        made = self._sounding({**row, "head_name": row["village"]}, [self._rng.randrange(0, len(row["village"]) - 1)], exact=True)
        return made and {**row, "village": made["head_name"]}

    def _community(self, row: dict[str, str]) -> dict[str, str] | None:
        village = row["village"]
        made = village[:-1] + "社区" if village.endswith("村") else village.removesuffix("社区") + "村"
        return None if (row["township"], made) in self.villages else {**row, "village": made}

    def _member(self, row: dict[str, str]) -> dict[str, str] | None:
        names = [n for n in self._members.get(row["household_id"], ()) if n != row["head_name"]]
        return {**row, "head_name": self._rng.choice(names)} if names else None

    def _member_sound(self, row: dict[str, str]) -> dict[str, str] | None:
        named = self._member(row)
        return named and self._homophone(named)

    def _stranger(self) -> tuple[str, dict[str, str]]:
        """Return a row that means nobody: a chance name, one like a neighbour's, a head's of another township."""
        kind = self._rng.choice(["decoy: anybody", "decoy: named like a neighbour", "decoy: namesake in another township"])
        house = self._rng.choice(self.houses)
        town, village = self._rng.choice([p for p in self.villages if p[0] != house["township"]])
        name = self._rng.choice(self.surnames) + "".join(self._rng.choice(self.given) for _ in range(1 + (self._rng.random() < 0.86)))
        if kind == "decoy: named like a neighbour":
            town, village, name = house["township"], house["village"], house["head_name"][:2] + self._rng.choice(self.given)
        if kind == "decoy: namesake in another township":
            name = house["head_name"]
        return kind, {"head_name": name, "township": town, "village": village}


def _rows(table: str) -> list[dict[str, str]]:
    with (SAMPLE / f"{table}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))
