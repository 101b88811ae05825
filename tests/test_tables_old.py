"""Old workbooks (.xls): what they hide and which cells hold errors is seen, or it is told that it was not."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
import xlwt

from matcher.tables.biff import NotUnderstoodError, OldSheet, _Container, old_sheets

from .corpus.kinds import KINDS
from .corpus.page import HEADER, INCOME, Page
from .months import Solved, cadre, write_month


def book(errors: bool = True) -> bytes:
    """Return a workbook of two sheets, the second with hidden rows, columns and error cells."""
    made = xlwt.Workbook(encoding="utf-8")
    made.add_sheet("空")
    sheet = made.add_sheet("低收入农户")
    for row, line in enumerate(Page().lines()):
        for column, cell in enumerate(line):
            if errors and (row, column) in ((3, INCOME), (4, INCOME)):
                sheet.row(row).set_cell_error(column, 0x07 if row == 3 else 0x2A)
            elif cell != "":
                sheet.write(row, column, cell)
    sheet.row(2).hidden = sheet.row(60_000).hidden = True
    sheet.col(6).hidden = sheet.col(200).hidden = True
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def in_small_sectors(stream: bytes) -> bytes:
    """Return a container that holds a stream of less than 4,096 bytes in small sectors, as some programs write them."""
    small = -(-len(stream) // 64)
    big = -(-small * 64 // 512)
    chain = [*range(4, 3 + big), 0xFFFFFFFE]
    fat = [0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFE, *chain]
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    struct.pack_into("<HHHHH", header, 0x18, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<III4xIIIII", header, 0x28, 0, 1, 1, 4096, 2, 1, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 0x4C, 0, *[0xFFFFFFFF] * 108)

    def entry(name: str, kind: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        return struct.pack("<64sHBB48xII4x", text, len(text), kind, 0, start, size)

    sectors = [
        struct.pack("<128I", *fat, *[0xFFFFFFFF] * (128 - len(fat))),
        (entry("Root Entry", 5, 3, small * 64) + entry("Workbook", 2, 0, len(stream))).ljust(512, b"\0"),
        struct.pack("<128I", *range(1, small), 0xFFFFFFFE, *[0xFFFFFFFF] * (128 - small)),
        stream.ljust(big * 512, b"\0"),
    ]
    return bytes(header) + b"".join(sectors)


def records(*of: tuple[int, bytes]) -> bytes:
    """Return records one after the other."""
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in of)


def by_hand(version: int) -> bytes:
    """Return a stream of one sheet: a formula that gives an error, and a chart within it that hides a row of its own."""
    bof, end = (0x0809, struct.pack("<HH12x", version, 5)), (0x000A, b"")
    name = b"\x01\0A" if version >= 0x0600 else b"\x01A"
    head = records(bof, (0x0085, struct.pack("<IBB", 0, 0, 0) + name), end)
    head = records(bof, (0x0085, struct.pack("<IBB", len(head), 0, 0) + name), end)
    hides = (0x0208, struct.pack("<H10xHH", 7, 0x20, 0))
    formula = (0x0006, struct.pack("<HHHBxB3xH6x", 1, 2, 0, 2, 0x07, 0xFFFF))
    text = (0x0006, struct.pack("<HHHBxB3xH6x", 1, 3, 0, 0, 0x07, 0xFFFF))
    yes = (0x0205, struct.pack("<HHHBB", 1, 4, 0, 1, 0))
    return head + records(bof, bof, hides, end, formula, text, yes, end)


def test_what_an_old_workbook_hides(tmp_path: Path) -> None:
    """Hidden rows and columns within the table are told; a cell with an error holds its household back instead of counting as blank."""
    folder = write_month(tmp_path, households=[], cadres=[cadre()])
    (folder / "households.xls").write_bytes(book())
    found = Solved(folder)
    assert [found.decisions[f"H0{k}"] for k in (1, 2, 3, 4)] == ["eligible", "review_income", "review_income", "eligible"]
    assert "#DIV/0!" in found.evidence["H02"]
    told = {f["code"]: f["message"] for f in found.findings}
    assert "rows 3 are" in told["hidden_rows"]
    assert "columns G are" in told["hidden_columns"]


def test_the_records() -> None:
    """Sheets in their order, by name; a formula's error counts, its text and a yes do not, nor does what stands in a chart."""
    empty, full = old_sheets(book())
    assert (empty.name, empty.rows, empty.errors) == ("空", set(), {})
    assert (full.name, full.rows, full.columns) == ("低收入农户", {2}, {6})
    assert full.errors == {(3, INCOME): "#DIV/0!", (4, INCOME): "#N/A"}
    for version in (0x0500, 0x0600):
        assert old_sheets(in_small_sectors(by_hand(version))) == [OldSheet("A", set(), set(), {(1, 2): "#DIV/0!"})]


def test_what_cannot_be_looked_at(tmp_path: Path) -> None:
    """Bytes that do not fit, a chain without an end, no workbook: an error of their own."""
    good = book(errors=False)
    stream = _Container(good).stream("Workbook")
    other_sectors = good[:0x1E] + b"\x07\0" + good[0x20:]
    for broken in (b"", good[:600], other_sectors, in_small_sectors(stream[:100]), in_small_sectors(b"\x09\x08" * 40)):
        with pytest.raises(NotUnderstoodError):
            old_sheets(broken)
    looped = bytearray(in_small_sectors(by_hand(0x0600)))
    struct.pack_into("<I", looped, 512 + 4, 1)  # the directory's sector follows itself
    with pytest.raises(NotUnderstoodError, match="without an end"):
        old_sheets(bytes(looped))
    with pytest.raises(NotUnderstoodError, match="no workbook"):
        _Container(good).stream("Book")
    at = good.index(struct.pack("<HH", 0x0208, 16))  # a row's record that says it is longer than the file
    row_too_long = good[:at] + struct.pack("<HH", 0x0208, 0xFFFF) + good[at + 4 :]
    with pytest.raises(NotUnderstoodError):
        old_sheets(row_too_long)


def test_what_was_not_seen_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the look fails the workbook is read, and it is told that what it hides was not seen."""

    def fails(_data: bytes) -> list[OldSheet]:
        raise NotUnderstoodError

    monkeypatch.setattr("matcher.tables.workbook.old_sheets", fails)
    folder = write_month(tmp_path, households=[], cadres=[cadre()])
    (folder / "households.xls").write_bytes(KINDS["xls"].write(Page()))
    found = Solved(folder)
    assert len(found.decisions) == len(Page().body)
    assert len(HEADER) == 8
    assert found.codes.count("hidden_not_seen") == 1
