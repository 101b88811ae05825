"""The generator of invented counties, and the committed sample."""

from __future__ import annotations

import csv
import importlib
import sys
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from stdnum.cn import ric

DATA = Path(__file__).resolve().parent.parent / "data"
SAMPLE = DATA / "sample"
REQUIRED = {
    "households": {"household_id", "head_name", "township", "village", "income"},
    "members": {"household_id", "name", "id_number"},
    "cadres": {"cadre_id", "name", "unit"},
    "units": {"unit"},
    "welfare": {"name", "category"},
    "roster": {"household_id", "cadre_id"},
    "avoid": {"household_id", "cadre_id"},
    "require": {"household_id", "cadre_id"},
}


@pytest.fixture(scope="module")
def maker() -> Any:
    """Return the generator, imported by its path."""
    sys.path.insert(0, str(DATA))
    try:
        yield importlib.import_module("generate")
    finally:
        sys.path.remove(str(DATA))


def rows(path: Path) -> list[dict[str, str]]:
    """Return a table's rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_sample_is_what_the_generator_makes(maker: Any, tmp_path: Path) -> None:
    """The committed sample is reproduced byte for byte."""
    maker.main([str(tmp_path), "--size", "sample"])
    made, committed = contents(tmp_path), contents(SAMPLE)
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []


@pytest.mark.parametrize("month", ["2008-06", "2008-07"])
def test_id_numbers_are_nobodys(month: str) -> None:
    """Every ID number begins with a region code that was never assigned, and is valid otherwise."""
    for table in ("households", "members", "welfare"):
        for row in rows(SAMPLE / month / f"{table}.csv"):
            number = unicodedata.normalize("NFKC", row["id_number"]).upper()
            assert number[:6] in ("", "000000")
            if len(number) in (18, 20):
                assert ric.calc_check_digit(number[:18]) == number[17]
                assert "1923" <= number[6:10] <= "2008"
            else:
                assert len(number) in (0, 15)


@pytest.mark.parametrize("month", ["2008-06", "2008-07"])
def test_tables_are_canonical(month: str) -> None:
    """All tables are there with their required columns, plain UTF-8 and LF, and identify their rows."""
    for table, required in REQUIRED.items():
        content = (SAMPLE / month / f"{table}.csv").read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content
        found = rows(SAMPLE / month / f"{table}.csv")
        assert required <= set(found[0])
        assert all(row[column] for row in found for column in required - {"income", "id_number"})
    for table, key in (("households", "household_id"), ("cadres", "cadre_id"), ("units", "unit")):
        assert max(Counter(row[key] for row in rows(SAMPLE / month / f"{table}.csv")).values()) == 1
    assert tomllib.loads((SAMPLE / month / "policy.toml").read_text(encoding="utf-8"))["programme"]["month"] == month


def test_a_month_does_not_depend_on_the_others_asked_for(maker: Any) -> None:
    """The county's 2008-07 alone equals the sample's second month."""
    tables = maker.generate("county", "2008-07")
    assert sorted(tables) == sorted(REQUIRED)
    for name, table in tables.items():
        found = rows(SAMPLE / "2008-07" / f"{name}.csv")
        assert {column: [row[column] for row in found] for column in found[0]} == table


@pytest.mark.parametrize("size", [1, 40, 600])
def test_small_sizes(maker: Any, tmp_path: Path, size: int) -> None:
    """A small county has about the wanted households, no unknown unit, and pins and rosters that name its cadres."""
    (folder,) = maker.write(tmp_path, size, ["2008-06"])
    tables = {name: rows(folder / f"{name}.csv") for name in REQUIRED}
    assert size <= len(tables["households"]) <= 1.4 * size + 1
    assert {c["unit"] for c in tables["cadres"]} <= {u["unit"] for u in tables["units"]}
    assert {r["cadre_id"] for r in tables["roster"]} <= {c["cadre_id"] for c in tables["cadres"]}


def test_counties_share_neither_units_nor_cadres(maker: Any) -> None:
    """Several counties in one folder have ids of their own, and townships of their own in every cadre's list."""
    tables = maker.generate(21_000, "2008-06")
    assert len(set(tables["households"]["county"])) == 9
    for table, key in (("households", "household_id"), ("cadres", "cadre_id")):
        assert len(set(tables[table][key])) == len(tables[table][key])
    units = set(zip(tables["units"]["county"], tables["units"]["unit"], strict=True))
    assert len(units) == len(tables["units"]["unit"])
    assert set(zip(tables["cadres"]["county"], tables["cadres"]["unit"], strict=True)) <= units


def test_other_seed_other_people(maker: Any) -> None:
    """The seed matters, and unknown sizes and months are refused."""
    assert maker.generate(50, seed=1) != maker.generate(50, seed=2)
    with pytest.raises(ValueError, match="months"):
        maker.generate(50, "2008-05")
    with pytest.raises(ValueError, match="size"):
        maker.generate(0)
