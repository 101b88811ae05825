"""Coverage-guided fuzzing of the code that reads foreign bytes: ``python -m tests.fuzz_tables csv -max_total_time=60``.

Needs atheris (Linux; ``pip install atheris``), and is no part of ``make test``. What is not refused by one of the errors that are meant
for it ends the run, with the bytes in a file ``crash-…``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["matcher"]):
    from matcher.errors import InputError
    from matcher.people.identity import id_key
    from matcher.people.income import read_income
    from matcher.tables.biff import NotUnderstoodError, old_sheets
    from matcher.tables.cells import month_of, read, several, whole
    from matcher.tables.csv_file import csv_rows, read_csv
    from matcher.tables.headers import parts_of
    from matcher.tables.html_file import html_sheets
    from matcher.tables.kind import kind_of
    from matcher.tables.package import _Seen, error_cells, examine
    from matcher.tables.sheet import opened

from .corpus.kinds import KINDS
from .corpus.page import Page

_HEADER = "户编号,户主姓名,乡镇,行政村,人均纯收入\n".encode()


def csv(data: bytes) -> None:
    """Read bytes as a table of households, with a header of its own or a good one."""
    for text in (data, _HEADER + data):
        csv_rows(text, "households")
        with suppress(InputError):
            grid = read_csv(text, "households", "x.csv", [])
            if grid is not None:
                parts_of(grid, "households", "x.csv", [])


def html(data: bytes) -> None:
    """Read bytes as HTML tables."""
    with suppress(InputError):
        for sheet in html_sheets(data, "x.xls"):
            page = opened(sheet)
            if page is not None:
                page.grid("households", "x.xls", [])


def package(data: bytes) -> None:
    """Look into bytes as an .xlsx, and as a sheet of one."""
    with suppress(InputError):
        examine(b"PK" + data, "x.xlsx")
        error_cells(b"PK" + data)
    with suppress(InputError):
        _Seen.of(b"<worksheet><sheetData>" + data + b"</sheetData></worksheet>", "x.xlsx")


def old(data: bytes) -> None:
    """Look into bytes as an .xls."""
    with suppress(NotUnderstoodError):
        old_sheets(data)


def cells(data: bytes) -> None:
    """Read a cell in every way that cells are read."""
    text = data.decode("utf-8", "replace")
    kind_of(data)
    for reader in (id_key, month_of, lambda t: read_income(t, "元"), lambda t: read_income(t, "万元"), lambda t: several(read(t))):
        reader(text)
    whole(read(text))


TARGETS: dict[str, Callable[[bytes], None]] = {f.__name__: f for f in (csv, html, package, old, cells)}
SEEDS = {"csv": ["csv", "csv GB18030"], "html": ["html"], "package": ["xlsx"], "old": ["xls"]}


def seeds(name: str) -> Iterator[bytes]:
    """Yield files to begin with."""
    for kind in SEEDS.get(name, []):
        yield KINDS[kind].write(Page())
    if name == "cells":
        yield from (text.encode() for text in ("2,499.5", "２３００元", "2008年7月", "11010119900307867x", "资金;技术"))


def main() -> None:
    """Fuzz one target; further words go to libFuzzer."""
    name, words = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(seeds(name)):
            (Path(folder) / str(number)).write_bytes(data)

        atheris.Setup([sys.argv[0], *words, folder], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
