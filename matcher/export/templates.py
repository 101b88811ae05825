"""Blank workbooks for the tables of a month, with what may stand in each column checked as it is typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from matcher.export.book_model import CREATED
from matcher.export.book_text import text_width
from matcher.messages import N_, translator
from matcher.policy import Policy
from matcher.tables.aliases import TABLES, Column, chinese_table_name

_Kind = Literal["text", "id", "count", "positive", "amount", "score", "yes_no"]
_LAST_ROW = 1_048_575
_A4 = 9
_REQUIRED_SHADE, _OPTIONAL_SHADE = "#F8CBAD", "#DDE6F0"
_NARROWEST = 12


class _Use(NamedTuple):
    """What stands in a column: its kind and a sentence about it."""

    kind: _Kind
    help: str


_USES: Final[Mapping[str, _Use]] = {
    "household_id": _Use("text", N_("The household's number, the same every month and in every table.")),
    "head_name": _Use("text", N_("The name of the head of the household.")),
    "id_number": _Use("id", N_("18 or 15 digits, typed or pasted as text, never as a number.")),
    "county": _Use("text", N_("Only where the folder holds several counties.")),
    "township": _Use("text", N_("The township's name, written alike in every table.")),
    "village": _Use("text", N_("The administrative village.")),
    "hamlet": _Use("text", N_("The natural village or group, if there is one.")),
    "members": _Use("count", N_("How many persons live in the household.")),
    "income": _Use("amount", N_("Net income in yuan per person and year. Leave blank what is not known.")),
    "needs": _Use("text", N_("What the household needs; several are parted by a semicolon.")),
    "partners": _Use("positive", N_("How many cadres the household should have; blank means 1.")),
    "waiting": _Use("count", N_("For how many months the household has had no cadre; blank means 0.")),
    "tags": _Use("text", N_("Words for your own use; several are parted by a semicolon.")),
    "name": _Use("text", N_("The person's name.")),
    "cadre_id": _Use("text", N_("The cadre's number, the same every month and in every table.")),
    "unit": _Use("text", N_("The unit's name, written alike in every table.")),
    "rank": _Use("text", N_("The rank, in the words of the policy file.")),
    "capacity": _Use("count", N_("The most households the cadre may have; 0 means takes no part, blank follows the policy.")),
    "duty": _Use("count", N_("The fewest households the cadre should have; blank follows the policy.")),
    "townships": _Use("text", N_("Where the cadre may be paired: townships or township/village, several parted by a semicolon.")),
    "skills": _Use("text", N_("What the cadre can help with, in the words of the needs; several are parted by a semicolon.")),
    "available": _Use("yes_no", N_("Whether the cadre is in post; blank means yes.")),
    "kind": _Use("text", N_("What kind of unit it is, in the words of the policy file.")),
    "villages": _Use("text", N_("The villages the unit is linked to, as township/village, several parted by a semicolon.")),
    "units.capacity": _Use("count", N_("The most pairings the cadres of the unit may have together; blank means no limit.")),
    "category": _Use("text", N_("The kind of welfare, in the words of the policy file.")),
    "valid_from": _Use("text", N_("The first month on the list, such as 2008-01; blank means from the beginning.")),
    "valid_to": _Use("text", N_("The last month on the list, such as 2008-12; blank means until further notice.")),
    "since": _Use("text", N_("The month in which the pairing began, such as 2007-08.")),
    "pinned": _Use("yes_no", N_("Whether the pairing must not be changed; blank means no.")),
    "reason": _Use("text", N_("Why, for the file.")),
    "answer": _Use("yes_no", N_("Whether this row of the welfare list counts for the household; blank means not answered yet.")),
    "who": _Use("text", N_("Who answered.")),
    "when": _Use("text", N_("When, such as 2008-07-15.")),
    "score": _Use("score", N_("A whole number, larger is better; it may be negative.")),
}

_RULES: Final[Mapping[str, Mapping[str, object]]] = {
    "text": {"validate": "any"},
    "id": {"validate": "length", "criteria": "between", "minimum": 15, "maximum": 20},
    "count": {"validate": "integer", "criteria": ">=", "value": 0},
    "positive": {"validate": "integer", "criteria": ">=", "value": 1},
    "amount": {"validate": "decimal", "criteria": ">=", "value": 0},
    "score": {"validate": "integer", "criteria": "between", "minimum": -1_000_000, "maximum": 1_000_000},
    "yes_no": {"validate": "list"},
}
_REFUSALS: Final[Mapping[str, str]] = {
    "id": N_("An ID number has 18 or 15 digits."),
    "count": N_("Enter a whole number, 0 or more."),
    "positive": N_("Enter a whole number, 1 or more."),
    "amount": N_("Enter a number, 0 or more, without words."),
    "score": N_("Enter a whole number between -1000000 and 1000000."),
    "yes_no": N_("Choose yes or no from the list."),
}


_LONGEST_LIST = 255
"""Characters that a spreadsheet keeps of a drop-down list written into the check itself."""


def words_of(policy: Policy) -> dict[str, tuple[str, ...]]:
    """Return the words that a policy knows for some columns, by their names: what their drop-downs offer."""
    ranks = dict.fromkeys([*policy.rank_levels, *policy.capacity.by_rank, *policy.duty.by_rank, *policy.cadres.exclude_ranks])
    return {"rank": tuple(ranks), "category": policy.eligibility.welfare_categories}


def write_templates(folder: Path, language: str, policy: Policy | None = None) -> list[Path]:
    """Write a blank workbook for each table of a month, the same bytes every time.

    Parameters
    ----------
    folder : Path
        Where to write; made if it is not there.
    language : str
        ``zh`` or ``en``, for headers, lists and instructions.
    policy : Policy, optional
        Its ranks and welfare categories are offered in drop-downs; other words may still be typed.

    Returns
    -------
    list of Path
        The workbooks, named by the tables' canonical names.

    Raises
    ------
    FileExistsError
        If one of the workbooks is there already (it may have been filled in); then none is written.
    """
    for table in TABLES:
        if (folder / f"{table}.xlsx").exists():
            raise FileExistsError(str(folder / f"{table}.xlsx"))
    books = templates(folder, language, policy)
    write_new(books)
    return list(books)


def templates(folder: Path, language: str, policy: Policy | None = None) -> dict[Path, bytes]:
    """Return the workbooks by where they are to stand (see :func:`write_templates`)."""
    words = words_of(policy) if policy else {}
    return {folder / f"{table}.xlsx": _Template(table, language, words).bytes() for table in TABLES}


def write_new(files: Mapping[Path, bytes]) -> None:
    """Write new files, all of them or none, and their folder if it is not there.

    Raises
    ------
    FileExistsError, OSError
        One is there already, or cannot be written.
    """
    made: list[Path] = []
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                made.append(path)
                file.write(data)
    except OSError:
        for path in made:
            path.unlink(missing_ok=True)
        raise


class _Template:
    def __init__(self, table: str, language: str, words: Mapping[str, tuple[str, ...]]) -> None:
        import xlsxwriter

        self._table, self._chinese, self._, self._words = table, language == "zh", translator(language), words
        self._stream = BytesIO()
        self._workbook = xlsxwriter.Workbook(self._stream, {"in_memory": True, "strings_to_formulas": False})
        self._workbook.set_properties({"created": CREATED})

    def bytes(self) -> bytes:
        """Return the workbook: the blank table and a sheet of instructions."""
        self._blank()
        self._instructions()
        self._workbook.close()
        return self._stream.getvalue()

    def _columns(self) -> Iterator[tuple[int, Column, str, _Use]]:
        for index, column in enumerate(TABLES[self._table]):
            header = column.headers[0] + ("（元）" if column.name == "income" else "") if self._chinese else column.name
            yield index, column, header, _USES.get(f"{self._table}.{column.name}", _USES.get(column.name, _Use("text", "")))

    def _blank(self) -> None:
        sheet = self._workbook.add_worksheet(chinese_table_name(self._table) if self._chinese else self._table)
        boxed = {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
        heads = {shade: self._workbook.add_format(boxed | {"bg_color": shade}) for shade in (_REQUIRED_SHADE, _OPTIONAL_SHADE)}
        as_text = self._workbook.add_format({"num_format": "@"})
        for index, column, header, use in self._columns():
            width = max(_NARROWEST, text_width(header) + 4, 22 if column.name == "id_number" else 0)
            sheet.set_column(index, index, width, as_text if use.kind in ("text", "id") else None)
            sheet.write_string(0, index, header, heads[_REQUIRED_SHADE if column.required else _OPTIONAL_SHADE])
            if sheet.data_validation(1, index, _LAST_ROW, index, self._rule(header, column, use)) != 0:
                raise RuntimeError(f"no check was written for {self._table}.{column.name}")
        sheet.set_row(0, 24)
        sheet.freeze_panes(1, 0)
        _on_paper(sheet)
        sheet.repeat_rows(0)

    def _rule(self, header: str, column: Column, use: _Use) -> dict[str, object]:
        _ = self._
        rule: dict[str, object] = {**_RULES[use.kind], "input_title": header}
        if use.help:
            must = _("Required.") if column.required else _("Optional.")
            rule["input_message"] = f"{must} {_(use.help)}"
        if use.kind == "yes_no":
            rule["source"] = ["是", "否"] if self._chinese else ["yes", "no"]
        words = self._words.get(column.name, ())
        if words and len(",".join(words)) <= _LONGEST_LIST and not any("," in word for word in words):
            other = _("It is none of the words that the policy names; it was entered all the same.")
            rule |= {"validate": "list", "source": list(words), "error_type": "information", "error_title": header, "error_message": other}
        if use.kind in _REFUSALS:
            rule |= {"error_title": header, "error_message": _(_REFUSALS[use.kind])}
        return rule

    def _instructions(self) -> None:
        _, new = self._, self._workbook.add_format
        sheet = self._workbook.add_worksheet(_("Instructions"))
        body = new({"border": 1, "valign": "vcenter", "text_wrap": True})
        middle = new({"border": 1, "align": "center", "valign": "vcenter"})
        head = new({"bold": True, "border": 1, "align": "center", "bg_color": _OPTIONAL_SHADE})
        sheet.write_string(0, 0, _("How to fill in this workbook"), new({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, _("Columns with an orange heading must be filled in; leave the headings as they are."))
        for index, (width, heading) in enumerate(((24, _("Column")), (10, _("Must be filled in")), (90, _("What stands in it")))):
            sheet.set_column(index, index, max(width, text_width(heading) + 2))
            sheet.write_string(2, index, heading, head)
        for row, column, header, use in self._columns():
            sheet.write_string(row + 3, 0, f"“{header}”", body)
            sheet.write_string(row + 3, 1, _("yes") if column.required else "", middle)
            sheet.write_string(row + 3, 2, _(use.help) if use.help else "", body)
        _on_paper(sheet)


def _on_paper(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
