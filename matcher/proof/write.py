"""The certificate, written: docs/certificate.md is its specification.

The file is gzip in several members, a head and one for each separate problem, so that each problem's is made where it was
solved and only bytes travel. Source of the proof: potentials and complementary slackness (Ahuja, Magnanti, Orlin, *Network
Flows*, 1993, chapter 9), one entry a level, compared lexicographically.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping, Sequence

import numpy as np

from matcher.domain import Instance, Ints
from matcher.formulation.network import Kind
from matcher.integers import order_of
from matcher.solve.draw import ARC_DRAW, HOUSEHOLD_DRAW
from matcher.solve.lexicographic import Level
from matcher.solve.rounds import Solution, Task

RULES = 2
"""Version of the rules that a checker has to apply: raised whenever docs/certificate.md changes what is valid."""
_LEVEL = 1


def member(text: str) -> bytes:
    """Return a gzip member without a clock, a name or a system in it."""
    out = io.BytesIO()
    with gzip.GzipFile("", "wb", _LEVEL, out, mtime=0) as file:
        file.write(text.encode("utf-8", "surrogatepass"))
    return out.getvalue()


def part_of(instance: Instance, solution: Solution, task: Task) -> bytes:
    """Return a separate problem's part of the certificate as a gzip member."""
    return member(_json(record_of(instance, solution, task)))


def record_of(instance: Instance, solution: Solution, task: Task) -> dict[str, object]:
    """Return what the part holds."""
    levels = _needed(solution, task)
    ids = instance.households.ids, instance.cadres.ids
    potentials = _lifted(solution, levels)
    first, vector = _numbered(potentials)  # many nodes share a vector
    return {
        "levels": _names(instance, solution, levels, task),
        "nodes": list(solution.hubs.network.node_names),
        "vector": vector.tolist(),
        "potentials": list(map(list, zip(*(_column(column[first]) for column in potentials), strict=True))),
        "twice": [[ids[0][h], ids[1][c]] for h, c in sorted(solution.twice)],
        "households": [ids[0][h] for h in solution.household.tolist()],
        "cadres": [ids[1][c] for c in solution.cadre.tolist()],
    }


def certificate(head: Mapping[str, object], parts: Sequence[bytes]) -> bytes:
    """Return the file: the head's entries, then ``parts``."""
    begin = _json(head)[:-1] + ',"parts":['
    comma = member(",")
    return member(begin) + comma.join(parts) + member("]}\n")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _column(potential: Ints) -> list[int] | list[str]:
    """Return a column of integers; as hexadecimal text where thousands of decimal digits would be slow to read, or refused."""
    values = potential.tolist()
    return [hex(v) for v in values] if potential.dtype == object else values


def _numbered(columns: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Return a row of every distinct one, in the order of their first ones, and every row's number among them."""
    numbers = [_by_value(column) if column.dtype == object else column for column in columns]
    order = order_of(*numbers)
    new = np.ones(len(order), np.bool_)
    new[1:] = np.any([column[order[1:]] != column[order[:-1]] for column in numbers], axis=0)
    first = order[new]  # the order is stable: of equal rows the first one stands first
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    number = np.empty(len(order), np.int64)
    number[order] = rank[np.cumsum(new) - 1]
    return np.sort(first), number


def _by_value(column: Ints) -> Ints:
    """Return a number for every distinct Python integer."""
    known: dict[int, int] = {}
    return np.fromiter((known.setdefault(value, len(known)) for value in column.tolist()), np.int64, len(column))


def _lifted(solution: Solution, levels: list[Level]) -> list[Ints]:
    """Return the potentials of every level relative to the sink, those of some households raised.

    A household all of whose pairs go through one arc to a hub fills that arc, and its reduced cost may then be negative.
    Raised by it, the household's potential proves the same, and proves it for every pair, as if the arc had no limit:
    all arcs into the household are used, and none of the others out of it is.
    """
    net, flow = solution.hubs.network, solution.face.flow
    found = [level.potential - level.potential[0] for level in levels]
    out = np.flatnonzero(((net.kind == Kind.JOIN) | (net.kind == Kind.DIRECT)) & (flow == net.capacity))
    tail, head = net.tail[out], net.head[out]
    reduced = [level.cost[out] + p[tail] - p[head] for level, p in zip(levels, found, strict=True)]
    sign = np.zeros(len(out), np.int64)
    for column in reduced:
        sign = np.where(sign == 0, (column > 0).astype(np.int64) - (column < 0), sign)
    negative = np.flatnonzero(sign < 0)
    for p, column in zip(found, reduced, strict=True):
        p[tail[negative]] = p[tail[negative]] - column[negative]
    return found


def _needed(solution: Solution, task: Task) -> list[Level]:
    """Return the levels of the proof: no arcs' draw, and of leximax none above the largest seat that matters (nothing is there)."""
    every = [level for level in solution.face.levels if level.name != ARC_DRAW]
    balance = [k for k, level in enumerate(every) if level.name == "balance"] if task.leximax else []
    above = set(balance[: max(len(balance) - _largest_seat(solution), 0)])
    return [level for k, level in enumerate(every) if k not in above]


def _largest_seat(solution: Solution) -> int:
    """Return the largest load that a cadre's last free seat or next seat stands for."""
    net = solution.hubs.network
    seat = net.of_kind(Kind.SEAT)
    load = np.bincount(solution.cadre, minlength=int(net.subject[seat].max(initial=0)) + 1)
    matters = (solution.face.flow[seat] > 0) | (net.detail[seat] == load[net.subject[seat]] + 1)
    return int(net.detail[seat][matters].max(initial=0))


def _names(instance: Instance, solution: Solution, levels: list[Level], task: Task) -> list[list[object]]:
    """Return what every level is of: coverage by bands with the cadre's turn and the band, leximax with the load."""
    net = solution.hubs.network
    enter = net.of_kind(Kind.ENTER)
    load = sum(level.name == "balance" for level in solution.face.levels) if task.leximax else 0
    load = min(load, _largest_seat(solution))
    turns = iter(sorted(set(zip(net.detail[enter].tolist(), instance.households.band[net.subject[enter]].tolist(), strict=True))))
    found: list[list[object]] = []
    for level in levels:
        if level.name == "coverage" and not task.by_income:
            found.append(["coverage", *next(turns)])
        elif level.name == "balance" and task.leximax:
            found.append(["balance", load])
            load -= 1
        else:
            found.append(["draw" if level.name == HOUSEHOLD_DRAW else level.name])
    return found
