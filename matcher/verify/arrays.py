"""Columns of integers: sets, groups, counts; components of a graph; tickets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matcher.domain import Ints, Lists
from matcher.integers import order_of, unique

Tickets = npt.NDArray[np.uint64]
_MOST_KEPT = 100_000
"""People up to which tickets are kept, for variants of a month that are checked one after the other."""


def together(*columns: Ints) -> Ints:
    """Return all distinct values of columns, sorted."""
    return unique(np.concatenate([np.zeros(0, np.int64), *columns]))


def distinct(*columns: Ints) -> tuple[Ints, Ints]:
    """Return the distinct rows of columns, sorted, again as columns; and for every row which of them it is."""
    table = np.stack(columns)
    order = order_of(*columns)
    new = np.append(np.ones(len(order[:1]), np.bool_), (np.diff(table[:, order], axis=1) != 0).any(axis=0))
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(new) - 1
    return table[:, order[new]], number


def grouped(owner: Ints, values: Ints, owners: int) -> Lists:
    """Return the values of every owner, sorted."""
    return Lists(np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=owners))]), values[order_of(owner, values)])


def numbered(counts: Ints) -> tuple[Ints, Ints]:
    """Return everybody as often as counted, and a number for each time, from 0."""
    who = np.repeat(np.arange(len(counts)), counts)
    return who, np.arange(len(who)) - (np.cumsum(counts) - counts)[who]


def totals(owner: Ints, values: Ints, owners: int) -> Ints:
    """Return the sum of every owner's values."""
    return np.bincount(owner, values, owners).astype(np.int64)


def components(start: Ints, end: Ints, nodes: int) -> Ints:
    """Return for every node which component it is in, -1 for nodes without arcs (Tarjan 1972, without recursion).

    A component has a larger number than those that its arcs, from ``start`` to ``end``, lead to.
    """
    ways = grouped(start, end, nodes)
    at, stop, to = ways.starts[:-1].tolist(), ways.starts[1:].tolist(), ways.values.tolist()
    seen, low, found = [0] * nodes, [0] * nodes, [-1] * nodes  # low: the earliest node, still open, that is known to be reached
    open_: list[int] = []
    clock = many = 0
    for root in np.flatnonzero(np.diff(ways.starts)).tolist():
        path = [] if seen[root] else [root]
        while path:
            node = path[-1]
            if not seen[node]:
                clock += 1
                seen[node] = low[node] = clock
                open_.append(node)
            while at[node] < stop[node]:
                other = to[at[node]]
                if not seen[other]:
                    path.append(other)  # and look at it again on the way back
                    break
                if found[other] < 0 and low[other] < low[node]:
                    low[node] = low[other]
                at[node] += 1
            else:
                path.pop()
                if low[node] == seen[node]:
                    while found[node] < 0:
                        found[open_.pop()] = many
                    many += 1
    return np.array(found, np.int64)


def tickets(seed: str, kind: str, names: Iterable[str], bits: int = 64) -> Tickets:
    """Return tickets: the first bits of SHA-256 of ``seed|kind|name``."""
    digests = b"".join([hashlib.sha256(f"{seed}|{kind}|{name}".encode()).digest() for name in names])
    return np.frombuffer(digests, ">u8")[::4].astype(np.uint64) >> np.uint64(64 - bits)


@lru_cache(maxsize=4)
def people_tickets(seed: str, kind: str, ids: tuple[str, ...]) -> Tickets:
    """Return everybody's tickets of 64 bits, those who were there when a month before was checked not hashed again."""
    if len(ids) > _MOST_KEPT:
        return tickets(seed, kind, ids)
    known = _drawn(seed, kind)
    new = [name for name in ids if name not in known]
    known.update(zip(new, tickets(seed, kind, new).tolist(), strict=True))
    return np.array([known[name] for name in ids], np.uint64)


@lru_cache(maxsize=4)
def _drawn(*_seed_and_kind: str) -> dict[str, int]:
    """Return the tickets drawn so far with a seed for a kind: filled where they are asked for."""
    return {}
