"""What judging a month again need not read again: the same tables under another policy, or other tables beside the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from matcher.findings import Finding

T = TypeVar("T")


class Reused:
    """Keeps what was read of tables, and what was noticed in them, by the tables themselves and the rules that it depends on."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[Any, list[Finding], Sequence[object]]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def known(self) -> list[Any]:
        """Return all that was read."""
        return [found for found, _, _ in self._known.values()]

    def __call__(
        self, step: str, things: Sequence[object], rules: Sequence[object], findings: list[Finding], read: Callable[[list[Finding]], T]
    ) -> T:
        """Return what ``read`` gives, from memory if the same was read before; findings are added either way.

        Parameters
        ----------
        things : sequence
            What is read, compared by identity: frozen, or at least never changed.
        rules : sequence
            Parts of the policy, compared by what they say.
        read : callable
            Given an empty list for its findings.
        """
        key = (step, *map(id, things), *map(repr, rules))
        if key not in self._known:
            noticed: list[Finding] = []
            self._known[key] = read(noticed), noticed, things  # the things are held, so that no other gets their identity
        found, noticed, _ = self._known[key]
        findings += noticed
        return found  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Sharing:
    """How a run goes that is one of several.

    Attributes
    ----------
    reused : Reused
        What they read and judge alike.
    brief : bool
        Leave out what only a run's files say: the statements of fairness, the changes since last month, the hash of the tables.
    alone : bool
        Whether the run may use processes of its own; not where the runs themselves go side by side.
    """

    reused: Reused = field(default_factory=Reused)
    brief: bool = False
    alone: bool = True
