"""Names one typing error apart (Damerau 1964): a character other, missing, too many, or two neighbours exchanged."""

from __future__ import annotations


def one_error(name: str, other: str) -> bool:
    """Return whether one typing error makes a name the other; not where no two characters are left to go by."""
    if name == other or max(len(name), len(other)) < 2 or not set(name) & set(other):
        return False
    if len(name) == len(other):
        odd = [k for k, (a, b) in enumerate(zip(name, other, strict=True)) if a != b]
        if len(odd) == 1:
            return True
        return len(odd) == 2 and odd[1] == odd[0] + 1 and name[odd[0]] == other[odd[1]] and name[odd[1]] == other[odd[0]]
    short, long = sorted((name, other), key=len)
    return len(long) == len(short) + 1 and len(short) > 1 and short in without_one(long)


def without_one(name: str) -> tuple[str, ...]:
    """Return a name with each of its characters left out in turn."""
    return tuple(dict.fromkeys(name[:k] + name[k + 1 :] for k in range(len(name))))


def keys(name: str) -> tuple[str, ...]:
    """Return the keys of which names one typing error apart share at least one (deletion neighbourhood)."""
    return (name, *without_one(name))
