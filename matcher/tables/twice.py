"""Files of one name in two formats: refused, all of them at once, unless all but one are blank workbooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, message
from matcher.tables.table import Part


@dataclass(frozen=True)
class FileRead:
    """What a file holds: its parts by table; or the error that refuses it, so that all files that are refused are told of.

    Attributes
    ----------
    book : bool
        Whether it is a workbook.
    """

    sha256: str
    parts: list[tuple[str, Part]]
    findings: list[Finding]
    error: InputError | None = None
    book: bool = False

    @property
    def has_rows(self) -> bool:
        """Whether any of its tables has a row."""
        return any(len(part.rows) for _, part in self.parts)

    @property
    def is_blank(self) -> bool:
        """Whether it is a workbook in which nobody has entered anything: no row, and nothing to be told of."""
        return self.book and self.error is None and not self.has_rows and not self.findings


def one_of_each(
    files: Iterable[tuple[Path, str | None]], read: Mapping[Path, FileRead], findings: list[Finding]
) -> tuple[set[Path], dict[str, InputError]]:
    """Return the blank workbooks that give way to a file of the same name that has rows, and the names that clash with their errors.

    Parameters
    ----------
    findings : list of Finding
        Receives which workbooks gave way.
    """
    by_stem: dict[str, list[tuple[Path, str | None]]] = {}
    for path, table in files:
        by_stem.setdefault(path.stem, []).append((path, table))
    gone: set[Path] = set()
    errors: dict[str, InputError] = {}
    for stem, same in by_stem.items():
        filled = [path for path, _ in same if not read[path].is_blank]
        table = same[0][1] or ""
        if len(same) > 1 and len(filled) == 1 and read[filled[0]].has_rows:
            gone |= {path for path, _ in same} - set(filled)
            text = N_("{empty} has no rows and gave way to {file}. The same table in two formats is refused as soon as both have rows.")
            for path in sorted({path for path, _ in same} - set(filled)):
                said = message(text, empty=path.name, file=filled[0].name)
                findings.append(Finding(table, path.name, None, "", "empty_beside", said))
        elif len(same) > 1:
            names = [path.name for path, _ in same]
            summary = message(N_("{first} and {second} are the same table twice. Keep one."), first="、".join(names[:-1]), second=names[-1])
            errors[stem] = InputError(summary, [Finding(table, names[-1], None, "", "same_table_twice", summary)])
    return gone, errors
