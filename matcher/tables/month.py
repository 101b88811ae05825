"""A month folder: its files by table, sniffed by content, read into raw tables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.parallel import Meanwhile, meanwhile, side_by_side
from matcher.tables.aliases import INSTRUCTION_SHEETS, TABLES, chinese_table_name, headers_of, normal_header, table_named
from matcher.tables.csv_file import Grid, read_csv
from matcher.tables.headers import part_of
from matcher.tables.table import SHEET_MARK, Part, RawTable
from matcher.tables.workbook import sheets

POLICY_FILE = "policy.toml"
_SUFFIXES = (".csv", ".xlsx", ".xls", ".parquet")
ENOUGH_FOR_PROCESSES = 20 * 2**20
"""Bytes from which on files are worth reading side by side."""
_WORTH_A_PROCESS = 2**18
_CONTENT_OF = {".csv": "text", ".xlsx": "zip", ".xls": "ole"}


@dataclass(frozen=True)
class RawTables:
    """All tables of a month as they came.

    Attributes
    ----------
    tables : dict of str to RawTable
        By canonical name; an absent table is there without rows.
    findings : tuple of Finding
    hashes : dict of str to str
        File name to the SHA-256 of its bytes.
    """

    tables: dict[str, RawTable]
    findings: tuple[Finding, ...] = ()
    hashes: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> RawTable:
        return self.tables[name]


def reading(folder: Path) -> Meanwhile[RawTables]:
    """Begin to read a month folder; called, what is returned waits for its tables.

    A month of some size is read in a process of its own while the caller loads what comes next; a very large one's files
    are read side by side when its tables are asked for.
    """
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) if folder.is_dir() else 0
    return meanwhile(partial(read_tables, folder), _WORTH_A_PROCESS <= size < ENOUGH_FOR_PROCESSES)


def read_tables(folder: Path, tick: Callable[[str], object] = str) -> RawTables:
    """Read every table of a month folder; ``tick`` is told each file's name before it is read.

    Raises
    ------
    InputError
        No such folder, a file that cannot be read, a header that cannot be used, households or cadres absent or empty.
    """
    check_folder(folder)
    findings: list[Finding] = []
    parts: dict[str, list[Part]] = {name: [] for name in TABLES}
    hashes: dict[str, str] = {}
    files = list(_files(folder, findings))
    sizes = {path: path.stat().st_size for path, _ in files}
    by_size = sorted(files, key=lambda f: (-sizes[f[0]], f[0].name))  # the largest first, so that no process waits long
    jobs = [partial(_read_file, path, table) for path, table in by_size]
    each = side_by_side(jobs, sum(sizes.values()) >= ENOUGH_FOR_PROCESSES)
    read: dict[Path, _File] = {}
    for path, _ in by_size:
        tick(path.name)
        read[path] = next(each)
    for path, _ in files:
        found = read[path]
        if found.error is not None:
            raise found.error
        hashes[path.name] = found.sha256
        findings += found.findings
        for name, part in found.parts:
            parts[name].append(part)
    tables = {name: RawTable(name, tuple(each)) for name, each in parts.items()}
    require_rows(tables, folder.name)
    return RawTables(tables, tuple(findings), hashes)


@dataclass(frozen=True)
class _File:
    """What a file holds: its parts by table; or the error that refuses it, so that the first file by name is told of."""

    sha256: str
    parts: list[tuple[str, Part]]
    findings: list[Finding]
    error: InputError | None = None


def _read_file(path: Path, table: str | None) -> _File:
    """Read one file; called in a process of its own where there is much to read."""
    data = path.read_bytes()
    found = _File(hashlib.sha256(data).hexdigest(), [], [])
    try:
        for label, name, grid in _grids(path, table, data, found.findings):
            if grid is not None:
                found.parts.append((name, part_of(grid, name, label, found.findings)))
            elif table is not None:
                found.parts.append((name, Part(label, {}, [])))
    except InputError as error:
        return replace(found, error=error)
    return found


def read_table_file(path: Path, table: str) -> tuple[list[Part], list[Finding], str]:
    """Read a file that stands outside the month folder for one of its tables.

    Returns
    -------
    parts : list of Part
    findings : list of Finding
    sha256 : str
        Of the file's bytes.

    Raises
    ------
    InputError
        There is no such file, or it cannot be read as that table.
    """
    if not path.is_file() or path.suffix.lower() not in _SUFFIXES:
        text = message(N_("{file} is no file with a table ({kinds})."), file=str(path), kinds=", ".join(_SUFFIXES))
        raise InputError(text, [Finding(table, path.name, None, "", "no_table_file", text)])
    found = _read_file(path, table)
    if found.error is not None:
        raise found.error
    return [part for _, part in found.parts], found.findings, found.sha256


def check_folder(folder: Path) -> None:
    """Raise :class:`InputError` if there is no such folder."""
    if not folder.is_dir():
        raise InputError(message(N_("There is no month folder {folder}."), folder=str(folder)))


def _files(folder: Path, findings: list[Finding]) -> Iterator[tuple[Path, str | None]]:
    """Yield the folder's files in the order of their names, with the table each means (None: a workbook of tables)."""
    stems: dict[str, str] = {}
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name == POLICY_FILE or path.name.startswith((".", "~$")) or path.is_dir():
            continue
        table = table_named(path.stem)
        whole = path.stem.lower() == "month"
        if path.suffix.lower() not in _SUFFIXES or not (table or whole):
            text = message(N_("The file {file} is no table of the month and was ignored."), file=path.name)
            findings.append(Finding("", path.name, None, "", "unknown_file", text))
            continue
        if path.stem in stems:
            summary = message(N_("{first} and {second} are the same table twice. Keep one."), first=stems[path.stem], second=path.name)
            raise InputError(summary, [Finding(table or "", path.name, None, "", "same_table_twice", summary)])
        stems[path.stem] = path.name
        yield path, None if whole else table


def _grids(path: Path, table: str | None, data: bytes, findings: list[Finding]) -> Iterable[tuple[str, str, Grid | None]]:
    """Yield (label, table, cells) of every sheet of a file that belongs to a table; the content decides how it is read."""
    content = "zip" if data[:2] == b"PK" else "ole" if data[:4] == b"\xd0\xcf\x11\xe0" else "text"
    if path.suffix.lower() == ".parquet" or (content == "text" and data.lstrip()[:1] == b"<"):
        problem = message(N_("{file} is of a kind that is not read yet. Save it as .xlsx or CSV."), file=path.name)
        raise InputError(problem, [Finding(table or "", path.name, None, "", "format", problem)])
    if content != _CONTENT_OF[path.suffix.lower()]:
        text = message(N_("{file} is not what its ending says; it was read by its content."), file=path.name)
        findings.append(Finding(table or "", path.name, None, "", "wrong_extension", text))
    if content == "text":
        if table is not None:
            yield path.name, table, read_csv(data, table, path.name)
        return
    unused: list[tuple[str, Grid]] = []
    used = False
    for sheet, grid in sheets(data, path.name):
        meant = table_named(sheet)
        label = f"{path.name}{SHEET_MARK}{sheet}"
        if grid is None or sheet in INSTRUCTION_SHEETS:
            continue
        if (meant == (table or meant) and meant is not None) or (table is not None and meant is None and _fits(grid, table)):
            used = True
            yield label, table or str(meant), grid
        else:
            text = message(N_("The sheet {sheet} is no table of the month and was ignored."), sheet=sheet)
            findings.append(Finding(table or "", label, None, "", "unknown_sheet", text))
            unused.append((label, grid))
    if table is not None and unused and not used:
        yield unused[0][0], table, unused[0][1]  # to be refused for its header, not ignored


def _fits(grid: Grid, table: str) -> bool:
    """Return whether a sheet with a name of its own (a township's, or instructions) has any column of the table."""
    known = headers_of(table)
    return any(normal_header(h)[0] in known for h in grid.header)


def require_rows(tables: dict[str, RawTable], folder: str) -> None:
    """Raise :class:`InputError` if households or cadres have no row: nobody sends an empty month on purpose."""
    for name in ("households", "cadres"):
        if not len(tables[name]):
            kind = N_("No row of {table} ({chinese}) was found in {folder}. Is it the right folder?")
            raise InputError(message(kind, table=name, chinese=chinese_table_name(name), folder=folder))
