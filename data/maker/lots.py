"""Reproducible draws, and columns of equal length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Lots:
    """Draws from the raw stream of PCG64: NumPy keeps that stream from version to version, but not Generator's methods."""

    def __init__(self, *key: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(key))

    def uniform(self, count: int) -> Array:
        """Return numbers from 0 up to, not with, 1."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return (raw >> np.uint64(11)) * 2.0**-53

    def below(self, limit: int | Array, count: int) -> Array:
        """Return whole numbers from 0 up to, not with, a limit."""
        return (self.uniform(count) * limit).astype(np.int64)

    def chance(self, probability: float, count: int) -> Array:
        """Return a mask that holds about that share."""
        return self.uniform(count) < probability

    def pick(self, weights: Sequence[int] | Array, count: int) -> Array:
        """Return indexes, each as often as its whole weight says."""
        edges = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(edges, self.below(int(edges[-1]), count), side="right")

    def words(self, weighted: Mapping[str, int], count: int) -> Array:
        """Return texts, each as often as its weight says."""
        return np.array(list(weighted), dtype=object)[self.pick(list(weighted.values()), count)]

    def order(self, count: int) -> Array:
        """Return a permutation."""
        return np.argsort(self.uniform(count), kind="stable")

    def some(self, pool: Array, count: int) -> Array:
        """Return that many different entries of a pool, or all of them."""
        return pool[self.order(len(pool))[:count]]

    def several(self, weighted: Mapping[str, int], most: Sequence[int], count: int) -> Array:
        """Return texts of several different words, heavier ones more often; ``most`` weighs how many (none, one, two)."""
        words = list(weighted)
        sizes = self.pick(most, count)
        keys = self.uniform(count * len(words)).reshape(count, len(words)) * np.array(list(weighted.values()))
        rows = np.argsort(-keys, axis=1, kind="stable")[:, : len(most) - 1].tolist()
        return column([";".join([words[i] for i in row[:size]]) for row, size in zip(rows, sizes.tolist(), strict=True)])


def column(values: Sequence[Any]) -> Array:
    """Return a list as an object array of one dimension."""
    return np.fromiter(values, dtype=object, count=len(values))


class Frame:
    """Columns of equal length, to be changed in place."""

    def __init__(self, columns: Mapping[str, Array]) -> None:
        self.columns = dict(columns)

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __setitem__(self, name: str, values: Array) -> None:
        self.columns[name] = values

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def take(self, rows: Array) -> Frame:
        """Return some rows, by index or mask."""
        return Frame({name: values[rows] for name, values in self.columns.items()})

    def plus(self, other: Frame) -> Frame:
        """Return these rows with another's below."""
        return Frame({name: np.concatenate([values, other[name]]) for name, values in self.columns.items()})

    def texts(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Return columns as lists of texts."""
        return {name: list(map(str, self.columns[name].tolist())) for name in names}
