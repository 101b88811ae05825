"""What offices do to a page, each alone; and what must come of it: the same decisions and roster, or a refusal by its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .kinds import Kind
from .page import ID, ID_NUMBER, INCOME, MEMBERS, NAME, NEEDS, TOWNSHIP, VILLAGE, Page


@dataclass(frozen=True)
class Quirk:
    """One thing that an office does to a page.

    Attributes
    ----------
    stage : int
        Quirks are put on in this order: first cells, then columns, the header, rows, the file.
    slot : str
        Two quirks of one slot are never put on together.
    code : str
        The finding that it must give; empty for none.
    refused : bool
        Whether that finding refuses the file.
    needs : str
        What the kind of file must be able to say: an attribute of Kind.
    """

    make: Callable[[Page], Page]
    stage: int
    slot: str = ""
    code: str = ""
    refused: bool = False
    needs: str = ""

    def fits(self, kind: Kind) -> bool:
        """Return whether a kind of file can show the quirk."""
        return not self.needs or bool(getattr(kind, self.needs))


def cells(column: int, change: Callable[[object], object]) -> Callable[[Page], Page]:
    """Return a quirk of the cells of a column."""

    def make(page: Page) -> Page:
        return page.but(body=[[change(c) if k == column and c != "" else c for k, c in enumerate(row)] for row in page.body])

    return make


def wide(text: object) -> str:
    """Return digits as full-width ones."""
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in str(text))


def above(*rows: list[str]) -> Callable[[Page], Page]:
    """Return a quirk of rows above."""
    return lambda page: page.but(above=[*page.above, *rows])


def below(*rows: list[object]) -> Callable[[Page], Page]:
    """Return a quirk of rows below."""
    return lambda page: page.but(below=[*page.below, *rows])


def headers(change: Callable[[str], str]) -> Callable[[Page], Page]:
    """Return a quirk of the header's texts."""
    return lambda page: page.but(header=[list(map(change, row)) for row in page.header])


def two_rows(page: Page) -> Page:
    """Put the header in two rows: groups, and what they hold."""
    top = ["户编号", "户主信息", "", "住址", "", "人均纯收入（元）", "人数", "帮扶需求"]
    low = ["", "姓名", "身份证号", "乡镇", "行政村", "", "", ""]
    down = [(0, k, 1, k) for k in (ID, INCOME, MEMBERS, NEEDS)]
    more = page.width - len(top)
    down += [(0, len(top) + k, 1, len(top) + k) for k in range(more)]
    return page.but(
        header=[[*top, *page.header[0][len(top) :]], [*low, *[""] * more]],
        merged_header=[*down, (0, NAME, 0, ID_NUMBER), (0, TOWNSHIP, 0, VILLAGE)],
    )


def three_rows(page: Page) -> Page:
    """Put the header in three rows."""
    made = two_rows(page)
    top = ["低收入农户基本情况", *[""] * (page.width - 1)]
    boxes = [(a + 1, b, c + 1, d) for a, b, c, d in made.merged_header]
    return made.but(header=[top, *made.header], merged_header=[(0, 0, 0, page.width - 1), *boxes])


def number_row(page: Page) -> Page:
    """Give every column a number below the header."""
    boxes = [(a + 1, b, c + 1, d) for a, b, c, d in page.merged_body]
    body = [[str(k) for k in range(1, page.width + 1)], *page.body]
    return page.but(body=body, merged_body=boxes, hidden_rows=[k + 1 for k in page.hidden_rows])


def merge(column: int, first: int, last: int) -> Callable[[Page], Page]:
    """Return a quirk that merges the cells of a column that agree."""

    def make(page: Page) -> Page:
        body = [list(row) for row in page.body]
        for row in body[first + 1 : last + 1]:
            row[column] = ""
        return page.but(body=body, merged_body=[*page.merged_body, (first, column, last, column)])

    return make


def insert(at: int, row: Callable[[Page], list[object]]) -> Callable[[Page], Page]:
    """Return a quirk that puts a row within the body."""

    def make(page: Page) -> Page:
        boxes = [(a + (a >= at), b, c + (c >= at), d) for a, b, c, d in page.merged_body]
        return page.but(body=[*page.body[:at], row(page), *page.body[at:]], merged_body=boxes)

    return make


def by_township(page: Page) -> Page:
    """Put each township on a sheet of its own."""
    one = page.but(name="鹤溪", body=page.body[:4])
    return one.but(others=(page.but(name="渤海", body=page.body[4:]),))


def number(text: object) -> object:
    """Return a number cell."""
    return float(str(text))


def one_more(name: str, cell: Callable[[int], str]) -> Callable[[Page], Page]:
    """Return a quirk of a column more."""
    return lambda p: p.but(header=[[*p.header[0], name]], body=[[*r, cell(k)] for k, r in enumerate(p.body, 1)])


def called(*names: str) -> Callable[[Page], Page]:
    """Return a quirk of other headers."""
    return lambda p: p.but(header=[[*names, *p.header[0][len(names) :]]])


OTHER = ("户号", "户主", "公民身份号码", "乡（镇）", "村名称", "2007年人均纯收入", "家庭人口（人）", "需求")
ENGLISH = ("household_id", "head_name", "id_number", "township", "village", "income", "members", "needs")
EMPTY = Page(header=[[]], body=[], name="Sheet2")
QUIRKS: dict[str, Quirk] = {
    "full-width income": Quirk(cells(INCOME, wide), 1, "income"),
    "income with 元": Quirk(cells(INCOME, lambda c: f"{c}元"), 1, "income"),
    "income with thousands": Quirk(cells(INCOME, lambda c: f"{float(str(c)):,}"), 1, "income"),
    "income as number": Quirk(cells(INCOME, number), 1, "income", needs="typed"),
    "income 无": Quirk(lambda p: p.but(body=[[c if k != INCOME or c else "无" for k, c in enumerate(r)] for r in p.body]), 1),
    "members 人": Quirk(cells(MEMBERS, lambda c: f"{c}人"), 1, "members"),
    "members as number": Quirk(cells(MEMBERS, number), 1, "members", needs="typed"),
    "padded names": Quirk(cells(NAME, lambda c: f"\u3000{str(c)[0]} {str(c)[1:]} "), 1, "name"),
    "other dots": Quirk(cells(NAME, lambda c: str(c).replace("·", "•")), 1, "name"),
    "padded places": Quirk(cells(TOWNSHIP, lambda c: f" {c}\u3000"), 1),
    "padded ids": Quirk(cells(ID, lambda c: f"{c} "), 1, "id"),
    "lower-case x": Quirk(cells(ID_NUMBER, lambda c: str(c).lower()), 1, "number"),
    "other separators": Quirk(cells(NEEDS, lambda c: str(c).replace(";", "、")), 1),
    "a column more": Quirk(one_more("血型", lambda _: "A"), 2, "columns", "unknown_column"),
    "numbered rows": Quirk(one_more("序号", str), 2, "columns", "unknown_column"),
    "padded headers": Quirk(headers(lambda h: f" {h[:1]}\u3000{h[1:]}" if h else h), 4, "spelling"),
    "English headers": Quirk(called(*ENGLISH), 3, "header"),
    "other headers": Quirk(called(*OTHER), 3, "header"),
    "line breaks in headers": Quirk(headers(lambda h: f"{h[:2]}\n{h[2:]}" if len(h) > 2 else h), 4, "spelling"),
    "two header rows": Quirk(two_rows, 3, "header"),
    "three header rows": Quirk(three_rows, 3, "header"),
    "title": Quirk(above(["景宁县低收入农户花名册"]), 5, code="above_header"),
    "who reports": Quirk(above(["填报单位（盖章）：鹤溪镇", "", "", "填报时间：2008年7月1日"]), 5, code="above_header"),
    "unit above": Quirk(above(["", "", "", "", "", "单位：元"]), 5, code="above_header"),
    "blank rows above": Quirk(above([], [""]), 5),
    "total": Quirk(below(["合  计", "9户", "", "", "", "16800"]), 6, code="row_left_out"),
    "signatures": Quirk(below([], ["填表人：张三", "", "审核人：李四", "", "2008年7月5日"]), 6, code="row_left_out"),
    "remark": Quirk(below(["备注：以上数字由各村上报"]), 6, code="row_left_out"),
    "date below": Quirk(below(["2008年7月5日"]), 6, code="row_left_out"),
    "blank rows below": Quirk(below([], [" "], ["\u3000"]), 6),
    "subtotal": Quirk(insert(4, lambda _: ["小计", "4户"]), 6, code="row_left_out"),
    "blank row within": Quirk(insert(2, lambda _: []), 6),
    "header again": Quirk(insert(4, lambda p: list(p.header[-1])), 6, "again", code="row_left_out"),
    "numbered columns": Quirk(number_row, 7, "again", code="row_left_out"),
    "merged village": Quirk(merge(VILLAGE, 0, 3), 3, code="merged_cells", needs="spans"),
    "merged township": Quirk(merge(TOWNSHIP, 4, 8), 3, "sheet", code="merged_cells", needs="spans"),
    "hidden row": Quirk(lambda p: p.but(hidden_rows=[1, 2]), 6, "hidden row", code="hidden_rows", needs="hides"),
    "hidden column": Quirk(lambda p: p.but(hidden_columns=[2, 6]), 6, code="hidden_columns", needs="hides"),
    "hidden sheet": Quirk(lambda p: p.but(hidden=True), 9, "sheet", code="hidden_sheet", needs="sheets"),
    "empty sheets": Quirk(lambda p: p.but(others=(EMPTY, replace(EMPTY, name="Sheet3"))), 9, "sheet", needs="sheets"),
    "a sheet a township": Quirk(by_township, 0, "sheet", needs="sheets"),
    "ID numbers as numbers": Quirk(
        cells(ID_NUMBER, lambda c: float(str(c)[:17] + "0") + 1e17), 1, "number", "id_in_number_cell", True, "typed"
    ),
    "merged ids": Quirk(merge(ID, 2, 3), 3, "id", "repeated_id", True, "spans"),
    "section title": Quirk(insert(4, lambda _: ["渤海镇"]), 6, code="blank_required", refused=True),
    "title in 万元": Quirk(above(["单位：万元"]), 5, code="unit_contradiction", refused=True),
    "another header": Quirk(
        insert(0, lambda p: ["户编号", "户主姓名", "乡镇", "行政村", "人均收入", *[""] * (p.width - 5)]), 6, "again", "two_headers", True
    ),
}


def put_on(*names: str) -> Page:
    """Return the page with some quirks, each in its stage."""
    page = Page()
    for quirk in sorted((QUIRKS[name] for name in names), key=lambda q: q.stage):
        page = quirk.make(page)
    return page
