"""Where a key stands in a policy file: its line, for messages (a TOML parser keeps none)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?$")
_KEY = re.compile(r"""\s*((?:[^=#"']|"[^"]*"|'[^']*')+?)\s*=""")
_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^."'\s]+))\s*(?:\.|$)""")


def line_of(text: str, path: Sequence[str]) -> int | None:
    """Return the line (from 1) of a key; of its section, or of the key that holds it, where it has no line of its own."""
    section: tuple[str, ...] = ()
    found: tuple[int, int] | None = None
    wanted = tuple(path)
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            section = at = _parts(header[1])
        elif key := _KEY.match(line):
            at = (*section, *_parts(key[1]))
        else:
            continue
        if at == wanted[: len(at)] and at and (found is None or len(at) > found[0]):
            found = len(at), number
    return found[1] if found else None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(next(p for p in parts if p) if any(parts) else "" for parts in _PART.findall(dotted))
