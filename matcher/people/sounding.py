"""Which of many names sound like some that are wanted: all names together, character by character, by the keys begun so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from matcher.domain import Ints
from matcher.people.sound import LONG, near_syllables

Key = tuple[str, ...]


def sounding(names: Sequence[str], wanted: Collection[Key]) -> Iterator[tuple[int, Key]]:
    """Yield (number of a name, key) for the keys of names (see :func:`matcher.people.sound.near_keys`) that are wanted."""
    of_length: dict[int, list[Key]] = defaultdict(list)
    for key in sorted(wanted):
        of_length[len(key)].append(key)
    lengths = np.fromiter(map(len, names), np.int64, len(names))
    for length, keys in of_length.items():
        numbers = np.flatnonzero(lengths == length)
        if length and len(numbers):
            text = "".join(map(names.__getitem__, numbers.tolist()))
            points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).reshape(-1, length)
            rows, found = _of_one_length(points, keys)
            yield from zip(numbers[rows].tolist(), found, strict=True)


def _of_one_length(points: npt.NDArray[np.uint32], keys: Sequence[Key]) -> tuple[Ints, list[Key]]:
    """Return (row, key) of the names that have a key, given the (n, length) code points of names as long as the keys."""
    syllables = {syllable: k for k, syllable in enumerate(sorted({syllable for key in keys for syllable in key}))}
    said, at = _said(points, syllables)
    rows, states = np.arange(len(points)), np.zeros(len(points), np.int64)
    begun: dict[Key, int] = {(): 0}
    for place in range(points.shape[1]):
        longer: dict[Key, int] = {}
        steps = {
            begun[key[:place]] * len(syllables) + syllables[key[place]]: longer.setdefault(key[: place + 1], len(longer)) for key in keys
        }
        leads = np.full(len(begun) * len(syllables), -1, np.int32)
        leads[list(steps)] = list(steps.values())
        found = []
        for reading in said.T:
            heard = reading[at[rows, place]]
            known = np.flatnonzero(heard >= 0)
            led = leads[states[known] * len(syllables) + heard[known]]
            found.append((rows[known[led >= 0]], led[led >= 0]))
        rows, states = (np.concatenate(column) for column in zip(*found, strict=True))
        begun = longer
    every = list(begun)
    return rows, [every[state] for state in states.tolist()]


def _said(points: npt.NDArray[np.uint32], syllables: dict[str, int]) -> tuple[Ints, Ints]:
    """Return every character's readings as numbers of syllables, -1 for none or another: (characters, most); and each point's character."""
    characters = np.flatnonzero(np.bincount(points.ravel()))
    number = np.zeros(int(characters[-1]) + 1, np.int64)
    number[characters] = np.arange(len(characters))
    most = 1 if points.shape[1] > LONG else None
    each = [near_syllables(chr(c))[:most] for c in characters.tolist()]
    said = np.full((len(each), max(map(len, each))), -1, np.int64)
    for k, readings in enumerate(each):
        said[k, : len(readings)] = [syllables.get(reading, -1) for reading in readings]
    return said, number[points]
