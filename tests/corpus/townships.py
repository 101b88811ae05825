"""The sample month as it would come in: ``python -m tests.corpus.townships data/sample/2008-07 OUT``.

Every township sends its households in a workbook of its own, laid out as printed forms are; one sends an old .xls, one an HTML
table under that name, one a CSV in GB18030. The civil affairs bureau, the units and the office's own lists come as they would.
The same month gives the same bytes, .xlsx aside (openpyxl writes the clock).
"""

from __future__ import annotations

import csv
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from matcher.tables.aliases import TABLES

from .kinds import KINDS
from .page import Box, Page

Row = dict[str, str]
ODD = {0: "xls", 1: "html", 2: "csv GB18030"}
"""The kinds of file of the first townships, by their order; the others send .xlsx."""
_PLAIN = re.compile(r"[1-9]\d{0,8}|0")
_TOPS = ("户主信息", "住址", "家庭情况")
_GROUPS = {"head_name": 0, "id_number": 0, "county": 1, "township": 1, "village": 1, "hamlet": 1, "members": 2, "income": 2}
_HEADERS: tuple[dict[str, str], ...] = (
    {"household_id": "户编号", "head_name": "姓名", "id_number": "身份证号", "village": "行政村", "members": "人口数",
     "income": "2007年人均\n纯收入（元）"},
    {"household_id": "贫困户编号", "head_name": "户主姓名", "id_number": "证件号码", "village": "村名", "members": "家庭人口（人）",
     "income": "年人均纯收入（元）", "hamlet": "自然村", "needs": "帮扶\n需求"},
    {"household_id": "户 号", "head_name": "户　主", "id_number": "公民身份号码", "village": "建制村", "members": "人　数",
     "income": "人均纯收入(元)", "hamlet": "村民小组", "needs": "帮扶措施"},
)


def rows_of(path: Path) -> list[Row]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def wide(text: str) -> str:
    """Return digits and letters as full-width ones."""
    return "".join(chr(ord(c) + 0xFEE0) if c.isalnum() and c.isascii() else c for c in text)


def id_text(text: str, at: int) -> str:
    """Return an ID number in one of the forms in which offices type it as text."""
    forms: tuple[Callable[[str], str], ...] = (str, str.lower, wide, lambda t: f" {t}　", lambda t: f"{t[:6]} {t[6:14]} {t[14:]}")
    return forms[at % len(forms)](text) if text.isascii() else text


def cell(column: str, text: str, at: int, typed: bool) -> object:
    """Return a cell as a clerk enters it: numbers as numbers, blanks as strokes, names padded; what it says stays the same."""
    if column == "id_number":
        return id_text(text, at)
    if typed and column in ("income", "members", "partners", "waiting") and _PLAIN.fullmatch(text):
        return int(text)
    if not text and column in ("needs", "tags") and at % 2:
        return "无" if at % 3 else "—"
    return f"　{text} " if text and column in ("head_name", "village", "needs") and at % 7 == 0 else text


def header(style: int) -> tuple[list[list[str]], list[Box]]:
    """Return the two rows of a header and its merged cells."""
    names = [_HEADERS[style].get(c.name, c.headers[0]) for c in TABLES["households"]]
    columns = [c.name for c in TABLES["households"]]
    top, low, boxes = [], [], []
    for k, (column, name) in enumerate(zip(columns, names, strict=True)):
        group = _GROUPS.get(column)
        first = group is not None and (k == 0 or _GROUPS.get(columns[k - 1]) != group)
        top.append(name if group is None else _TOPS[group] if first else "")
        low.append("" if group is None else name)
        if group is None:
            boxes.append((0, k, 1, k))
        elif first:
            boxes.append((0, k, 0, max(i for i, c in enumerate(columns) if _GROUPS.get(c) == group)))
    return [top, low], boxes


def page(township: str, rows: Sequence[Row], number: int, spans: bool, typed: bool) -> Page:
    """Return a township's page: titles, a header of two rows, villages merged where the kind of file can say so, a footer."""
    columns = [c.name for c in TABLES["households"]]
    body = [[cell(c, row[c], at + number, typed) for c in columns] for at, row in enumerate(rows)]
    heads, boxes = header(number % len(_HEADERS))
    villages: list[Box] = []
    if spans:
        at, place = 0, columns.index("village")
        for _, run in groupby(rows, key=lambda row: row["village"]):
            end = at + len(list(run))
            if end - at > 1:
                villages.append((at, place, end - 1, place))
            for line in body[at + 1 : end]:
                line[place] = ""
            at = end
    return Page(
        header=heads, merged_header=boxes, body=body, merged_body=villages, name="Sheet1",
        above=[["低收入农户情况登记表"], [f"填报单位（盖章）：{township}人民政府", "", "填报时间：2008年7月2日"], []][: 2 + number % 2],
        below=[["合计", f"{len(rows)}户", "", "", "", "", "", sum(int(r["members"]) for r in rows)],
               ["填表人：", "", "负责人（签字）：", "", "联系电话："]],
        others=(Page(header=[], body=[], name="Sheet2"), Page(header=[], body=[], name="Sheet3")) if typed else (),
    )


def plain(table: str, rows: Sequence[Row], title: str = "") -> Page:
    """Return a table with its Chinese header in one row, below a title if there is one."""
    headers = [c.headers[0] for c in TABLES[table] if c.name in rows[0]]
    body: list[list[object]] = [[row[c.name] for c in TABLES[table] if c.name in row] for row in rows]
    return Page(header=[headers], body=body, above=[[title]] if title else [])


def send(month: Path, out: Path) -> list[Path]:
    """Write the month as it would come in, and return its files, the townships' first."""
    out.mkdir(parents=True)
    tables = {path.stem: rows_of(path) for path in sorted(month.glob("*.csv"))}
    found = []

    def put(name: str, kind: str, made: Page) -> None:
        path = out / f"{name}.{KINDS[kind].ending}"
        path.write_bytes(KINDS[kind].write(made))
        found.append(path)

    ordered = sorted(tables["households"], key=lambda row: (row["township"], row["village"]))
    for number, (township, rows) in enumerate(groupby(ordered, key=lambda row: row["township"])):
        kind = ODD.get(number, "xlsx" if number % 4 else "xlsx by openpyxl")
        put(f"低收入农户-{township}", kind, page(township, list(rows), number, KINDS[kind].spans, KINDS[kind].typed))
    put("家庭成员", "csv with BOM", plain("members", tables["members"]))
    put("干部名单", "xlsx", plain("cadres", tables["cadres"], "结对帮扶干部名单（2008年7月）"))
    put("联村单位", "tabs UTF-16", plain("units", tables["units"]))
    for name, kind, wanted in (("低保名单", "xlsx", False), ("五保名单", "xls", True)):
        listed = [row for row in tables["welfare"] if (row["category"] == "五保") is wanted]
        put(name, kind, plain("welfare", listed, "民政局保障对象名册"))
    put("上月结对", "csv GB18030", plain("roster", tables["roster"]))
    put("回避", "xlsx", plain("avoid", tables["avoid"]))
    put("指定", "xlsx", plain("require", tables["require"]))
    shutil.copyfile(month / "policy.toml", out / "policy.toml")
    return found


if __name__ == "__main__":
    send(Path(sys.argv[1]), Path(sys.argv[2]))
