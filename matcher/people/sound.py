"""How names sound: toneless syllables, all readings of a character, and syllables that typists take for one another."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import product
from types import MappingProxyType

_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))
_MOST_READINGS = 3
LONG = 4
"""Characters from more than which on only the most usual reading of each counts."""
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@cache
def _readings() -> Mapping[int, str]:
    """Return the readings of every character with tones, the most usual first, parted by commas."""
    quick = "PYPINYIN_NO_PHRASES"  # half a second: no phrase is looked up here
    before = os.environ.get(quick)
    os.environ[quick] = "1"
    try:
        from pypinyin.constants import PINYIN_DICT
    finally:
        if before is None:
            del os.environ[quick]
        else:
            os.environ[quick] = before
    return MappingProxyType(PINYIN_DICT)


@cache
def syllables(char: str) -> tuple[str, ...]:
    """Return the toneless syllables of a character, its most usual reading first; what has none sounds like itself."""
    said = _readings().get(ord(char), char)
    plain = (unicodedata.normalize("NFD", s).translate(_TONES).replace("u\u0308", "v") for s in said.split(","))
    return tuple(dict.fromkeys(plain))[:_MOST_READINGS]


@cache
def near(syllable: str) -> str:
    """Return what a syllable and those often taken for it share: zh/z, ch/c, sh/s, n/l, ang/an, eng/en, ing/in."""
    for initial, other in _INITIALS:
        if syllable.startswith(initial):
            syllable = other + syllable[len(initial):]
            break
    return next((syllable[: -len(f)] + other for f, other in _FINALS if syllable.endswith(f)), syllable)


@cache
def near_syllables(char: str) -> tuple[str, ...]:
    """Return what the readings of a character share with those often taken for them."""
    return tuple(dict.fromkeys(map(near, syllables(char))))


def near_keys(name: str) -> list[tuple[str, ...]]:
    """Return the keys under which a name is found by sound; two names share one if they sound nearly alike."""
    each = [near_syllables(c) for c in name]
    if len(name) > LONG:
        each = [s[:1] for s in each]
    return list(product(*each))


def sounds_like(name: str, other: str) -> bool:
    """Return whether two names of one length have a reading in common, character by character."""
    return len(name) == len(other) and all(
        a == b or not set(syllables(a)).isdisjoint(syllables(b)) for a, b in zip(name, other, strict=True)
    )


def sounds_nearly_like(name: str, other: str) -> bool:
    """Return whether two names of one length sound alike but for syllables often taken for one another."""
    return len(name) == len(other) and all(
        a == b or not set(near_syllables(a)).isdisjoint(near_syllables(b)) for a, b in zip(name, other, strict=True)
    )
