"""The certificate, read from bytes that may hold anything: whatever is not as docs/certificate.md says is a flaw."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.verdict import Flaw

RULES = 1
_HEXADECIMAL = re.compile(r"-?0x[0-9a-f]{1,200000}")
_UNREADABLE = N_("certificate.json.gz cannot be read: {why}.")
_KEYS = ("certificate", "rules", "month", "seed", "inputs_sha256", "policy_sha256", "roster_sha256", "objectives", "parts")
_PART_KEYS = ("levels", "nodes", "potentials", "twice", "households", "cadres")
_PIECE = 1 << 20
_ROOM = 1 << 58

LevelName = tuple[str | int, ...]
"""``(objective,)``; with numbers where an objective has several levels."""


@dataclass(frozen=True)
class Part:
    """The certificate of a separate problem.

    Attributes
    ----------
    levels : list of LevelName
    nodes : list of str
    potentials : list of list of int
        By level and by node.
    twice, pairs : list of (str, str)
        Household and cadre ids.
    """

    levels: list[LevelName]
    nodes: list[str]
    potentials: list[list[int]]
    twice: list[tuple[str, str]]
    pairs: list[tuple[str, str]]

    @cached_property
    def number(self) -> dict[str, int]:
        """Every node's place."""
        return {name: k for k, name in enumerate(self.nodes)}

    @cached_property
    def columns(self) -> list[Ints]:
        """The potentials as arrays; of Python integers where one is so large that a sum with costs could overflow."""
        return [_column(values) for values in self.potentials]


def _column(values: list[int]) -> Ints:
    try:
        column = np.array(values, np.int64)
    except OverflowError:
        return np.array(values, object)
    return column if not len(column) or (column.max() < _ROOM and column.min() > -_ROOM) else column.astype(object)


@dataclass(frozen=True)
class Certificate:
    """The whole certificate: what it says of the run (month, seed, hashes, objectives), and its parts."""

    head: dict[str, Any]
    parts: list[Part]


def flaw(why: str) -> Flaw:
    """Return the flaw of a certificate that is not as it should be."""
    return Flaw(message(_UNREADABLE, why=why))


def read_certificate(data: bytes, most: int) -> Certificate:
    """Return the certificate that a file holds.

    Parameters
    ----------
    most : int
        Bytes that its text may have at most: a small file can unpack to any size.

    Raises
    ------
    Flaw
    """
    tree = _tree(data, most)
    _keys(tree, _KEYS)
    if tree["certificate"] != "jiedui" or type(tree["rules"]) is not int or tree["rules"] != RULES:
        raise flaw(f"rules {RULES}")
    return Certificate({k: v for k, v in tree.items() if k != "parts"}, [_part(p) for p in _list(tree["parts"])])


def read_part(data: bytes | dict[str, Any]) -> Part:
    """Return the part that a gzip member holds which this program has just made; or that a record is, before it is written."""
    return _part(_tree(data, len(data) << 11) if isinstance(data, bytes) else data)


def _tree(data: bytes, most: int) -> Any:
    try:
        text = _unpacked(data, most).decode("utf-8", "surrogatepass")
        return json.loads(text, object_pairs_hook=_object, parse_float=_refused, parse_constant=_refused)
    except (zlib.error, ValueError, RecursionError, MemoryError, EOFError) as error:
        raise flaw(type(error).__name__) from None


def _unpacked(data: bytes, most: int) -> bytes:
    """Return the text of all gzip members, never more than allowed."""
    pieces, size, rest = [], 0, data
    while rest:
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            piece = member.decompress(rest, _PIECE)
            rest = member.unconsumed_tail
            size += len(piece)
            if size > most or not (piece or rest or member.eof):
                raise EOFError
            pieces.append(piece)
        rest = member.unused_data
    return b"".join(pieces)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("repeated key")
    return found


def _refused(text: str) -> NoReturn:
    raise ValueError(text)


def _keys(tree: Any, wanted: tuple[str, ...]) -> None:
    if not isinstance(tree, dict) or set(tree) != set(wanted):
        raise flaw(", ".join(wanted))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise flaw("[…]")
    return value


def _texts(value: Any, what: str) -> list[str]:
    found = _list(value)
    if set(map(type, found)) - {str}:
        raise flaw(what)
    return found


def _part(tree: Any) -> Part:
    _keys(tree, _PART_KEYS)
    levels = [_level(level) for level in _list(tree["levels"])]
    nodes = _texts(tree["nodes"], "nodes")
    potentials = [_potential(column, len(nodes)) for column in _list(tree["potentials"])]
    if len(potentials) != len(levels) or len(set(nodes)) != len(nodes):
        raise flaw("potentials")
    sides = [_texts(tree[side], side) for side in ("households", "cadres")]
    if len(sides[0]) != len(sides[1]):
        raise flaw("households, cadres")
    twice = [_texts(pair, "twice") for pair in _list(tree["twice"])]
    if any(len(pair) != 2 for pair in twice):
        raise flaw("twice")
    return Part(levels, nodes, potentials, [(h, c) for h, c in twice], list(zip(*sides, strict=True)))


def _level(value: Any) -> LevelName:
    """Return a level: a name, and numbers where the name alone does not say which."""
    name, *numbers = _list(value) or [0]
    if type(name) is not str or not all(type(n) is int for n in numbers):
        raise flaw("levels")
    return (name, *numbers)


def _potential(value: Any, nodes: int) -> list[int]:
    """Return a column of integers, written in decimal or all in hexadecimal."""
    column = _list(value)
    if len(column) != nodes:
        raise flaw("potentials")
    kinds = set(map(type, column))
    if kinds <= {int}:
        return column
    if kinds == {str} and all(map(_HEXADECIMAL.fullmatch, column)):
        return [int(v, 16) for v in column]
    raise flaw("potentials")
