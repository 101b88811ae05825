"""Findings: what was noticed in the tables, cited by table, sheet, row and column."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.messages import Message


@dataclass(frozen=True)
class Finding:
    """One thing noticed in a table.

    Attributes
    ----------
    table : str
        Canonical name of the table, or ``policy``.
    sheet : str
        The file, and in a workbook the sheet.
    row : int or None
        Row number as a spreadsheet shows it (the header of a plain table is row 1).
    column : str
        Canonical name of the column, or the header as it stands.
    code : str
        Machine-readable and never translated.
    message : Message
        For a person: what is wrong, and what to do.
    header : str
        The column's header as the office wrote it, where it is known.
    affected : int
        Rows that it is about, or hangs on it.
    """

    table: str
    sheet: str
    row: int | None
    column: str
    code: str
    message: Message
    header: str = ""
    affected: int = 1
