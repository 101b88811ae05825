"""A month folder: its files by table, sniffed by content, read into raw tables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.parallel import Meanwhile, meanwhile, side_by_side
from matcher.tables.aliases import INSTRUCTION_SHEETS, TABLES, chinese_table_name, table_named
from matcher.tables.csv_file import read_csv
from matcher.tables.grid import MOST_BYTES, Grid, opening, too_large, unreadable
from matcher.tables.headers import parts_of
from matcher.tables.html_file import html_sheets
from matcher.tables.kind import HTML, KINDS_OF, OLE, PARQUET, PARSED_APART, TEXT, ZIP, kind_of, refuse_kind
from matcher.tables.limited import LARGEST, GaveUpError, Limit, begun, begun_beside
from matcher.tables.parquet_file import read_parquet
from matcher.tables.sheet import Opened, Sheet, opened
from matcher.tables.table import SHEET_MARK, Part, RawTable
from matcher.tables.twice import FileRead, one_of_each
from matcher.tables.workbook import Look, look_into, sheets

POLICY_FILE = "policy.toml"
ENOUGH_FOR_PROCESSES = 20 * 2**20
"""Bytes from which on files are worth reading side by side."""
_WORTH_A_PROCESS = 2**18
_WORTH_A_LOOK_BESIDE = 2**20
"""Bytes of a workbook from which on it is looked into in a process of its own, beside the parser."""


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
    try:
        size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    except OSError:  # told where it is read
        size = 0
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
    with opening(folder.name):
        files = list(_files(folder, findings))
        sizes = {path: path.stat().st_size for path, _ in files}
    by_size = sorted(files, key=lambda f: (-sizes[f[0]], f[0].name))  # the largest first, so that no process waits long
    read = dict(_largest_meanwhile(by_size, tick) if sum(sizes.values()) < ENOUGH_FOR_PROCESSES else _apart(by_size, tick))
    blank, clashes = one_of_each(files, read, findings)
    _refuse([*clashes.values(), *(error for path, _ in files if path.stem not in clashes and (error := read[path].error))])
    for path, _ in files:
        found = read[path]
        hashes[path.name] = found.sha256
        if path in blank:
            continue
        findings += found.findings
        for name, part in found.parts:
            parts[name].append(part)
    tables = {name: RawTable(name, tuple(each)) for name, each in parts.items()}
    require_rows(tables, folder.name)
    return RawTables(tables, tuple(findings), hashes)


def _apart(files: list[tuple[Path, str | None]], tick: Callable[[str], object]) -> Iterator[tuple[Path, FileRead]]:
    each = side_by_side([partial(_read_file, path, table) for path, table in files], worth=True)
    for path, _ in files:
        tick(path.name)
        yield path, next(each)


def _largest_meanwhile(files: list[tuple[Path, str | None]], tick: Callable[[str], object]) -> Iterator[tuple[Path, FileRead]]:
    """Read the files one after the other; a workbook that is the first has a process, which works while the others are read."""
    if not files:
        return
    tick(files[0][0].name)
    with _begun(*files[0]) as first:
        for path, table in files[1:]:
            tick(path.name)
            yield path, _read_file(path, table)
        yield files[0][0], first()


def _refuse(errors: list[InputError]) -> None:
    """Raise the error of a file, or one that holds what is wrong with all the files, so that they can be mended at once."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise InputError(message(N_("{count} files cannot be used."), count=len(errors)), [f for e in errors for f in e.findings])


def _read_file(path: Path, table: str | None) -> FileRead:
    """Read one file; called in a process of its own where there is much to read."""
    with _begun(path, table) as answer:
        return answer()


@contextmanager
def _begun(path: Path, table: str | None) -> Iterator[Callable[[], FileRead]]:
    """Begin to read a file, where a foreign parser reads it: what is given waits for what it holds."""
    data = _bytes_of(path, table or "")
    if not isinstance(data, bytes):
        yield partial(FileRead, "", [], [], data)
        return
    kind = kind_of(data)
    job = partial(_parts_of, path, table, data, kind)
    if kind not in PARSED_APART:
        yield job
        return
    limit = LARGEST if kind == PARQUET else Limit.of(len(data))  # pyarrow reserves much that it does not use
    worth = kind == ZIP and len(data) >= _WORTH_A_LOOK_BESIDE
    with begun_beside(partial(look_into, data, path.name), job, limit) if worth else begun(job, limit) as answer:
        yield partial(_unless_it_gave_up, answer, path, table)


def _bytes_of(path: Path, table: str) -> bytes | InputError:
    """Return what a file holds, or why it is not read."""
    try:
        with opening(path.name, table):
            return path.read_bytes() if path.stat().st_size <= MOST_BYTES else too_large(table, path.name)
    except InputError as error:
        return error


def _unless_it_gave_up(answer: Callable[[], FileRead], path: Path, table: str | None) -> FileRead:
    try:
        return answer()
    except InputError as error:
        return FileRead("", [], [], error)
    except GaveUpError:
        text = N_("The program that reads such files gave up on it: it is damaged, or far too large. Open it, save it again as .xlsx.")
        return FileRead("", [], [], unreadable(table or "", path.name, None, "damaged", message(text)))


def _parts_of(path: Path, table: str | None, data: bytes, kind: str, looked: Callable[[], Look] | None = None) -> FileRead:
    found = FileRead(hashlib.sha256(data).hexdigest(), [], [], book=kind in (ZIP, OLE))
    try:
        for label, name, grid in _grids(path, table, data, kind, found.findings, looked):
            if grid is not None:
                found.parts.extend(parts_of(grid, name, label, found.findings))
            elif table is not None:
                found.parts.append((name, Part(label, {}, [])))
    except InputError as error:
        return replace(found, error=_as_text(error, path, table or "") if kind == TEXT else error)
    if table is not None and not any(part.headers for _, part in found.parts):
        text = message(N_("{file} is empty: it holds not even headers. Was it saved whole?"), file=path.name)
        found.findings.append(Finding(table, path.name, None, "", "empty_file", text))
    return found


def _as_text(error: InputError, path: Path, table: str) -> InputError:
    """Return the error of a text; where its ending promises a workbook, it is said first that it is none."""
    if TEXT in KINDS_OF[path.suffix.lower()]:
        return error
    kind = N_("{file} is no workbook: it holds text, and was read as text. Ask for the workbook, or save it as CSV.")
    text = message(kind, file=path.name)
    return InputError(text, [Finding(table, path.name, None, "", "format", text), *error.findings])


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
    if not path.is_file() or path.suffix.lower() not in KINDS_OF:
        kind = N_("{file} is no file with a table ({kinds}).") if path.exists() else N_("There is no file {file}.")
        text = message(kind, file=str(path), kinds=", ".join(KINDS_OF))
        raise InputError(text, [Finding(table, path.name, None, "", "no_table_file", text)])
    found = _read_file(path, table)
    if found.error is not None:
        raise found.error
    if any(name != table for name, _ in found.parts):
        text = message(N_("{file} has a row for every person; such a file is read in a month folder only."), file=path.name)
        raise InputError(text, [Finding(table, path.name, None, "", "persons", text)])
    return [part for _, part in found.parts], found.findings, found.sha256


def check_folder(folder: Path) -> None:
    """Raise :class:`InputError` if there is no such folder."""
    with opening(str(folder)):
        there = folder.is_dir()
    if not there:
        raise InputError(message(N_("There is no month folder {folder}."), folder=str(folder)))


def _files(folder: Path, findings: list[Finding]) -> Iterator[tuple[Path, str | None]]:
    """Yield the folder's files in the order of their names, with the table each means (None: a workbook of tables)."""
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name == POLICY_FILE or path.name.startswith((".", "~$")) or path.is_dir():
            continue
        table = table_named(path.stem)
        whole = path.stem.lower() == "month"
        if path.suffix.lower() not in KINDS_OF or not (table or whole):
            text = message(N_("The file {file} is no table of the month and was ignored."), file=path.name)
            findings.append(Finding("", path.name, None, "", "unknown_file", text))
            continue
        yield path, None if whole else table


def _grids(
    path: Path, table: str | None, data: bytes, kind: str, findings: list[Finding], looked: Callable[[], Look] | None
) -> Iterable[tuple[str, str, Grid | None]]:
    """Yield (label, table, cells) of every sheet of a file that belongs to a table; the content decides how it is read."""
    refuse_kind(kind, data, table or "", path.name)
    if kind not in KINDS_OF[path.suffix.lower()]:
        text = message(N_("{file} is not what its ending says; it was read by its content."), file=path.name)
        findings.append(Finding(table or "", path.name, None, "", "wrong_extension", text))
    if kind == TEXT:
        if table is not None:
            yield path.name, table, read_csv(data, table, path.name, findings)
    elif kind == PARQUET:
        if table is not None:
            yield path.name, table, read_parquet(data, table, path.name)
    else:
        found = html_sheets(data, path.name) if kind == HTML else sheets(data, path.name, looked)
        yield from _of_sheets(found, path.name, table, findings)


def _of_sheets(
    found: Iterable[Sheet], file: str, table: str | None, findings: list[Finding]
) -> Iterable[tuple[str, str, Grid | None]]:
    unused: list[tuple[str, Opened]] = []
    used = False
    for sheet in found:
        meant, page = table_named(sheet.name), opened(sheet)
        label = f"{file}{SHEET_MARK}{sheet.name}"
        if page is None or sheet.name in INSTRUCTION_SHEETS:
            continue
        by_name = meant is not None and meant == (table or meant)
        if by_name or (table is not None and meant is None and page.head(table, label).found):
            used = True
            name = table or str(meant)
            yield label, name, page.grid(name, label, findings)
        else:
            text = message(N_("The sheet {sheet} is no table of the month and was ignored."), sheet=sheet.name)
            findings.append(Finding(table or "", label, None, "", "unknown_sheet", text))
            unused.append((label, page))
    if table is not None and unused and not used:
        label, page = unused[0]
        yield label, table, page.grid(table, label, findings)  # to be refused for its header, not ignored


def require_rows(tables: dict[str, RawTable], folder: str) -> None:
    """Raise :class:`InputError` if households or cadres have no row: nobody sends an empty month on purpose."""
    for name in ("households", "cadres"):
        if not len(tables[name]):
            kind = N_("No row of {table} ({chinese}) was found in {folder}. Is it the right folder?")
            raise InputError(message(kind, table=name, chinese=chinese_table_name(name), folder=folder))
