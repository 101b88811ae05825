"""What a refused policy says: the line and the value, besides the key (the keys themselves: test_refusals)."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.policy.lines import line_of

from .months import command, write_month

FILE = """\
# a policy
[programme]
month = "2008-07"

[eligibility]   # who
income_threshold = nan
[capacity]
default = "three"
by_rank = {"正科级" = -1}
[objectives]
order = ["coverage",
         "luck"]
[ vocabulary ]
"资金 . 钱" = ["钱"]
duty."default" = 3
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["programme"], 2), (["programme", "month"], 3), (["eligibility", "income_threshold"], 6), (["eligibility", "absent"], 5),
        (["capacity", "default"], 8), (["capacity", "by_rank", "正科级"], 9), (["objectives", "order"], 11),
        (["vocabulary", "资金 . 钱"], 14), (["vocabulary", "duty", "default"], 15), (["nothing"], None), (["default"], None),
    ],
)
def test_line_of(path: list[str], line: int | None) -> None:
    """A key's line; else the line of what would hold it; else none."""
    assert line_of(FILE, path) == line


def test_line_and_value_are_told(tmp_path: Path) -> None:
    """Every fault with its line, in the order of the file, and what stands there."""
    folder = write_month(tmp_path / "m")
    (folder / "policy.toml").write_text(FILE.split("[ vocabulary ]", maxsplit=1)[0], "utf-8")
    said = command("match", folder, "--out", tmp_path / "run", "--lang", "en")
    assert (said.code, said.out) == (3, "")
    lines = [line.split(":", 1)[0].strip() for line in said.err.splitlines() if "policy.toml, line" in line]
    assert lines == [
        "policy.toml, line 6, key eligibility.income_threshold", "policy.toml, line 8, key capacity.default",
        "policy.toml, line 9, key capacity.by_rank.正科级", "policy.toml, line 11, key objectives.order",
    ]
    assert "here it is NaN" in said.err
    assert "here it is three" in said.err
    assert "here it is -1" in said.err
