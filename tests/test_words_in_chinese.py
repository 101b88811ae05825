"""On a Chinese terminal no foreign sentence is left: the command line's own, the parser's, the tables' names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from matcher.policy.read import toml_problem

from .months import cadre, command, household, write_month


@pytest.mark.parametrize(
    "words", [("whatiff",), ("check", "m", "--fixlist", "e"), ("check", "a", "b"), ("check", "m", "--last"),
              ("whatif", "m", "--places", "a"), ("whatif", "m", "--places", "0"),
              ("explain", "m", "--as", "q"), ("template", "t", "--policy", "nowhere.toml")],
)
def test_the_command_lines_own_words(words: tuple[str, ...]) -> None:
    """What click says of a wrong command, option, argument or value."""
    said = command("--lang", "zh", *words)
    assert said.code == 2
    last = re.sub(r"'[^']*'", "", said.err.strip().splitlines()[-1])
    assert not re.search("[A-Za-z]{3,}", last), last


@pytest.mark.parametrize(
    "text", ["a = ", "[x", "a=1 b=2", 'a="x', "a=1\na=2", "[a]\n[a]", "a=[1", "= 3", "a = yes", 'a="\\q"', "a={b=1", "a 3"],
)
def test_a_broken_policy(tmp_path: Path, text: str) -> None:
    """Where, and what, in our own words; the hint about quotation marks in both languages."""
    folder = write_month(tmp_path / "m")
    (folder / "policy.toml").write_text(text, "utf-8")
    said = command("check", folder, "--lang", "zh")
    assert said.code == 3
    assert not re.search("Expected|Invalid|Unclosed|Cannot|Unescaped|Untermin|at line|at end", said.both), said.both
    assert "引号" in said.both
    assert "读不懂" not in said.both
    english = command("check", folder, "--lang", "en").both
    assert 'only the plain " " are such marks' in english
    assert toml_problem(ValueError("Odd (at line 2, column 3)")).render("en") == "line 2, column 3: it cannot be read"


def test_a_policy_in_another_encoding(tmp_path: Path) -> None:
    """It is said how to save it, and what is too large is told as that."""
    folder = write_month(tmp_path / "m")
    (folder / "policy.toml").write_bytes('[programme]\nname = "结对"\n'.encode("gb18030"))
    assert "另存为 UTF-8" in command("check", folder, "--lang", "zh").both
    (folder / "policy.toml").write_bytes(b"#" * 1_000_001)
    assert "larger than what is read" in command("check", folder, "--lang", "en").both


def test_no_policy_says_where_there_is_one(tmp_path: Path) -> None:
    """In both languages."""
    folder = write_month(tmp_path / "m")
    (folder / "policy.toml").unlink()
    for lang in ("en", "zh"):
        assert "jiedui init" in command("check", folder, "--lang", lang).both


def test_text_that_is_called_a_workbook(tmp_path: Path) -> None:
    """It is said that it is no workbook, before what its text lacks; damaged workbooks are told without a foreign word."""
    folder = write_month(tmp_path / "m", households=[])
    (folder / "households.xlsx").write_text("各位同事：表格随后发来。\n谢谢\n", "utf-8")
    assert "households.xlsx 不是工作簿" in command("check", folder, "--lang", "zh").both
    assert "households.xlsx is no workbook: it holds text" in command("match", folder, "--out", tmp_path / "r", "--lang", "en").err
    (folder / "households.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    assert not re.search("[Cc]annot|format", command("match", folder, "--out", tmp_path / "r", "--lang", "zh").err)


def test_tables_and_columns_by_their_chinese_names(tmp_path: Path) -> None:
    """Beside the month before, and in what a scenario is called."""
    before = write_month(tmp_path / "2008-06", {"programme": {"month": "2008-06"}})
    folder = write_month(tmp_path / "2008-07", households=[household()], cadres=[cadre()])
    said = command("check", folder, "--last", before, "--lang", "zh")
    assert "低收入农户：1 行" in said.out
    assert "干部：1 行" in said.out
    assert "households" not in said.out
    assert "households: 1 rows" in command("check", folder, "--last", before, "--lang", "en").out
    said = command("whatif", folder, "--cadre", "C1:上限=6", "--lang", "zh")
    assert "C1:帮扶户数上限=6" in said.out
    assert "capacity=6" not in said.out
    assert "C1:capacity=6" in command("whatif", folder, "--cadre", "C1:上限=6", "--lang", "en").out
