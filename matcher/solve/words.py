"""Many levels of costs and potentials packed into few columns of 64 bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np

from matcher.domain import Ints
from matcher.solve.augment import Combined
from matcher.solve.potentials import EVERY

MOST_BITS = 1000
"""Bits of all levels together, beyond which single integers that hold them all are slow."""
_WORD, _SLACK = 60, 4


class Cost(NamedTuple):
    """A level's costs: all of them, which of them are not 0 (or may not be), and whether the level has a word to itself."""

    column: Ints
    arcs: Sequence[slice] = (EVERY,)
    alone: bool = False


@dataclass(frozen=True)
class Words:
    """Levels packed into a few integers of 64 bits: in each word room for what reduced costs may be, so that its sign is theirs.

    Attributes
    ----------
    parts : list of list of int
        The bits of the levels of every word.
    most : list of int
        The largest cost of every level.
    cost, potential : list of Ints
        A column a word.
    """

    parts: list[list[int]]
    most: list[int]
    cost: list[Ints]
    potential: list[Ints]

    @staticmethod
    def of(costs: Sequence[Cost], potentials: Sequence[Ints]) -> Words | None:
        """Pack levels; None where there are too many, or one is too wide."""
        most = [max((_largest(c.column[arcs]) for arcs in c.arcs), default=0) for c in costs]
        bits = [(c + 2 * _largest(p) + 1).bit_length() + _SLACK for c, p in zip(most, potentials, strict=True)]
        if sum(bits) > MOST_BITS or max(bits) > _WORD:
            return None
        parts: list[list[int]] = [[]]
        after = False
        for c, b in zip(costs, bits, strict=True):
            if parts[-1] and (c.alone or after or sum(parts[-1]) + b > _WORD):
                parts.append([])
            parts[-1].append(b)
            after = c.alone
        every = [Cost(p) for p in potentials]
        packed = [[_packed(list(islice(columns, len(part))), part) for part in parts] for columns in (iter(costs), iter(every))]
        return Words(parts, most, *packed)

    @cached_property
    def bits(self) -> list[int]:
        """The room of every word."""
        return [sum(part) for part in self.parts]

    def split(self, potential: Combined) -> list[Ints]:
        """Return combined potentials word by word; one that has left its room is cut to it."""
        words = [column.copy() for column in self.potential]
        nodes, rest = np.fromiter(potential.keys(), np.int64, len(potential)), list(potential.values())
        for column, bits in zip(words[::-1], self.bits[::-1], strict=True):
            half, mask = 1 << (bits - 1), (1 << bits) - 1
            low = [((value + half) & mask) - half for value in rest]
            column[nodes] = low
            rest = [(value - digit) >> bits for value, digit in zip(rest, low, strict=True)]
        return words

    def hold(self, potentials: Sequence[Ints]) -> bool:
        """Return whether the reduced costs of every level stay within its room."""
        bits = [b for part in self.parts for b in part]
        return all(most + 2 * _largest(p) < 1 << (b - 1) for most, p, b in zip(self.most, potentials, bits, strict=True))

    def levels_of(self, words: Sequence[Ints]) -> list[Ints]:
        """Return words level by level."""
        found: list[Ints] = []
        for column, part in zip(words, self.parts, strict=True):
            rest, digits = column, list[Ints]()
            for bits in part[:0:-1]:
                half = 1 << (bits - 1)
                digits.append(((rest + half) & ((1 << bits) - 1)) - half)
                rest = (rest - digits[-1]) >> bits
            found += [rest, *digits[::-1]]
        return found


def joined(columns: Sequence[Ints], bits: Sequence[int]) -> tuple[list[Ints], list[int]]:
    """Return words that mean the same, fewer where several fit into one."""
    words, room = [columns[0]], [bits[0]]
    for column, b in zip(columns[1:], bits[1:], strict=True):
        if room[-1] + b <= _WORD:
            words[-1], room[-1] = (words[-1] << b) + column, room[-1] + b
        else:
            words.append(column)
            room.append(b)
    return words, room


def _largest(column: Ints) -> int:
    return max(int(column.max(initial=0)), -int(column.min(initial=0)))


def _packed(costs: Sequence[Cost], bits: Sequence[int]) -> Ints:
    total, room = np.zeros(len(costs[0].column), np.int64), sum(bits)
    for cost, b in zip(costs, bits, strict=True):
        room -= b
        for arcs in cost.arcs:
            total[arcs] += cost.column[arcs] << room
    return total
