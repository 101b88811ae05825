"""Answers to reviews: yes keeps a household out, no lets it be paired, and both are remembered from month to month."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from matcher.api import match, read_month

from .months import CANARY, accounted, command, csv_rows, csv_text, household, judged, write_month
from .oracle.model import with_check_digit
from .test_judgement import PERSON, listed

LIKE = listed(name="王大珊")
ROWS = [household(), household(household_id="H2", head_name="王达山"), household(household_id="H3", head_name="赵四", village="西村")]


def answer(**cells: object) -> dict[str, object]:
    """Return an answer about the household of `household()` and the row `LIKE`."""
    row = {"household_id": "H1", "name": "王大珊", "township": "鹤溪镇", "village": "东村", "answer": "是"}
    return {**row, "who": "张三", "when": "2008-07-15", **cells}


def test_open_reviews(tmp_path: Path) -> None:
    """review.csv of a run lists who may be meant, by row, with points and reasons, to be answered."""
    folder = write_month(tmp_path / "m", households=ROWS, welfare=[LIKE])
    match(read_month(folder)).write(tmp_path / "r", workbook=False)
    found = csv_rows(tmp_path / "r/review.csv")
    told = [(r["household_id"], r["head_name"], r["name"], r["village"], r["answer"], r["points"]) for r in found]
    assert told == [("H1", "王大山", "王大珊", "东村", "", "99"), ("H2", "王达山", "王大珊", "东村", "", "99")]
    assert all("name sounds the same, same village; the row is also like H" in r["evidence"] for r in found)


@pytest.mark.parametrize(
    ("said", "decisions"),
    [
        ([], {"H1": "review_welfare", "H2": "review_welfare"}),
        ([answer(answer="")], {"H1": "review_welfare", "H2": "review_welfare"}),
        ([answer(answer="无")], {"H1": "review_welfare", "H2": "review_welfare"}),
        ([answer()], {"H1": "on_welfare_list", "H2": "eligible"}),
        ([answer(answer="no")], {"H1": "eligible", "H2": "review_welfare"}),
        ([answer(answer="否"), answer(household_id="H2", answer="×")], {"H1": "eligible", "H2": "eligible"}),
        ([answer(answer="否"), answer(household_id="H2", answer="√")], {"H1": "eligible", "H2": "on_welfare_list"}),
        ([answer(township="", village="", who="", when="")], {"H1": "on_welfare_list", "H2": "eligible"}),
        ([answer(name=" 王 大珊 ", village="東村")], {"H1": "review_welfare", "H2": "review_welfare"}),
        ([answer(household_id="H3")], {"H1": "eligible", "H2": "eligible", "H3": "on_welfare_list"}),
    ],
)
def test_answers(tmp_path: Path, said: list[dict[str, object]], decisions: dict[str, str]) -> None:
    """Yes: on the list by that row, which then means no other; no: not held back by that row again; blank: still open."""
    found = judged(tmp_path / "m", households=ROWS, welfare=[LIKE], review=said)
    assert found.decisions == {"H3": "eligible", **decisions}
    if decisions["H1"] == "on_welfare_list" and said[0]["who"]:
        assert found.evidence["H1"] == "低保: 王大珊, - (answered yes in review by 张三, 2008-07-15)"


def test_no_is_about_that_row_alone(tmp_path: Path) -> None:
    """A household that another row is like is still held back."""
    found = judged(tmp_path / "m", welfare=[LIKE, listed(name="王大三")], review=[answer(answer="否")])
    assert found.decisions == {"H1": "review_welfare"}
    assert "王大三" in found.evidence["H1"]


@pytest.mark.parametrize(
    ("rows", "lists"),
    [
        ([household(), household(household_id="H2")], [listed()]),
        ([household()], [listed(id_number=with_check_digit("00000019700101001"))]),
        ([household(id_number=PERSON)], [listed(id_number=PERSON, category="优抚")]),
        ([household()], [listed(valid_to="长期")]),
    ],
    ids=["namesakes", "other ID", "category", "months"],
)
@pytest.mark.parametrize(("said", "decision"), [("是", "on_welfare_list"), ("否", "eligible")])
def test_every_kind_of_review(tmp_path: Path, rows: list[Any], lists: list[Any], said: str, decision: str) -> None:
    """Namesakes, ID numbers that fit nobody, categories and months in doubt are answered alike."""
    found = judged(tmp_path / "m", households=rows, welfare=lists, review=[answer(name="王大山", answer=said)])
    assert found.decisions["H1"] == decision
    assert [c for c in found.codes if c.startswith("review_")] == []


def test_remembered_from_month_to_month(tmp_path: Path) -> None:
    """The run's review.csv, filled in, is next month's table; its own goes on to the month after, until the row is gone."""
    lists = [LIKE, listed(name="赵四", village="西村", id_number=CANARY), listed(name="王大国")]
    write_month(tmp_path / "m1", households=ROWS, welfare=lists)
    match(read_month(tmp_path / "m1")).write(tmp_path / "r1", workbook=False)
    first = csv_rows(tmp_path / "r1/review.csv")
    assert [(r["household_id"], r["name"]) for r in first] == [("H1", "王大国"), ("H1", "王大珊"), ("H2", "王大珊"), ("H3", "赵四")]
    assert CANARY not in (tmp_path / "r1/review.csv").read_text("utf-8")
    for row, said in zip(first, ("", "是", "", "否"), strict=True):
        row |= {"answer": said, "who": "张三" if said else "", "when": "2008-07-15" if said else ""}
    write_month(tmp_path / "m2", households=ROWS, welfare=lists, review=first)
    second = match(read_month(tmp_path / "m2"))
    second.write(tmp_path / "r2", workbook=False)
    assert dict(zip(second.decisions["household_id"], second.decisions["decision"], strict=True)) == {
        "H1": "on_welfare_list", "H2": "eligible", "H3": "eligible"}
    assert set(second.findings["code"]) <= {"id_checksum"}
    kept = csv_rows(tmp_path / "r2/review.csv")
    told = [(r["household_id"], r["name"], r["answer"], r["who"]) for r in kept]
    assert told == [("H1", "王大珊", "yes", "张三"), ("H3", "赵四", "no", "张三")]
    write_month(tmp_path / "m3", households=ROWS, welfare=lists[1:])
    shutil.copy(tmp_path / "r2/review.csv", tmp_path / "m3/review.csv")
    third = match(read_month(tmp_path / "m3"))
    third.write(tmp_path / "r3", workbook=False)
    assert list(third.findings["code"]) == ["review_stale"]
    assert dict(zip(third.decisions["household_id"], third.decisions["decision"], strict=True))["H1"] == "review_welfare"
    assert [(r["household_id"], r["answer"]) for r in csv_rows(tmp_path / "r3/review.csv")] == [("H1", ""), ("H3", "no")]
    assert command("verify", tmp_path / "r2").code == 0
    assert command("verify", tmp_path / "r3").code == 0


SURE = [household(id_number=PERSON), household(household_id="H2", head_name="王大珊")]


@pytest.mark.parametrize(
    ("rows", "lists", "said", "code", "decisions"),
    [
        ([household()], [LIKE], [answer(household_id="H7")], "absent", {"H1": "review_welfare"}),
        ([household()], [LIKE], [answer(name="王大杉")], "review_stale", {"H1": "review_welfare"}),
        ([household()], [LIKE], [answer(village="西村")], "review_stale", {"H1": "review_welfare"}),
        ([household()], [LIKE], [answer(id_number=CANARY)], "review_stale", {"H1": "review_welfare"}),
        ([household()], [dict(LIKE, valid_to="2008-06")], [answer()], "review_stale", {"H1": "eligible"}),
        ([household()], [LIKE, dict(LIKE, village="冬村")], [answer(village="")], "review_ambiguous", {"H1": "review_welfare"}),
        ([household()], [LIKE], [answer(), answer(answer="否")], "review_contradicts", {"H1": "review_welfare"}),
        ([household()], [LIKE], [answer(), answer(when="2008-06")], "repeated_row", {"H1": "on_welfare_list"}),
        (ROWS[:2], [LIKE], [answer(), answer(household_id="H2")], "review_yes_twice", {"H1": "on_welfare_list", "H2": "on_welfare_list"}),
        (SURE, [listed(id_number=PERSON)], [answer(name="王大山", household_id="H2")], "review_fits_other",
         {"H1": "on_welfare_list", "H2": "eligible"}),
        (SURE, [listed(id_number=PERSON)], [answer(name="王大山", answer="否")], "review_certain",
         {"H1": "on_welfare_list", "H2": "eligible"}),
        (SURE, [listed(id_number=PERSON, category="优抚")], [answer(name="王大山", household_id="H2")], "review_fits_other",
         {"H1": "review_welfare", "H2": "eligible"}),
    ],
)
def test_what_cannot_count_is_told(
    tmp_path: Path, rows: list[Any], lists: list[Any], said: list[Any], code: str, decisions: dict[str, str]
) -> None:
    """Answers that are stale, name nobody or several, contradict each other or what is certain are findings; nobody is let through."""
    found = judged(tmp_path / "m", households=rows, welfare=lists, review=said)
    assert found.decisions == decisions
    assert [c for c in found.codes if c.startswith("review_") or c in ("absent", "repeated_row")] == [code]
    found.run.write(tmp_path / "r", workbook=False)
    told = accounted(tmp_path / "r")["review"]
    assert told["read"] == len(said) == told["judged"] + told["refused"]
    assert CANARY not in "".join(str(f["message"]) for f in found.findings)


def test_answers_for_a_duplicate(tmp_path: Path) -> None:
    """An answer that names a duplicate counts for the household judged in its place."""
    rows = [household(id_number=PERSON), household(household_id="H2", id_number=PERSON)]
    found = judged(tmp_path / "m", households=rows, welfare=[LIKE], review=[answer(household_id="H2")])
    assert found.decisions == {"H1": "on_welfare_list", "H2": "duplicate"}


def test_unreadable_answer_is_refused(tmp_path: Path) -> None:
    """An answer that is neither yes nor no is unusable, and named."""
    folder = write_month(tmp_path / "m", welfare=[LIKE], review=[answer(answer="可能")])
    done = command("match", folder, "--out", tmp_path / "r")
    assert (done.code, "review.csv" in done.err, "可能" in done.err) == (3, True, True)


def test_chinese_table(tmp_path: Path) -> None:
    """The table may be called 待核, with Chinese headers."""
    folder = write_month(tmp_path / "m", welfare=[LIKE])
    rows = [{"户编号": "H1", "名单姓名": "王大珊", "核实结果": "否", "核实人": "张三", "核实时间": "2008-07-15"}]
    (folder / "待核.csv").write_text(csv_text(rows), "utf-8")
    found = match(read_month(folder))
    assert list(found.decisions["decision"]) == ["eligible"]
    assert list(found.findings["code"]) == []


def test_explain_says_it(tmp_path: Path) -> None:
    """`explain` tells the reasons of a household that is held back, and the answer of one that is not."""
    for name, said in (("a", []), ("b", [answer()])):
        folder = write_month(tmp_path / name, welfare=[LIKE], households=[household(), *ROWS[2:]], review=said)
        match(read_month(folder)).write(tmp_path / f"{name}-run", workbook=False)
    assert "name sounds the same, same village" in command("explain", tmp_path / "a-run", "H1").out
    assert "answered yes in review by 张三, 2008-07-15" in command("explain", tmp_path / "b-run", "H1", "--json").json()["evidence"]


def test_required_household_held_back(tmp_path: Path) -> None:
    """Where a required pair's household is held back, the refusal says why, so that the review can be answered."""
    required = [{"household_id": "H1", "cadre_id": "C1"}]
    folder = write_month(tmp_path / "m", welfare=[LIKE], require=required)
    done = command("match", folder, "--out", tmp_path / "r")
    assert (done.code, "name sounds the same" in done.err) == (4, True)
    assert judged(tmp_path / "n", welfare=[LIKE], require=required, review=[answer(answer="否")]).pairs == [("H1", "C1")]


def test_same_bytes_whatever_the_order(tmp_path: Path) -> None:
    """decisions.csv and review.csv do not depend on the order of the rows of any table."""
    names = ("王大山", "王达山", "王大三", "王山", "赵四", "赵思", "赵士")
    rows = [household(household_id=f"H{k}", head_name=n) for k, n in enumerate(names)]
    lists = [listed(name=n) for n in ("王大珊", "王大善", "赵寺", "赵斯", "王山大")]
    said = [answer(household_id="H0", answer="否"), answer(household_id="H1"), answer(household_id="H5", name="赵斯", answer="否")]
    made = []
    for seed in range(4):
        rng = random.Random(seed)  # noqa: S311 - made-up data
        tables = {"households": rows, "welfare": lists, "review": said}
        folder = write_month(tmp_path / f"m{seed}" / "m", **{n: rng.sample(t, len(t)) for n, t in tables.items()})
        match(read_month(folder)).write(tmp_path / f"r{seed}", workbook=False)
        made.append([(tmp_path / f"r{seed}" / f"{name}.csv").read_bytes() for name in ("decisions", "review")])
    assert made.count(made[0]) == 4
    assert made[0][1].count(b"\n") > 5
