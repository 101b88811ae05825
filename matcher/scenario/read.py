"""Scenarios from the words of the command line, from a scenario file, and from a run's record."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from matcher.errors import InputError, UsageError
from matcher.findings import Finding
from matcher.messages import N_, Message, masked, message
from matcher.policy.read import toml_problem
from matcher.scenario import changes as kinds
from matcher.scenario.changes import KINDS, Change, Scenario
from matcher.scenario.literal import literal
from matcher.tables.aliases import TABLES, headers_of, normal_header, table_named
from matcher.tables.cells import fold
from matcher.tables.grid import opening

Said = Sequence[tuple[str, str]]
"""Options (without dashes) and what stands behind each."""
_MOST_BYTES = 1_000_000
_ASSIGNED = re.compile(r"([^=＝]+)[=＝](.*)", re.DOTALL)
_SHAPES = {
    "set": N_("KEY=VALUE, such as eligibility.income_threshold=3000"),
    "add": N_("TABLE=FILE, such as cadres=more.csv"), "replace": N_("TABLE=FILE, such as cadres=more.csv"),
    "require": N_("HOUSEHOLD=CADRE, such as H0012=C0034"), "avoid": N_("HOUSEHOLD=CADRE, such as H0012=C0034"),
    "release": N_("HOUSEHOLD=CADRE, such as H0012=C0034"),
    "cadre": N_("ID:COLUMN=VALUE, such as C0034:capacity=5"), "unit": N_("NAME:COLUMN=VALUE, such as Forestry:capacity=30"),
    "household": N_("ID:COLUMN=VALUE, such as H0012:income=1200"),
}
_MANY = {"remove_cadres": "remove-cadre", "remove_units": "remove-unit", "close_townships": "close-township"}
_PAIRS = ("require", "avoid", "release")
_CELLS = {"cadres": "cadre", "units": "unit", "households": "household"}
_KEYS = ("name", "set", *_MANY, *_PAIRS, *_CELLS, "add", "replace")


def change_of(option: str, words: str, folder: Path = Path()) -> Change:
    """Return the change that an option with its words says; files are looked for from a folder.

    Raises
    ------
    UsageError
        The words have not the option's form; there is no such table or column.
    """
    kind = next(k for k in KINDS if k.option == option)
    if option not in _SHAPES:
        if not fold(words):
            raise UsageError(message(N_("--{option} wants a name or an id."), option=option))
        return kind(fold(words))  # type: ignore[call-arg]
    found = _ASSIGNED.fullmatch(words)
    left = fold(found[1]) if found else ""
    if not found or not left or (option in _PAIRS and not fold(found[2])):
        raise _shapeless(option, words)
    if issubclass(kind, kinds.PairChange):
        return kind(left, fold(found[2]))
    if issubclass(kind, kinds.FileChange):
        return kind(_table(left), (folder / found[2].strip()).resolve())
    if issubclass(kind, kinds.SetCell):
        who, mark, column = left.rpartition(":")
        if not mark or not who.strip() or not column.strip():
            raise _shapeless(option, words)
        named = _column(kind.table, column.strip())
        if named == "id_number":
            text = N_("An ID number does not belong among a command's words: give the row in a file (--add, --replace).")
            raise UsageError(message(text))
        return kind(who.strip(), named, found[2].strip())
    return kinds.SetKey(left, found[2].strip())


def _shapeless(option: str, words: str) -> UsageError:
    return UsageError(masked(N_("--{option} {words}: wanted is {shape}."), option=option, words=words, shape=message(_SHAPES[option])))


def _table(name: str) -> str:
    found = table_named(name)
    if found is None:
        raise UsageError(masked(N_("There is no table {table}; known: {known}."), table=name, known=", ".join(TABLES)))
    return found


def _column(table: str, name: str) -> str:
    found = headers_of(table).get(normal_header(name)[0])
    if found is None:
        known = [c.name for c in TABLES[table]]
        likely = get_close_matches(name, known, 1, 0.5)
        meant: Message | str = message(N_(" Did you mean {name}?"), name=likely[0]) if likely else ""
        text = N_("The table {table} has no column {column}; known: {known}.{meant}")
        raise UsageError(masked(text, table=table, column=name, known=", ".join(known), meant=meant))
    return found


def scenario_of(said: Iterable[tuple[str, str]], name: str = "", folder: Path = Path()) -> Scenario:
    """Return the scenario that some options make."""
    return Scenario.of(name, [change_of(option, words, folder) for option, words in said])


def read_record(record: Any) -> Scenario:
    """Return the scenario that a run's run.json keeps.

    Raises
    ------
    InputError
        It cannot be read.
    """
    try:
        return scenario_of([(str(option), str(words)) for option, words in record["changes"]], str(record["name"]))
    except (KeyError, TypeError, ValueError, UsageError, StopIteration):
        raise InputError(message(N_("run.json does not say readably what the scenario changed."))) from None


def read_file(path: Path) -> list[Scenario]:
    """Read a scenario file: ``[[scenario]]`` sections, each with a name and its changes.

    Raises
    ------
    UsageError
        There is no such file.
    InputError
        It is no TOML, holds an unknown key or a value that does not fit, a name stands twice.
    """
    with opening(path.name, "scenario"):
        data = path.read_bytes() if path.is_file() else None
    if data is None:
        raise UsageError(message(N_("There is no scenario file {file}."), file=str(path)))
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError(f"> {_MOST_BYTES} bytes")
        tree = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise _unusable(path, "", message(N_("no valid TOML: {error}"), error=toml_problem(error))) from None
    every = tree.get("scenario")
    if set(tree) != {"scenario"} or not isinstance(every, list) or not every:
        raise _unusable(path, "", message(N_("wanted are sections [[scenario]], each with a name and its changes")))
    found: list[Scenario] = []
    for section in every:
        scenario = _Section(path, section).scenario()
        if scenario.name in {s.name for s in found}:
            raise _unusable(path, scenario.name, message(N_("the name stands twice")))
        found.append(scenario)
    return found


def _unusable(path: Path, key: str, text: Message) -> InputError:
    summary = message(N_("The scenario file {file} cannot be used."), file=path.name)
    return InputError(summary, [Finding("scenario", path.name, None, key, "scenario_file", text)])


class _Section:
    """One ``[[scenario]]`` of a file."""

    def __init__(self, path: Path, tree: Any) -> None:
        self._path, self._tree = path, tree
        name = tree.get("name") if isinstance(tree, dict) else None
        self._name = name.strip() if isinstance(name, str) else ""
        if not self._name:
            raise _unusable(path, "name", message(N_("every scenario wants a name")))

    def scenario(self) -> Scenario:
        """Return the scenario."""
        said: list[tuple[str, str]] = []
        for key, value in self._tree.items():
            said += self._said(key, value)
        try:
            return scenario_of(said, self._name, self._path.parent)
        except UsageError as error:
            raise _unusable(self._path, self._name, error.summary) from None

    def _said(self, key: str, value: Any) -> list[tuple[str, str]]:
        """Return a key of the file as the options that say the same."""
        if key == "name":
            return []
        if key in _MANY:
            return [(_MANY[key], v) for v in self._texts(key, value)]
        if key in _PAIRS:
            return [(key, v) for v in self._texts(key, value)]
        if key in ("add", "replace"):
            return [(key, f"{table}={file}") for table, files in self._table(key, value).items()
                    for file in self._texts(key, files if isinstance(files, list) else [files])]
        if key == "set":
            return [("set", f"{path}={text}") for path, text in self._keys(self._table(key, value))]
        if key in _CELLS:
            return [(_CELLS[key], f"{who}:{column}={cell if isinstance(cell, str) else literal(cell)}")
                    for who, cells in self._table(key, value).items() for column, cell in self._table(f"{key}.{who}", cells).items()]
        likely = get_close_matches(key, _KEYS, 1, 0.5)
        text = N_("there is no such key; did you mean {key}?") if likely else N_("there is no such key; known here: {keys}")
        raise self._wrong(key, message(text, key=likely[0] if likely else "", keys=", ".join(_KEYS)))

    def _keys(self, tree: Mapping[str, Any], path: str = "") -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for key, value in tree.items():
            whole = f"{path}.{key}" if path else key
            found += self._keys(value, whole) if isinstance(value, dict) else [(whole, literal(value))]
        return found

    def _table(self, key: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(key, message(N_("a table of values is wanted")))
        return value

    def _texts(self, key: str, value: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self._wrong(key, message(N_("a list of texts in square brackets is wanted")))
        return value

    def _wrong(self, key: str, text: Message) -> InputError:
        return _unusable(self._path, f"{self._name}: {key}", text)
