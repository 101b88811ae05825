"""Sweeps of `whatif`: their points, their exact turning points, their charts."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.api import match, read_month
from matcher.whatif.facts import PLACES

from .months import cadre, csv_rows, csv_text, household, households, write_month
from .whatif_month import LINE, three_townships, whatif


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """Return a month of three townships."""
    return three_townships(tmp_path)


# --- sweeps


def short(month: Path, line: str) -> set[str]:
    """Return the townships where somebody lacks a cadre for want of places, from a fresh run."""
    loaded = read_month(month)
    run = match(loaded.replace(policy=loaded.policy.with_(LINE, float(line))))
    return {t for t, why in zip(run.unmatched["township"], run.unmatched["reason"], strict=True) if why in PLACES}


def test_sweep_has_both_ends(month: Path) -> None:
    """Values from the first to the last, which counts even where the step misses it; the point at the base's value is the base."""
    told = whatif(month, "--sweep", f"{LINE}=2300:2750:200", "--json").json()
    assert [p["values"][LINE] for p in told["sweep"]["points"]] == [2300, 2500, 2700, 2750]
    assert [s["name"] for s in told["scenarios"]] == [f"{LINE}={v}" for v in (2300, 2500, 2700, 2750)]
    assert told["scenarios"][1]["counts"] == told["base"]["counts"]
    assert told["scenarios"][1]["changed"] == []


def test_turning_points_are_exact(month: Path) -> None:
    """Every turning point is one of a fresh run on either side, and no household's income lies between the two."""
    kinks = whatif(month, "--sweep", f"{LINE}=600:3900:1100", "--json").json()["sweep"]["kinks"]
    incomes = sorted({int(r["income"]) for r in csv_rows(month / "households.csv")})
    assert {k["what"] for k in kinks} >= {"runs_out"}
    for kink in kinks:
        before, after = short(month, str(kink["until"])), short(month, str(kink["from"]))
        wanted = (False, True) if kink["what"] == "runs_out" else (True, False)
        assert (kink["township"] in before, kink["township"] in after) == wanted
        assert [i for i in incomes if kink["until"] < i < kink["from"]] == []


def test_enough_places_but_for_those_whom_nobody_may_serve(tmp_path: Path) -> None:
    """Where places are enough and somebody lacks a cadre all the same, the turning point says how many and why."""
    rows = [household(household_id=f"H{k}", head_name=f"户{k}", village=village, income=income) for k, (village, income) in
            enumerate([("西村", "500"), ("西村", "600"), ("西村", "1900"), ("东村", "1000"), ("东村", "1500"), ("东村", "2000")])]
    month = write_month(tmp_path / "m", {}, households=rows, cadres=[cadre(capacity="2", townships="鹤溪镇/东村")])
    words = ("--sweep", f"{LINE}=1200:2200:1000")
    (kink,) = whatif(month, *words, "--json").json()["sweep"]["kinks"]
    assert (kink["until"], kink["from"], kink["no_permitted_cadre"], kink["earlier_objective"]) == (1900, 2000, 3, 0)
    said = "鹤溪镇: enough places up to 1900 (but for the 3 whom nobody (else) may serve), too few from 2000 on"
    assert said in whatif(month, *words).out
    assert "到 1900 为止名额够用（没有（别的）干部可结对的 3 户除外），从 2000 起不够" in whatif(month, *words, "--lang", "zh").out


def test_a_line_that_excludes_its_figure_turns_just_above_an_income(tmp_path: Path) -> None:
    """The third household comes in once the line is above its income: from a cent more on, not from the sweep's next value on."""
    rows = [household(household_id=f"H{k}", head_name=f"户{k}", income=income) for k, income in enumerate(("1000", "1500", "2000"))]
    policy = {"eligibility": {"threshold_inclusive": False}}
    month = write_month(tmp_path / "m", policy, households=rows, cadres=[cadre(capacity="2")])
    (kink,) = whatif(month, "--sweep", f"{LINE}=1200:2500:1300", "--json").json()["sweep"]["kinks"]
    assert (kink["what"], kink["until"], kink["from"], kink["exact"]) == ("runs_out", 2000, 2000.01, True)


def test_turning_points_miss_no_township(month: Path) -> None:
    """Between two values of a sweep every township whose state differs has a turning point."""
    told = whatif(month, "--sweep", f"{LINE}=600:3900:3300", "--json").json()["sweep"]
    toggled: dict[str, int] = {}
    for kink in told["kinks"]:
        toggled[kink["township"]] = toggled.get(kink["township"], 0) + 1
    first, last = short(month, "600"), short(month, "3900")
    assert {t for t, n in toggled.items() if n % 2} == first ^ last


def test_without_the_search_no_point_is_called_exact(month: Path) -> None:
    """`--no-kinks` tells the same townships, between the sweep's own values, and says that they are not exact."""
    words = ("--sweep", f"{LINE}=600:3900:1100", "--json")
    exact, rough = (whatif(month, *words, *more).json()["sweep"]["kinks"] for more in ((), ("--no-kinks",)))
    assert rough
    assert {k["exact"] for k in exact} == {True}
    assert {k["exact"] for k in rough} == {False}
    assert {(k["until"], k["from"]) for k in rough} <= {(600, 1700), (1700, 2800), (2800, 3900)}
    for kink in rough:
        assert any(kink["until"] <= k["until"] < k["from"] <= kink["from"] for k in exact if k["township"] == kink["township"])


def test_sweep_of_whole_numbers(month: Path) -> None:
    """A whole-number key turns between two neighbouring whole numbers."""
    told = whatif(month, "--sweep", "capacity.by_rank.科员=0:60:30", "--json").json()["sweep"]
    assert told["kinks"]
    assert all(k["from"] - k["until"] == 1 for k in told["kinks"])
    assert whatif(month, "--sweep", "capacity.by_rank.科员=0:3:1.5").code == 3


def test_impossible_points_are_told(month: Path, tmp_path: Path) -> None:
    """Where fixed pairs contradict the policy the sweep goes on, says so, and says from where on it is possible."""
    rows = csv_rows(month / "households.csv")
    rich = max((r for r in rows if int(r["income"]) <= 2500 and r["township"] == "鹤溪镇"), key=lambda r: int(r["income"]))
    (month / "require.csv").write_text(csv_text([{"household_id": rich["household_id"], "cadre_id": "C00"}]), "utf-8")
    found = whatif(month, "--sweep", f"{LINE}=1000:3000:500", "--json").json()
    points = found["sweep"]["points"]
    impossible = [p["values"][LINE] for p in points if p["impossible"]]
    assert impossible == [v for v in (1000, 1500, 2000, 2500, 3000) if v < int(rich["income"])]
    assert len(found["scenarios"]) == len(points) - len(impossible)
    assert {p["impossible"]["exit_code"] for p in points if p["impossible"]} == {4}
    (turn,) = [k for k in found["sweep"]["kinks"] if k["what"] == "possible"]
    assert turn["from"] == int(rich["income"])
    assert "contradict" in whatif(month, "--sweep", f"{LINE}=1000:3000:500").out
    assert whatif(month, "--sweep", f"{LINE}=1000:1100:100").code == 4
    assert whatif(month, "--sweep", f"{LINE}=1000:3000:500", "--out", tmp_path / "out", "--no-workbook").code == 0
    assert len([p for p in (tmp_path / "out").iterdir() if p.is_dir()]) == len(found["scenarios"])


def test_processes_change_nothing(month: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Side by side in processes or one after the other: the same answer, failures of points included."""
    (month / "require.csv").write_text(csv_text([{"household_id": "H00", "cadre_id": "C00"}]), "utf-8")
    words = ("--sweep", f"{LINE}=600:3900:300", "--json")
    alone = whatif(month, *words)
    monkeypatch.setattr("matcher.whatif.run.ENOUGH_FOR_PROCESSES", 0)
    together = whatif(month, *words)
    assert {p["impossible"] is None for p in alone.json()["sweep"]["points"]} == {True, False}
    assert (together.code, together.json()) == (0, alone.json())


def test_grid(month: Path, tmp_path: Path) -> None:
    """Two sweeps make a grid: every combination, no turning points, a chart."""
    words = ["--sweep", f"{LINE}=2000:3000:500", "--sweep", "capacity.default=1:2:1"]
    told = whatif(month, *words, "--json").json()
    assert [tuple(p["values"].values()) for p in told["sweep"]["points"]] == [(v, c) for v in (2000, 2500, 3000) for c in (1, 2)]
    assert told["sweep"]["kinks"] == []
    assert whatif(month, *words, "--set", "duty.default=1", "--out", tmp_path / "out", "--no-workbook").code == 0
    assert (tmp_path / "out" / "sweep.png").read_bytes()[:4] == b"\x89PNG"
    assert len(csv_rows(tmp_path / "out" / "sweep.csv")) == 6


def test_charts_are_whole_and_harmless(tmp_path: Path) -> None:
    """The page needs no network, and a township's name cannot end its script."""
    evil = "</script><script>alert(1)</script>"
    month = write_month(tmp_path / "m", {}, households=households(5, township=evil.replace("/", "⁄")), cadres=[cadre(capacity="1")])
    assert whatif(month, "--sweep", f"{LINE}=500:2500:1000", "--out", tmp_path / "out", "--no-workbook").code == 0
    page = (tmp_path / "out" / "sweep.html").read_text("utf-8")
    assert "‹⁄script›" in page
    assert "<⁄script>" not in page
    assert page.count("<script") == page.count("</script>") <= 3
    for source in ('src="http', "src='http", "<link", "@import"):
        assert source not in page
    assert (tmp_path / "out" / "sweep.png").read_bytes()[:4] == b"\x89PNG"
