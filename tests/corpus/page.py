"""A page as an office lays it out, before any kind of file: what stands above, the header's rows, the body, what stands below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..oracle.model import with_check_digit

HEADER = ["户编号", "户主姓名", "身份证号", "乡镇", "行政村", "人均纯收入（元）", "人数", "帮扶需求"]
NAMES = ["王大山", "蓝·光", "雷马", "钟水小", "䶮小明", "李四", "欧阳修文", "赵六", "周七"]
ID, NAME, ID_NUMBER, TOWNSHIP, VILLAGE, INCOME, MEMBERS, NEEDS = range(8)


def _rows() -> list[list[object]]:
    places = [("鹤溪镇", "东村")] * 4 + [("渤海镇", "西村")] * 3 + [("渤海镇", "南村")] * 2
    incomes = ["900", "1200.5", "1499", "1501", "2500", "2500.01", "3600", "", "1800"]
    return [
        [f"H{k:02}", name, with_check_digit(f"0000001968112{k:04}"), *place, income, str(k % 4 + 1), "资金;技术" if k % 2 else ""]
        for k, (name, place, income) in enumerate(zip(NAMES, places, incomes, strict=True))
    ]


Box = tuple[int, int, int, int]
"""Merged cells: first row, first column, last row, last column, from 0 within the header's rows or the body."""


@dataclass(frozen=True)
class Page:
    """A page of households."""

    header: list[list[str]] = field(default_factory=lambda: [list(HEADER)])
    body: list[list[object]] = field(default_factory=_rows)
    above: list[list[str]] = field(default_factory=list)
    below: list[list[object]] = field(default_factory=list)
    merged_header: list[Box] = field(default_factory=list)
    merged_body: list[Box] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    name: str = "Sheet1"
    hidden: bool = False
    others: tuple[Page, ...] = ()

    def but(self, **changes: Any) -> Page:
        """Return a page that differs."""
        return replace(self, **changes)

    @property
    def width(self) -> int:
        """The columns of the table."""
        return len(self.header[-1])

    def lines(self) -> list[list[object]]:
        """Return all rows, of one width."""
        rows: list[Sequence[object]] = [*self.above, *self.header, *self.body, *self.below]
        width = max(map(len, rows), default=0)
        return [[*row, *[""] * (width - len(row))] for row in rows]

    def merged(self) -> list[Box]:
        """Return all merged cells by the rows of the page; a title is merged across."""
        top = len(self.above)
        under = top + len(self.header)
        titles = [(k, 0, k, self.width - 1) for k, row in enumerate(self.above) if len(row) == 1]
        return [
            *titles,
            *((a + top, b, c + top, d) for a, b, c, d in self.merged_header),
            *((a + under, b, c + under, d) for a, b, c, d in self.merged_body),
        ]

    def all_hidden_rows(self) -> list[int]:
        """Return the hidden rows by the rows of the page."""
        return [k + len(self.above) + len(self.header) for k in self.hidden_rows]
