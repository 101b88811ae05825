"""Progress on stderr: a line that says what is being done, silent where stderr is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from matcher.messages import Message


def silent(step: Message) -> None:
    """Tell nobody."""


@contextmanager
def shown(language: str, quiet: bool) -> Iterator[Callable[[Message], object]]:
    """Give a function that shows a step while it lasts."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console

    with Console(stderr=True).status("…") as status:
        yield lambda step: status.update(step.render(language))
