"""The files of a run: read whole, their hashes against run.json, their tables against what they should say."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from matcher.errors import InputError, not_opened
from matcher.messages import N_, message
from matcher.verify import Flaw

RECORD, SUMMARY, CERTIFICATE = "run.json", "summary.json", "certificate.json.gz"
WANTED = frozenset({SUMMARY, CERTIFICATE, *(
    f"{name}.csv" for name in ("roster", "decisions", "cadres", "changes", "unmatched", "bottlenecks", "findings", "review"))})
Columns = Mapping[str, Sequence[object]]
"""Columns of a table by their headers."""
_RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
NOT_READ = N_("{file} cannot be read: it is not as the run wrote it.")
_CHANGED = N_("{file} is not as the run wrote it.")
_MISSING = N_("{file} is missing.")


class Files:
    """The bytes of a run's files, without hidden ones and those that an office program keeps while it has one open."""

    def __init__(self, data: Mapping[str, bytes]) -> None:
        self.data = data
        self._tables: dict[str, Columns] = {}

    def bytes(self, name: str) -> bytes:
        """Return a file's bytes, or raise :class:`Flaw`."""
        if name not in self.data:
            raise Flaw(message(_MISSING, file=name))
        return self.data[name]

    def json(self, name: str) -> dict[str, Any]:
        """Return the object that a file holds, or raise :class:`Flaw`."""
        try:
            tree = json.loads(self.bytes(name).decode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError):
            raise Flaw(message(NOT_READ, file=name)) from None
        if not isinstance(tree, dict):
            raise Flaw(message(NOT_READ, file=name))
        return tree

    def table(self, file: str) -> Columns:
        """Return the columns of a table by their headers, of equal headers the first; or raise :class:`Flaw`."""
        try:
            if file not in self._tables:
                rows = csv.reader(io.StringIO(self.bytes(file).decode("utf-8-sig"), newline=""), strict=True)
                self._tables[file] = {column[0]: column[1:] for column in reversed(list(zip(*rows, strict=True)))}
        except (ValueError, csv.Error):
            raise Flaw(message(NOT_READ, file=file)) from None
        return self._tables[file]

    def check(self, tables: Mapping[str, Columns]) -> None:
        """Raise :class:`Flaw` with the first cell that differs unless some columns of tables are as they should be, row by row."""
        for file, column, cells in ((f"{name}.csv", column, cells) for name in tables for column, cells in tables[name].items()):
            if column not in self.table(file):
                raise Flaw(message(_CHANGED, file=file))
            for row, (found, should) in enumerate(zip_longest(self.table(file)[column], map(cell, cells)), 2):
                if found != should:
                    text = N_("{file}, row {row}, column {column} is not what the tables and the rules give.")
                    raise Flaw(message(text, file=file, row=row, column=column))


def read_files(run: Path) -> Files:
    """Return a run's folder, or raise :class:`InputError` if there is none."""
    if not run.is_dir():
        raise InputError(message(N_("There is no run folder {run}."), run=str(run)))
    try:
        found = {path.name: path.read_bytes() for path in sorted(run.iterdir()) if path.is_file() and not path.name.startswith((".", "~$"))}
    except OSError as error:
        raise InputError(not_opened(error, error.filename or str(run))) from None
    if RECORD not in found and SUMMARY not in found:
        raise InputError(message(N_("{run} is no run: it holds neither run.json nor summary.json."), run=str(run)))
    return Files(found)


def check_hashes(files: Files) -> None:
    """Raise :class:`Flaw`, naming the files, unless all are as run.json says and run.json is as it was written."""
    record = files.json(RECORD)
    hashes = record.get("outputs_sha256")
    if not isinstance(hashes, dict) or record_hash(record) != record.get("record_sha256"):
        raise Flaw(message(_CHANGED, file=RECORD))
    wrong = [name for name, data in files.data.items() if name != RECORD and hashes.get(name) != sha256_of(data)]
    gone = sorted((set(hashes) | WANTED) - set(files.data))
    if wrong or gone:
        text = N_("Not as the run wrote them, or not of the run: {files}.") if wrong else _MISSING
        raise Flaw(message(text, files="、".join(wrong + gone), file="、".join(gone)))


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(data).hexdigest()


def record_hash(record: Mapping[str, Any]) -> str:
    """Return the hash of run.json without its own: sorted keys, no white space, UTF-8."""
    rest = {key: value for key, value in record.items() if key != "record_sha256"}
    return sha256_of(json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def cell(value: object) -> str:
    """Return a value as the tables write it: text that a spreadsheet would run behind an apostrophe."""
    text = "'" + value if isinstance(value, str) and value.startswith(_RUNS) else str(value)
    return text.encode("utf-8", "replace").decode()


def as_columns(headers: str, rows: Sequence[Sequence[object]]) -> Columns:
    """Return the columns of rows, by their headers."""
    return {header: [row[k] for row in rows] for k, header in enumerate(headers.split())}
