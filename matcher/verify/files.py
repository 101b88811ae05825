"""The files of a run: read whole, their hashes against run.json, their tables as rows."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matcher.errors import InputError
from matcher.messages import N_, message
from matcher.verify.verdict import Flaw

RECORD, SUMMARY, CERTIFICATE = "run.json", "summary.json", "certificate.json.gz"
TABLES = ("roster", "decisions", "cadres", "changes", "unmatched", "bottlenecks", "findings")
WANTED = frozenset({SUMMARY, CERTIFICATE, *(f"{name}.csv" for name in TABLES)})
_RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NOT_READ = N_("{file} cannot be read ({why}): it is not as the run wrote it.")
_CHANGED = N_("{file} is not as the run wrote it.")


@dataclass(frozen=True)
class Files:
    """A run's folder.

    Attributes
    ----------
    data : dict of str to bytes
        Every file but hidden ones and those that an office program keeps while it has one open.
    """

    folder: Path
    data: dict[str, bytes]
    _read: dict[str, tuple[list[str], list[list[str]]]] = field(default_factory=dict, repr=False, compare=False)

    def json(self, name: str) -> dict[str, Any]:
        """Return the object that a file holds.

        Raises
        ------
        Flaw
        """
        try:
            tree = json.loads(self.bytes(name).decode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError) as error:
            raise Flaw(message(_NOT_READ, file=name, why=type(error).__name__)) from None
        if not isinstance(tree, dict):
            raise Flaw(message(_NOT_READ, file=name, why="{…}"))
        return tree

    def bytes(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises
        ------
        Flaw
        """
        if name not in self.data:
            raise Flaw(message(N_("{file} is missing."), file=name))
        return self.data[name]

    def table(self, name: str) -> tuple[list[str], list[list[str]]]:
        """Return the header and the rows of a table.

        Raises
        ------
        Flaw
        """
        if name not in self._read:
            self._read[name] = self._table(f"{name}.csv")
        return self._read[name]

    def _table(self, file: str) -> tuple[list[str], list[list[str]]]:
        try:
            rows = list(csv.reader(io.StringIO(self.bytes(file).decode("utf-8-sig"), newline=""), strict=True))
        except (ValueError, csv.Error) as error:
            raise Flaw(message(_NOT_READ, file=file, why=type(error).__name__)) from None
        if not rows or any(len(row) != len(rows[0]) for row in rows):
            raise Flaw(message(_NOT_READ, file=file, why="CSV"))
        return rows[0], rows[1:]


def read_files(run: Path) -> Files:
    """Read a run's folder.

    Raises
    ------
    InputError
        There is none.
    """
    if not run.is_dir():
        raise InputError(message(N_("There is no run folder {run}."), run=str(run)))
    try:
        found = {path.name: path.read_bytes() for path in sorted(run.iterdir()) if path.is_file() and not path.name.startswith((".", "~$"))}
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(message(N_("{run} cannot be read: {reason}."), run=str(run), reason=reason)) from None
    if RECORD not in found and SUMMARY not in found:
        raise InputError(message(N_("{run} is no run: it holds neither run.json nor summary.json."), run=str(run)))
    return Files(run, found)


def check_hashes(files: Files, record: Mapping[str, Any]) -> None:
    """Raise :class:`Flaw`, naming the files, unless all are as run.json says and run.json is as it was written."""
    hashes = record.get("outputs_sha256")
    if not isinstance(hashes, dict) or record_hash(record) != record.get("record_sha256"):
        raise Flaw(message(_CHANGED, file=RECORD))
    wrong = [name for name, data in files.data.items() if name != RECORD and hashes.get(name) != sha256_of(data)]
    gone = sorted((set(hashes) | WANTED) - set(files.data))
    if wrong:
        text = N_("Not as the run wrote them, or not of the run: {files}.")
        raise Flaw(message(text, files="、".join(wrong + gone)))
    if gone:
        raise Flaw(message(N_("{file} is missing."), file="、".join(gone)))


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(data).hexdigest()


def record_hash(record: Mapping[str, Any]) -> str:
    """Return the hash of run.json without its own: sorted keys, no white space, UTF-8."""
    rest = {key: value for key, value in record.items() if key != "record_sha256"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def cell(value: object) -> str:
    """Return a value as the tables write it: text that a spreadsheet would run behind an apostrophe."""
    text = "" if value is None else str(value)
    text = "'" + text if isinstance(value, str) and text.startswith(_RUNS) else text
    return text.encode("utf-8", "replace").decode()


def check_columns(files: Files, name: str, wanted: Mapping[str, Sequence[object]]) -> None:
    """Raise :class:`Flaw` with the first cell that differs unless some columns of a table are as they should be, row by row."""
    header, rows = files.table(name)
    for column, cells in wanted.items():
        if column not in header:
            raise Flaw(message(_CHANGED, file=f"{name}.csv"))
        at = header.index(column)
        found = [row[at] for row in rows]
        should = [cell(c) for c in cells]
        if found != should:
            k = next((k for k, pair in enumerate(zip(found, should, strict=False)) if pair[0] != pair[1]), min(len(found), len(should)))
            text = N_("{file}, row {row}, column {column} is not what the tables and the rules give.")
            raise Flaw(message(text, file=f"{name}.csv", row=k + 2, column=column))
