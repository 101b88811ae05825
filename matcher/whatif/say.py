"""What ``jiedui whatif`` prints: a record for machines, words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.messages import N_, message
from matcher.pipeline import Progress
from matcher.whatif.ask import Asked, answered
from matcher.whatif.seek import asks_for_goal, sought


@dataclass(frozen=True)
class Told:
    """An answer, twice; what somebody should look at before it is used, empty where there is nothing."""

    record: Any
    text: str
    alarms: str


def told(month: Path, given: Mapping[str, Any], command: str, language: str, progress: Progress) -> Told:
    """Answer what the command line's parameters ask of a month."""
    asked = Asked.of(given, command)
    if asks_for_goal(given):
        return Told(*sought(month, given, asked, language, progress))
    found = answered(month, asked, progress)
    text = found.text(language)
    if asked.out is not None:
        text += "\n" + message(N_("The comparison and every scenario's run are in {folder}."), folder=str(asked.out)).render(language)
    return Told(found.record(language), text, found.alarms(language))
