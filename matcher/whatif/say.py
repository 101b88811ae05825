"""What ``jiedui whatif`` prints: a record for machines, words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.pipeline import Progress
from matcher.whatif.ask import Asked, answered


@dataclass(frozen=True)
class Told:
    """An answer, twice."""

    record: Any
    text: str


def told(month: Path, given: Mapping[str, Any], command: str, language: str, progress: Progress) -> Told:
    """Answer what the command line's parameters ask of a month."""
    found = answered(month, Asked.of(given, command), progress)
    return Told(found.record(), found.text(language))
