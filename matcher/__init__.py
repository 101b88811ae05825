"""jiedui: the best pairing of cadres and low-income households there is, proved.

>>> from matcher import read_month, match
>>> run = match(read_month("2008-07"))  # doctest: +SKIP
>>> run.roster  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcher.api import Month, Run, WhatIf, match, read_month, what_if
    from matcher.policy import Policy

__all__ = ["Month", "Policy", "Run", "WhatIf", "match", "read_month", "what_if"]


def __getattr__(name: str) -> object:
    """Import the public names when they are first used: ``jiedui --help`` needs none of them."""
    if name not in __all__:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module("matcher.policy" if name == "Policy" else "matcher.api"), name)
