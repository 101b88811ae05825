"""The certificate, read from bytes that may hold anything: whatever is not as docs/certificate.md says is a flaw."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.domain import Ints
from matcher.messages import N_, message
from matcher.verify import Flaw
from matcher.verify.files import CERTIFICATE, NOT_READ

RULES = 2
_HEADS = ("certificate", "rules", "month", "seed", "inputs_sha256", "policy_sha256", "roster_sha256", "objectives")
_WHOLE = {**dict.fromkeys(_HEADS, object), "parts": [object]}
_PART = {
    "levels": [[object]], "nodes": [str], "vector": [int], "potentials": [[object]],
    "twice": [[str]], "households": [str], "cadres": [str],
}
"""What the file and its parts hold: dict, list and type say so of themselves; ``object`` is anything."""
_HEXADECIMAL = re.compile(r"-?0x[0-9a-f]{1,200000}")
_ROOM = 1 << 58

LevelName = tuple[str | int, ...]
"""``(objective,)``; with numbers where an objective has several levels."""
Proof = list[tuple[LevelName, Ints]]
"""Every level with the potentials of all nodes."""
DRAW = "draw"


@dataclass(frozen=True)
class Part:
    """The certificate of a separate problem: names of levels and nodes, every node's vector; potentials by level and vector; pairs."""

    levels: list[LevelName]
    nodes: list[str]
    vector: list[int]
    potentials: list[list[int]]
    twice: list[tuple[str, str]]
    pairs: list[tuple[str, str]]

    @property
    def bits(self) -> int:
        """How many bits of a ticket count: all costs must fit, whatever the number of nodes."""
        return min(32, 62 - 2 * max(len(self.nodes) - 1, 0).bit_length())

    def proof(self, names: list[str]) -> Proof:
        """Return every level with the potentials of nodes, of "" any.

        The level of the draw says how many bits of a ticket count.
        """
        number = {"": 0, **dict(zip(self.nodes, range(len(self.nodes)), strict=True))}
        try:
            at = np.array(self.vector, np.int64)[list(map(number.__getitem__, names))]
        except KeyError as missing:
            raise _flaw(str(missing.args[0]).replace("\x1f", " ")) from None
        return [((DRAW, self.bits) if level == (DRAW,) else level, _exact(p)[at])
                for level, p in zip(self.levels, self.potentials, strict=True)]


def read_certificate(data: bytes, most: int) -> tuple[dict[str, Any], list[Part]]:
    """Return what a certificate says of the run, and its parts, or raise :class:`Flaw`; its text may have so many bytes at most."""
    tree = _tree(data, most)
    if not _fits(tree, _WHOLE) or tree["certificate"] != "jiedui" or type(tree["rules"]) is not int or tree["rules"] != RULES:
        raise _flaw(f"rules {RULES}")
    return {key: tree[key] for key in _HEADS}, [_part(part) for part in tree["parts"]]


def read_part(data: bytes | dict[str, Any]) -> Part:
    """Return the part that a gzip member holds which this program has just made; or that a record is, before it is written."""
    return _part(_tree(data, len(data) << 11) if isinstance(data, bytes) else data)


def _part(tree: Any) -> Part:
    if not _fits(tree, _PART):
        raise _flaw(", ".join(_PART))
    levels, nodes, twice, sides = tree["levels"], tree["nodes"], tree["twice"], (tree["households"], tree["cadres"])
    if not all(_fits(level[:1], [str]) and _fits(level[1:], [int]) for level in levels) or [] in levels:
        raise _flaw("levels")
    vector, vectors = tree["vector"], tree["potentials"]
    if set(map(len, vectors)) != {len(levels)} or len(set(nodes)) != len(nodes) or len(vector) != len(nodes):
        raise _flaw("potentials")
    if min(vector, default=0) < 0 or max(vector, default=0) >= len(vectors):
        raise _flaw("vector")
    potentials = [_integers(list(column)) for column in zip(*vectors, strict=True)]
    if len(sides[0]) != len(sides[1]) or any(len(pair) != 2 for pair in twice):
        raise _flaw("households, cadres, twice")
    twice = [(h, c) for h, c in twice]
    return Part([tuple(level) for level in levels], nodes, vector, potentials, twice, list(zip(*sides, strict=True)))


def _integers(column: list[Any]) -> list[int]:
    """Return integers that were written in decimal or all in hexadecimal."""
    kinds = set(map(type, column))
    if kinds == {str} and all(map(_HEXADECIMAL.fullmatch, column)):
        return [int(text, 16) for text in column]
    if kinds - {int}:
        raise _flaw("potentials")
    return column


def _exact(column: list[int]) -> Ints:
    """Return integers as an array, of Python integers where a sum with costs could overflow."""
    try:
        found = np.array(column, np.int64)
    except OverflowError:
        return np.array(column, object)
    return found if -_ROOM < found.min() <= found.max() < _ROOM else found.astype(object)


def _fits(value: Any, shape: Any) -> bool:
    """Whether a value is of a type, a list of such, or an object with such entries and no others."""
    if isinstance(shape, dict):
        return type(value) is dict and value.keys() == shape.keys() and all(_fits(value[key], shape[key]) for key in shape)
    if isinstance(shape, list) and type(value) is list:
        kind = list if shape[0] == [object] else shape[0]  # lists of anything: only that they are lists is asked
        if isinstance(kind, type):
            return kind is object or not set(map(type, value)) - {kind}
        return all(_fits(each, kind) for each in value)
    return shape is object or type(value) is shape


def _tree(data: bytes, most: int) -> Any:
    """Return what the JSON in all gzip members says; a small file can unpack to any size, so never more than allowed is unpacked."""
    pieces = [b""]
    try:
        while data:
            member = zlib.decompressobj(wbits=31)
            pieces.append(member.decompress(data, most + 1))
            data, most = member.unused_data, most - len(pieces[-1])
            if most < 0 or not member.eof:
                raise EOFError
        return json.loads(b"".join(pieces).decode("utf-8", "surrogatepass"), object_pairs_hook=_once)
    except (zlib.error, ValueError, RecursionError, MemoryError, EOFError):
        raise Flaw(message(NOT_READ, file=CERTIFICATE)) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("repeated key")
    return dict(pairs)


def _flaw(why: str) -> Flaw:
    return Flaw(message(N_("certificate.json.gz cannot be read: {why}."), why=why))
