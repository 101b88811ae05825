"""The changes that a scenario is made of: frozen records, each with the option and the words that say it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from matcher.messages import mask_numbers


@dataclass(frozen=True, order=True)
class Change:
    """One change; ``option`` is the command line's name for it."""

    option: ClassVar[str]

    def words(self) -> str:
        """Return what stands behind the option."""
        raise NotImplementedError


@dataclass(frozen=True, order=True)
class SetKey(Change):
    """A policy key gets a value; an empty one is its default, as if the key were not in the file."""

    option: ClassVar[str] = "set"
    key: str
    value: str

    def words(self) -> str:
        """Return ``KEY=VALUE``."""
        return f"{self.key}={self.value}"


@dataclass(frozen=True, order=True)
class FileChange(Change):
    """A table and a file with rows for it."""

    table: str
    file: Path

    def words(self) -> str:
        """Return ``TABLE=FILE``."""
        return f"{self.table}={self.file}"


@dataclass(frozen=True, order=True)
class Add(FileChange):
    """A file's rows come to a table's."""

    option: ClassVar[str] = "add"


@dataclass(frozen=True, order=True)
class Replace(FileChange):
    """A file's rows stand in for a table's."""

    option: ClassVar[str] = "replace"


@dataclass(frozen=True, order=True)
class RemoveCadre(Change):
    """A cadre has no row any more."""

    option: ClassVar[str] = "remove-cadre"
    id: str

    def words(self) -> str:
        """Return the id."""
        return self.id


@dataclass(frozen=True, order=True)
class RemoveUnit(Change):
    """A unit and all its cadres have no row any more; ``name`` may be ``county/unit``."""

    option: ClassVar[str] = "remove-unit"
    name: str

    def words(self) -> str:
        """Return the name."""
        return self.name


@dataclass(frozen=True, order=True)
class CloseTownship(Change):
    """Nobody who lives in a township is paired: its quota is 0; ``name`` may be ``county/township``."""

    option: ClassVar[str] = "close-township"
    name: str

    def words(self) -> str:
        """Return the name."""
        return self.name


@dataclass(frozen=True, order=True)
class PairChange(Change):
    """Something about a household and a cadre."""

    household: str
    cadre: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two ids."""
        return self.household, self.cadre

    def words(self) -> str:
        """Return ``HOUSEHOLD=CADRE``."""
        return f"{self.household}={self.cadre}"


@dataclass(frozen=True, order=True)
class Require(PairChange):
    """The two must be paired."""

    option: ClassVar[str] = "require"


@dataclass(frozen=True, order=True)
class Avoid(PairChange):
    """The two must not be paired."""

    option: ClassVar[str] = "avoid"


@dataclass(frozen=True, order=True)
class Release(PairChange):
    """The two need not be paired any more: no longer required, no longer pinned."""

    option: ClassVar[str] = "release"


@dataclass(frozen=True, order=True)
class SetCell(Change):
    """A cell of somebody's row says something else."""

    id: str
    column: str
    value: str
    table: ClassVar[str]

    def words(self) -> str:
        """Return ``ID:COLUMN=VALUE``."""
        return f"{self.id}:{self.column}={self.value}"


@dataclass(frozen=True, order=True)
class CadreCell(SetCell):
    """A cell of a cadre's row."""

    option: ClassVar[str] = "cadre"
    table: ClassVar[str] = "cadres"


@dataclass(frozen=True, order=True)
class UnitCell(SetCell):
    """A cell of a unit's row; a unit without one gets one."""

    option: ClassVar[str] = "unit"
    table: ClassVar[str] = "units"


@dataclass(frozen=True, order=True)
class HouseholdCell(SetCell):
    """A cell of a household's row."""

    option: ClassVar[str] = "household"
    table: ClassVar[str] = "households"


KINDS: tuple[type[Change], ...] = (
    SetKey, RemoveCadre, RemoveUnit, CloseTownship, Require, Avoid, Release, CadreCell, UnitCell, HouseholdCell, Add, Replace,
)
"""All kinds of changes, in the order in which they are told."""


@dataclass(frozen=True)
class Scenario:
    """A named set of changes; their order means nothing.

    Attributes
    ----------
    name : str
    changes : tuple of Change
        Each once, in the order of :data:`KINDS` and within a kind by what they say.
    named : bool
        Whether somebody gave it the name; else it is made of the words.
    """

    name: str
    changes: tuple[Change, ...]
    named: bool = True

    @staticmethod
    def of(name: str, changes: list[Change]) -> Scenario:
        """Return a scenario of some changes; without a name it is known by its words."""
        ordered = sorted(dict.fromkeys(changes), key=lambda c: (KINDS.index(type(c)), c.words()))
        return Scenario(mask_numbers(name or "; ".join(told(c) for c in ordered)), tuple(ordered), bool(name))

    def all(self, kind: type[Change]) -> list[Change]:
        """Return the changes of a kind."""
        return [c for c in self.changes if isinstance(c, kind)]

    def record(self) -> dict[str, object]:
        """Return the scenario as run.json keeps it: options and words, files by their whole path."""
        return {"name": self.name, "changes": [[c.option, c.words()] for c in self.changes]}


def told(change: Change) -> str:
    """Return a change in a name: the words, and the option where they do not say it."""
    words = f"{change.table}={change.file.name}" if isinstance(change, FileChange) else change.words()
    return words if isinstance(change, SetKey | SetCell) else f"{change.option} {words}"
