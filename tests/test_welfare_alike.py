"""Welfare rows without an ID number that fit nobody exactly: whom they hold back, why, and how well that works on made lists.

`JIEDUI_WELFARE_ROWS=20000 python -m pytest tests/test_welfare_alike.py -k made_lists -rP` is the campaign; without it a fixed
sample is made.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matcher.people.judge import Judgement, judge
from matcher.people.sound import near_keys, sounds_like, sounds_nearly_like, syllables
from matcher.people.sounding import sounding
from matcher.people.spelling import keys, one_error
from matcher.policy import Policy, read_policy
from matcher.tables.month import RawTables, read_table_file, read_tables
from matcher.tables.table import RawTable

from .months import csv_rows, csv_text, environment, examples, household, households, judged, write_month
from .test_judgement import listed
from .welfare_lists import SAMPLE, County, Made

ROWS = int(os.environ.get("JIEDUI_WELFARE_ROWS", "") or 1_200)
TOWNSHIPS = [household(household_id="H8", head_name="外人", township="渤海镇", village="上村"),
             household(household_id="H9", head_name="路人", village="南山村")]
"""Others, so that a township and a village say something."""


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"name": "王大珊"}, "name sounds the same, same village"),
        ({"name": "汪达杉"}, "name sounds the same, same village"),
        ({"name": "王大三"}, "name sounds nearly the same, same village"),
        ({"name": "王小山"}, "name differs by one typing error, same village"),
        ({"name": "王山"}, "name differs by one typing error, same village"),
        ({"name": "王大大山"}, "name differs by one typing error, same village"),
        ({"name": "王山大"}, "name differs by one typing error, same village"),
        ({"name": "王山大", "township": ""}, "name differs by one typing error, same village"),
        ({"village": "东社区"}, "same name, village's name alike"),
        ({"village": "冬村"}, "same name, village's name alike"),
        ({"village": "下垟村"}, "same name, village's name alike"),
        ({"township": "鹤溪街道", "village": "冬村"}, "same name, village's name alike"),
        ({"village": "西村"}, "same name, same township, another village"),
        ({"village": "南山村"}, "same name, same township, another village"),
        ({"name": "王大珊", "village": ""}, "name sounds the same, same township, another village"),
        ({"township": "景南乡"}, "same name, a village of the same name in another township"),
        ({"name": "李秀英"}, "a member (李秀英) has the name, same village"),
        ({"name": "李秀鹰"}, "the name sounds like a member's (李秀英), same village"),
        ({"name": "王小山", "village": "西村"}, ""),
        ({"name": "李秀英", "village": "西村"}, ""),
        ({"name": "王大珊", "township": "", "village": ""}, ""),
        ({"name": "赵小山"}, ""),
        ({"name": "王大珊", "township": "渤海镇", "village": "上村"}, ""),
    ],
)
def test_who_is_held_back(tmp_path: Path, cells: dict[str, Any], said: str) -> None:
    """A household strongly like a row is held back, with the reasons; one that is not so like is paired."""
    rows = [household(hamlet="下垟"), *TOWNSHIPS]
    members = [{"household_id": "H1", "name": n, "id_number": ""} for n in ("李秀英", "王大山")]
    found = judged(tmp_path / "m", households=rows, members=members, welfare=[listed(**cells)])
    others = {h: d for h, d in found.decisions.items() if h != "H1"}
    assert others == {"H8": "eligible", "H9": "eligible"}
    assert found.decisions["H1"] == ("review_welfare" if said else "eligible")
    assert (f": {said}" in found.evidence["H1"]) if said else True


@pytest.mark.parametrize(("told", "on_list", "more"), [(4, 4, 1), (4, 3, -1), (4, 5, -1)])
def test_number_of_persons(tmp_path: Path, told: int, on_list: int, more: int) -> None:
    """The same number of persons speaks for a household, another one against it; both are told."""
    rows = [household(members=told), *households(61, members=2)[1:]]
    without = judged(tmp_path / "a", households=rows, welfare=[listed(name="王小山")])
    with_it = judged(tmp_path / "b", households=rows, welfare=[listed(name="王小山", members=on_list)])
    points = [r.points for found in (without, with_it) for r in found.run.outcome.judgement.reviews]
    assert (points[1] - points[0]) * more > 0
    assert ("same number of persons" if more > 0 else "another number of persons") in with_it.evidence["H1"]


def test_a_row_with_an_id_is_not_sought(tmp_path: Path) -> None:
    """A row whose ID number fits nobody means somebody else, unless name and place agree; an unreadable number is none."""
    rows = [household(), *TOWNSHIPS]
    found = judged(tmp_path / "a", households=rows, welfare=[listed(name="王大珊", id_number="00000019700101001X")])
    assert found.decisions["H1"] == "eligible"
    assert judged(tmp_path / "b", households=rows, welfare=[listed(name="王大珊", id_number="12345")]).decisions["H1"] == "review_welfare"


@pytest.mark.parametrize(("rule", "decision"), [("exclude", "on_welfare_list"), ("match", "eligible")])
def test_policy_for_the_uncertain(tmp_path: Path, rule: str, decision: str) -> None:
    """What is like a household is uncertain, never certain: the policy's rule for the uncertain applies."""
    found = judged(tmp_path / "m", {"eligibility": {"uncertain_welfare": rule}}, welfare=[listed(name="王大珊")])
    assert found.decisions == {"H1": decision}


def test_several_candidates_name_each_other(tmp_path: Path) -> None:
    """All who are strongly like a row are held back; the evidence names the others, and the likeliest row comes first."""
    rows = [household(), household(household_id="H2", head_name="王大珊"), household(household_id="H3", head_name="王晓三"), *TOWNSHIPS]
    found = judged(tmp_path / "m", households=rows, welfare=[listed(name="王大杉"), listed(name="王晓山")])
    assert [h for h, d in found.decisions.items() if d == "review_welfare"] == ["H1", "H2", "H3"]
    assert "the row is also like H2)" in found.evidence["H1"]
    assert found.evidence["H1"].startswith("低保: 王大杉")
    assert found.evidence["H3"].startswith("低保: 王晓山")


def test_in_chinese_and_in_the_workbook(tmp_path: Path) -> None:
    """The reasons stand in Chinese in decisions.csv, review.csv and the sheet of what is to be reviewed."""
    import openpyxl

    folder = write_month(tmp_path / "m", {"programme": {"language": "zh"}}, households=[household(members=3), *TOWNSHIPS],
                         welfare=[listed(name="王大珊", members=3)])
    from matcher.api import match, read_month

    match(read_month(folder)).write(tmp_path / "r")
    words = "姓名同音，同村，人数相同"
    assert words in next(r["evidence"] for r in csv_rows(tmp_path / "r/decisions.csv") if r["household_id"] == "H1")
    assert [words in r["evidence"] for r in csv_rows(tmp_path / "r/review.csv")] == [True]
    sheet = openpyxl.load_workbook(tmp_path / "r/roster.xlsx")["待核"]
    assert any(words in str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)


def test_nothing_is_loaded_without_such_rows(tmp_path: Path) -> None:
    """The readings of characters are loaded only for a row that fits nobody and says where."""
    code = "import sys; from matcher.api import match, read_month; match(read_month(sys.argv[1])); print('pypinyin' in sys.modules)"
    nowhere = listed(name="外人", township="", village="")
    for name, row, wanted in (("a", listed(), "False"), ("b", listed(name="王大珊"), "True"), ("c", nowhere, "False")):
        folder = write_month(tmp_path / name, welfare=[row])
        done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True, env=environment())  # noqa: S603
        assert done.stdout.strip() == wanted


# --- sound and spelling


@pytest.mark.parametrize(
    ("name", "other", "sounds", "nearly"),
    [
        ("王芳", "汪方", True, True), ("曾国", "增国", True, True), ("单大", "善大", True, True), ("吕明", "旅鸣", True, True),
        ("陈军", "程军", False, True), ("林娜", "凌拉", False, True), ("章山", "臧三", False, True), ("王芳", "黄芳", False, False),
        ("王芳", "王芳芳", False, False), ("阿依·古丽", "阿伊·古丽", True, True),
    ],
)
def test_sounds(name: str, other: str, sounds: bool, nearly: bool) -> None:
    """Toneless, by any reading of a character; nearly: zh/z, ch/c, sh/s, n/l and the finals in n and ng."""
    assert (sounds_like(name, other), sounds_nearly_like(name, other)) == (sounds, nearly)
    assert bool(set(near_keys(name)) & set(near_keys(other))) == nearly


@examples(200)
@given(
    st.lists(st.text("曾单行乐王汪李林张章ab𬭊", max_size=6), max_size=12), st.lists(st.text("曾层单王林李行ab", max_size=6), max_size=4)
)
@example(["曾aaaa", "曾aaa"], ["增aaaa", "增aaa"])  # of more than four characters, only the most usual reading counts
def test_names_are_found_by_sound_all_together(names: list[str], asked: list[str]) -> None:
    """Every name is found by the wanted ones of its keys, each once, and by no other."""
    wanted = {key for name in asked for key in near_keys(name) if name}
    each = [(number, key) for number, name in enumerate(names) for key in near_keys(name) if key in wanted]
    assert sorted(sounding(names, wanted)) == sorted(each)



def test_what_is_no_character_sounds_like_itself() -> None:
    """Letters, digits, dots and characters without a reading are their own sound."""
    assert [syllables(c) for c in ("A", "3", "·", "\U0003ffff")] == [("A",), ("3",), ("·",), ("\U0003ffff",)]


NAMES = st.text("甲乙丙", min_size=1, max_size=5)


def within_one(name: str, other: str) -> bool:
    """Return whether one insertion, deletion, substitution or exchange of neighbours makes a name the other, by trying all."""
    made = {name[:k] + c + name[k + rest :] for k in range(len(name) + 1) for c in ("", *"甲乙丙") for rest in (0, 1)}
    made |= {name[:k] + name[k + 1] + name[k] + name[k + 2 :] for k in range(len(name) - 1)}
    return other in made and other != name


@examples(400)
@given(NAMES, NAMES)
def test_one_error(name: str, other: str) -> None:
    """One typing error, where a character is left to go by; names one apart share a key."""
    wanted = within_one(name, other) and bool(set(name) & set(other)) and min(len(name), len(other)) > 1
    assert one_error(name, other) == wanted
    if wanted:
        assert set(keys(name)) & set(keys(other))


# --- made lists


@cache
def county() -> tuple[RawTables, Policy, frozenset[str]]:
    """Return the sample county's tables without welfare lists, its policy, and who is eligible then."""
    tables, (policy, _) = read_tables(SAMPLE), read_policy(SAMPLE)
    tables = RawTables({**tables.tables, **{name: RawTable(name) for name in ("welfare", "roster", "require")}})
    found = judge(tables, policy)
    return tables, policy, frozenset(h for h, d in zip(found.households.ids, found.decisions, strict=True) if d.decision == "eligible")


def judged_with(folder: Path, made: list[Made]) -> Judgement:
    """Return the sample county judged with a made list."""
    tables, policy, _ = county()
    (folder / "welfare.csv").write_text(csv_text([m.cells for m in made]), "utf-8")
    parts, _, _ = read_table_file(folder / "welfare.csv", "welfare")
    return judge(RawTables({**tables.tables, "welfare": RawTable("welfare", tuple(parts))}), policy)


def tell(line: str) -> None:
    """Print a line, for -rP."""
    sys.stdout.write(line + "\n")


@pytest.mark.parametrize("persons", [0.0, 0.5])
def test_made_lists(tmp_path: Path, persons: float) -> None:
    """At least 99 % of the rows that mean a household hold it back, of every kind of slip at least 97 %; nothing is certain."""
    made = County(seed=round(ROWS + 10 * persons), persons=persons, among=county()[2]).rows(ROWS)
    found = judged_with(tmp_path, made)
    counts = Counter(str(d.decision) for d in found.decisions)
    assert counts["on_welfare_list"] == 0
    held: dict[tuple[str, ...], set[str]] = {}
    for review in found.reviews:
        person = review.person
        held.setdefault((person.name, person.township, person.village), set()).add(review.household)
    total, hit, others = Counter[str](), Counter[str](), Counter[str]()
    for row in made:
        by_row = held.get((row.cells["name"], row.cells["township"], row.cells["village"]), set())
        total[row.kind] += 1
        hit[row.kind] += row.household in by_row
        others[row.kind] += len(by_row - {row.household})
    for kind in sorted(total):
        share = others[kind] / total[kind]
        tell(f"{kind:42} rows {total[kind]:6}  found {hit[kind]:6}  other households held back per row {share:.2f}")
    true = [kind for kind in total if not kind.startswith("decoy")]
    rows, right = sum(total[k] for k in true), sum(hit[k] for k in true)
    tell(f"all that mean a household: {rows} rows, found {right} = {right / rows:.4f}; held back in all: {counts['review_welfare']}")
    assert right >= 0.99 * rows
    assert all(hit[k] >= 0.97 * total[k] for k in true)
    assert sum(others.values()) <= 0.75 * len(made)


def test_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    """The same evidence, points and reviews whatever the order of the list's rows."""
    made = County(seed=5, among=county()[2]).rows(150)
    shuffled = made[:]
    random.Random(1).shuffle(shuffled)  # noqa: S311 - made-up data
    first, second = (judged_with(tmp_path, rows) for rows in (made, shuffled))
    assert [j.evidence for j in first.decisions] == [j.evidence for j in second.decisions]
    said = [[(r.household, r.points, r.evidence) for r in found.reviews] for found in (first, second)]
    assert said[0] == said[1]
    assert all(a <= b for a, b in pairwise([r[0] for r in said[0]]))
