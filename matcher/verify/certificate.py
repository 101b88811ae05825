"""The certificate, read from bytes that may hold anything: whatever is not as docs/certificate.md says is a flaw."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify.verdict import Flaw

RULES = 1
_HEADS = ("certificate", "rules", "month", "seed", "inputs_sha256", "policy_sha256", "roster_sha256", "objectives")
_WHOLE = {**dict.fromkeys(_HEADS, object), "parts": [object]}
_PART = {"levels": [[object]], "nodes": [str], "potentials": [[object]], "twice": [[str]], "households": [str], "cadres": [str]}
"""What the file and its parts hold: dict, list and type say so of themselves; ``object`` is anything."""
_HEXADECIMAL = re.compile(r"-?0x[0-9a-f]{1,200000}")
_PIECE = 1 << 20
_ROOM = 1 << 58

LevelName = tuple[str | int, ...]
"""``(objective,)``; with numbers where an objective has several levels."""


@dataclass(frozen=True)
class Part:
    """The certificate of a separate problem: names of levels and nodes, potentials by level and node, pairs of ids."""

    levels: list[LevelName]
    nodes: list[str]
    potentials: list[list[int]]
    twice: list[tuple[str, str]]
    pairs: list[tuple[str, str]]

    def ordered(self, names: list[str]) -> list[Ints]:
        """Return the potentials of nodes level by level, of "" any; as Python integers where a sum with costs could overflow.

        Raises
        ------
        Flaw
            A node is missing.
        """
        number = {"": 0, **{name: k for k, name in enumerate(self.nodes)}}
        try:
            at = np.array([number[name] for name in names], np.int64)
        except KeyError as missing:
            raise _flaw(str(missing.args[0]).replace("\x1f", " ")) from None
        return [np.array(p, np.int64 if -_ROOM < min(p) <= max(p) < _ROOM else object)[at] for p in self.potentials]


@dataclass(frozen=True)
class Certificate:
    """The whole certificate: what it says of the run (month, seed, hashes, objectives), and its parts."""

    head: dict[str, Any]
    parts: list[Part]


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
    if not _fits(tree, _WHOLE) or tree["certificate"] != "jiedui" or type(tree["rules"]) is not int or tree["rules"] != RULES:
        raise _flaw(f"rules {RULES}")
    return Certificate({key: tree[key] for key in _HEADS}, [_part(part) for part in tree["parts"]])


def read_part(data: bytes) -> Part:
    """Return the part that a gzip member holds which this program has just made."""
    return _part(_tree(data, len(data) << 11))


def _part(tree: Any) -> Part:
    if not _fits(tree, _PART):
        raise _flaw(", ".join(_PART))
    levels, nodes, sides = tree["levels"], tree["nodes"], (tree["households"], tree["cadres"])
    if not all(level and _fits(level[:1], [str]) and _fits(level[1:], [int]) for level in levels):
        raise _flaw("levels")
    potentials = [_integers(column) for column in tree["potentials"]]
    if len(potentials) != len(levels) or {len(p) for p in potentials} - {len(nodes)} or len(set(nodes)) != len(nodes):
        raise _flaw("potentials")
    if len(sides[0]) != len(sides[1]) or any(len(pair) != 2 for pair in tree["twice"]):
        raise _flaw("households, cadres, twice")
    return Part([tuple(level) for level in levels], nodes, potentials, [(h, c) for h, c in tree["twice"]], list(zip(*sides, strict=True)))


def _integers(column: list[Any]) -> list[int]:
    """Return integers that were written in decimal or all in hexadecimal."""
    if _fits(column, [str]) and all(map(_HEXADECIMAL.fullmatch, column)):
        return [int(text, 16) for text in column]
    if not _fits(column, [int]):
        raise _flaw("potentials")
    return column


def _fits(value: Any, shape: Any) -> bool:
    if isinstance(shape, dict):
        return type(value) is dict and value.keys() == shape.keys() and all(_fits(value[key], shape[key]) for key in shape)
    if isinstance(shape, list):
        kind = shape[0]
        plain = isinstance(kind, type)  # long lists are looked at as a whole
        return type(value) is list and (kind is object or not set(map(type, value)) - {kind} if plain else all(_fits(v, kind) for v in value))
    return shape is object or type(value) is shape


def _tree(data: bytes, most: int) -> Any:
    try:
        text = _unpacked(data, most).decode("utf-8", "surrogatepass")
        return json.loads(text, object_pairs_hook=_object, parse_float=_refused, parse_constant=_refused)
    except (zlib.error, ValueError, RecursionError, MemoryError, EOFError) as error:
        raise _flaw(type(error).__name__) from None


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


def _flaw(why: str) -> Flaw:
    return Flaw(message(N_("certificate.json.gz cannot be read: {why}."), why=why))
