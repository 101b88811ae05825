"""The sample month as 21 townships would send it: the results of the clean tables, to the byte."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from matcher.pipeline import load_month
from matcher.tables.canonical import inputs_hash
from matcher.tables.frames import tables_from
from matcher.tables.month import read_tables

from .corpus.townships import send
from .months import HERE, cadre, household, write_month
from .test_determinism import differing, outputs

SAMPLE = HERE / "data" / "sample" / "2008-07"


def test_the_month_as_townships_send_it(tmp_path: Path) -> None:
    """Workbooks with titles, merged headers, footers, padded cells, ID numbers in all forms: no byte of the results differs."""
    clean = Path(shutil.copytree(SAMPLE, tmp_path / "clean" / "2008-07"))
    sent = tmp_path / "sent" / "2008-07"
    files = send(clean, sent)
    townships = [p for p in files if p.name.startswith("低收入农户-")]
    assert Counter(p.suffix for p in townships) == {".xlsx": 18, ".xls": 2, ".csv": 1}
    assert sorted(p.read_bytes()[:2] for p in townships if p.suffix == ".xls") == [b"<h", b"\xd0\xcf"]
    codes = Counter(f.code for f in read_tables(sent).findings)
    assert codes["above_header"] >= 21  # else the files would be no harder than the clean ones
    assert codes["row_left_out"] == 42
    assert codes["merged_cells"] == 20
    first, second = outputs(clean), outputs(sent)
    assert "roster.xlsx" in first
    assert differing(first, second) == []


def test_the_hash_of_what_the_tables_say(tmp_path: Path) -> None:
    """Forms that are read alike give one hash, and the unit that the policy says may stand in the header; other figures do not."""

    def found(name: str, unit: str = "元", header: str = "income", **cells: object) -> str:
        row = {header if k == "income" else k: v for k, v in household(**cells).items()}
        folder = write_month(tmp_path / name, {"tables": {"income_unit": unit}}, households=[row])
        month = load_month(folder)
        return inputs_hash(month.tables, month.policy.tables.income_unit)

    base = found("base", id_number="11010119900307867X", needs="")
    assert found("forms", id_number="１１０１０１　19900307867x", needs="无", head_name="王大山　", income="１０００") == base
    assert found("unit", header="人均纯收入（元）", id_number="11010119900307867X") == base
    assert found("other", id_number="110101199003078671") != base
    assert found("income", id_number="11010119900307867X", income="1001") != base
    assert found("wan", header="人均纯收入（万元）", id_number="11010119900307867X") != base
    assert found("policy", "万元", id_number="11010119900307867X") != base


@pytest.mark.parametrize(("one", "other"), [
    ({"tags": "a\x1fb", "hamlet": "c"}, {"tags": "b", "hamlet": "c"}),
    ({"township": "a\x1fb", "village": "c"}, {"township": "a", "village": "b\x1fc"}),
    ({"township": "a\x1fb", "village": "c"}, {"township": "a\x1b2b", "village": "c"}),
])
def test_no_cell_looks_like_two(tmp_path: Path, one: dict[str, str], other: dict[str, str]) -> None:
    """Separators inside cells do not make other tables look alike."""
    found = set()
    for name, cells in (("one", one), ("other", other)):
        month = load_month(write_month(tmp_path / name, households=[household(**cells)]))
        found.add(inputs_hash(month.tables, month.policy.tables.income_unit))
    assert len(found) == 2


def test_no_rows_look_like_one() -> None:
    """A line feed inside a cell (of a frame, or of a workbook) ends no row."""
    hashes = set()
    for rows in ([("H1", "C1", "a\nH2\x1fC2\x1fb")], [("H1", "C1", "a"), ("H2", "C2", "b")], [("H1", "C1", "a\x1b1H2\x1fC2\x1fb")]):
        frame = pd.DataFrame(rows, columns=["household_id", "cadre_id", "reason"])
        frames = {"households": pd.DataFrame([household()]), "cadres": pd.DataFrame([cadre()]), "avoid": frame}
        hashes.add(inputs_hash(tables_from(frames), "元"))
    assert len(hashes) == 3
