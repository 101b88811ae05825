"""`whatif --reach`, `--budget-changes`, `--continuity-curve`: what they ask of `matcher.goals` and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from .months import command
from .whatif_month import LINE, three_townships, tree, whatif


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """Return a month of three townships."""
    return three_townships(tmp_path)


def test_additions_do_reach_the_goal(month: Path) -> None:
    """What is told is enough, and a place fewer is not: the month with the additions is run as scenarios."""
    before = tree(month)
    found = whatif(month, "--reach", "coverage=90%", "--by", "cadres", "--json").json()["reach"]
    assert found["status"] == "reached"
    assert found["optimal"]
    assert found["pairs"]["now"] < found["goal"]["target"] <= found["pairs"]["after"]
    capacity = {row["name"]: row["steps"] for row in found["additions"]}
    assert sum(capacity.values()) == found["total"]
    own = {c: 4 if k % 4 == 0 else 3 for k, c in enumerate(f"C{k:02}" for k in range(9))}
    words = [w for name, steps in capacity.items() for w in ("--cadre", f"{name}:capacity={own[name] + steps}")]
    (scenario,) = whatif(month, *words, "--json").json()["scenarios"]
    assert scenario["counts"]["pairs"] == found["pairs"]["after"]
    some = next(iter(capacity))
    fewer = [*words, "--cadre", f"{some}:capacity={own[some] + capacity[some] - 1}"]
    fewer = [w for pair in dict(zip(fewer[1::2], fewer[::2], strict=True)).items() for w in pair[::-1] if pair[0] != words[1]]
    (scenario,) = whatif(month, *fewer, "--json").json()["scenarios"]
    assert scenario["counts"]["pairs"] < found["goal"]["target"]
    assert tree(month) == before


def test_a_goal_of_a_changed_month(month: Path) -> None:
    """Other changes come first: with a higher line more is wanted."""
    now, raised = (whatif(month, *more, "--reach", "coverage=80%", "--json").json() for more in ([], ["--set", f"{LINE}=3500"]))
    assert now["reach"]["goal"]["wanted"] < raised["reach"]["goal"]["wanted"]


def test_new_cadres(month: Path) -> None:
    """A township alone asks for new cadres there; who is capable of what is told in words too."""
    more = ("--in-township", "渤海镇", "--with-skill", "资金", "--places", 2)
    found = whatif(month, "--reach", "coverage=85%", *more, "--json").json()["reach"]
    assert found["by"] == ["new-cadres"]
    assert found["pairs"]["now"] < found["goal"]["target"] <= found["pairs"]["after"]
    (added,) = found["additions"]
    assert (added["kind"], added["name"], added["steps"], added["places"]) == ("new_cadre", "渤海镇", 1, 2)
    assert "渤海镇" in whatif(month, "--reach", "coverage=85%", *more).out
    assert whatif(month, "--reach", "coverage=90%", *more, "--json").json()["reach"]["status"] == "out_of_reach"


def test_budgets(month: Path) -> None:
    """Fewer changes than there must be are no roster; with enough it is the plain scenario's size; the curve begins at the fewest."""
    less = [w for c in ("C00", "C03", "C06") for w in ("--cadre", f"{c}:capacity=1")]  # three pairs of last month's cannot stand
    (few,), (enough,) = (whatif(month, *less, "--budget-changes", n, "--json").json()["budgets"] for n in (2, 100))
    (plain,) = whatif(month, *less, "--json").json()["scenarios"]
    assert (few["changes"], few["least_changes"]) == (-1, 3)
    assert (enough["changes"], enough["pairs"]) == (3, plain["counts"]["pairs"])
    curve = whatif(month, *less, "--continuity-curve", "--json").json()["budgets"]
    assert [b["budget"] for b in curve] == sorted({b["budget"] for b in curve})
    assert curve[0]["budget"] == 3
    assert whatif(month, *less, "--continuity-curve", lang="zh").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--reach", "coverage=0%"], ["--reach", ""], ["--reach", "coverage=101%"], ["--reach", "full"],
        ["--reach", "coverage=90%", "--by", "luck"], ["--reach", "coverage=90%", "--by", "ranks", "--by", "cadres"],
        ["--reach", "coverage=90%", "--by", "new-cadres"], ["--by", "ranks"], ["--budget-changes", "3", "--places", "2"],
        ["--reach", "coverage=90%", "--budget-changes", "3"], ["--reach", "coverage=90%", "--out", "new"],
        ["--budget-changes", "3", "--sweep", f"{LINE}=1:2:1"], ["--budget-changes", "-1"],
    ],
)
def test_what_does_not_go_together_is_refused(month: Path, words: list[str]) -> None:
    """Exit 2 with a sentence, and nothing is written."""
    said = whatif(month, *words)
    assert (said.code, said.out) == (2, "")
    assert said.err
    assert sorted(p.name for p in month.parent.iterdir()) == [month.name]


def test_an_unknown_township_is_refused(month: Path) -> None:
    """Exit 3 for a township that is not there."""
    assert command("whatif", month, "--reach", "coverage=90%", "--in-township", "渤海").code == 3
