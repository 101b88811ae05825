"""What `whatif --out` writes: run folders that are runs, the comparison, all of it or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from .months import cadre, command, csv_rows, csv_text
from .whatif_month import LINE, three_townships, tree, whatif


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """Return a month of three townships."""
    return three_townships(tmp_path)


# --- what it writes


def test_run_folders_are_runs(month: Path, tmp_path: Path) -> None:
    """Each scenario's folder holds what `match` writes; verify and explain read the month and change it again."""
    (tmp_path / "more.csv").write_text(csv_text([cadre(cadre_id="X1", unit="农业局", capacity="4", townships="鹤溪镇")]), "utf-8")
    out = tmp_path / "out"
    said = whatif(month, "--add", f"干部={tmp_path / 'more.csv'}", "--set", f"{LINE}=3000", "--name", "增派/../一人", "--out", out)
    assert (said.code, said.err) == (0, "")
    (run,) = [p for p in out.iterdir() if p.is_dir()]
    assert run.name == "01-增派-..-一人"
    assert command("match", month, "--out", tmp_path / "plain").code == 0
    assert {p.name for p in run.iterdir()} == {p.name for p in (tmp_path / "plain").iterdir()}
    checked = command("verify", run, "--json")
    assert (checked.code, checked.json()["valid"]) == (0, True)
    assert command("explain", run, "X1", "--json").json()["load"] == 4
    assert command("explain", run, "H00", "--json").code == 0
    (tmp_path / "more.csv").write_text(csv_text([cadre(cadre_id="X1", unit="农业局", capacity="5", townships="鹤溪镇")]), "utf-8")
    assert command("verify", run).code == 5
    assert "more.csv" in command("verify", run).out
    assert command("explain", run, "X1").code == 3
    (tmp_path / "more.csv").unlink()
    assert command("verify", run).code == 3


def test_a_forged_scenario_is_found(month: Path, tmp_path: Path) -> None:
    """A run.json that tells other changes than were made is not believed, whoever wrote its hash."""
    from matcher.verify.files import record_hash

    assert whatif(month, "--set", f"{LINE}=3000", "--out", tmp_path / "out", "--no-workbook").code == 0
    (run,) = [p for p in (tmp_path / "out").iterdir() if p.is_dir()]
    record = json.loads((run / "run.json").read_text("utf-8"))
    assert record["scenario"] == {"name": f"{LINE}=3000", "changes": [["set", f"{LINE}=3000"]]}
    for changes, code in (([["set", f"{LINE}=2900"]], 5), ([], 5), ([["set"]], 3), (None, 3), ([["no-such", "x"]], 3)):
        record["scenario"]["changes"] = changes
        record["record_sha256"] = record_hash(record)
        (run / "run.json").write_text(json.dumps(record), "utf-8")
        assert command("verify", run).code == code
        assert command("explain", run).code == 3


def test_out_is_whole_or_not_at_all(month: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An existing folder is refused before anything is solved and stays; a failure while writing leaves nothing."""
    (tmp_path / "there").mkdir()
    assert whatif(month, "--set", f"{LINE}=3000", "--out", tmp_path / "there").code == 2
    assert whatif(month, "--set", f"{LINE}=3000", "--out", tmp_path / "no" / "such").code == 2
    assert list((tmp_path / "there").iterdir()) == []

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matcher.whatif.folder.write_book", full)
    assert whatif(month, "--set", f"{LINE}=3000", "--out", tmp_path / "out").code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2008-07", "there"]


def test_tables_and_workbook(month: Path, tmp_path: Path) -> None:
    """The CSV files say what the JSON says; the workbook has no formula, the same bytes again, a sheet for each table."""
    for name in ("a", "b"):
        assert whatif(month, "--remove-unit", "林业局", "--name", "=1+1", "--out", tmp_path / name, "--no-workbook").code == 0
    one, two = tree(tmp_path / "a"), tree(tmp_path / "b")
    assert one.keys() == two.keys()
    assert [n for n in one if one[n] != two[n] and not n.endswith("run.json")] == []
    told = json.loads(one["comparison.json"])["scenarios"][0]
    rows = csv_rows(tmp_path / "a" / "households.csv")
    for kind in ("newly_served", "no_longer_served"):
        assert sorted({r["household_id"] for r in rows if r["kind"] == kind}) == told[kind]
    base, found = csv_rows(tmp_path / "a" / "comparison.csv")
    assert (base["scenario"], found["scenario"]) == ("base", "'=1+1")
    assert int(found["no_longer_served"]) == len(told["no_longer_served"])
    assert sum(int(r["served"]) for r in csv_rows(tmp_path / "a" / "coverage.csv")) == int(found["served"])
    with ZipFile(tmp_path / "a" / "comparison.xlsx") as book:
        sheets = [n for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
        assert len(sheets) >= 4
        assert all(b"<f>" not in book.read(n) for n in sheets)
