"""Work side by side on all cores, where there is enough of it to be worth the processes."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_jobs: Sequence[Callable[[], Any]] = ()
"""What forked processes find ready: they share the parent's memory, so nothing is copied to them."""


def side_by_side(jobs: Sequence[Callable[[], T]], worth: bool) -> Iterator[T]:
    """Yield the result of every job, in order.

    Parameters
    ----------
    worth : bool
        Whether the jobs are large enough for processes of their own. They are used where the system can fork; elsewhere, and
        on a single core, the jobs run one after the other, with the same results.
    """
    global _jobs  # noqa: PLW0603 - the only way to hand work to a fork without copying it
    cores = min(os.cpu_count() or 1, len(jobs))
    if not worth or cores < 2 or sys.platform != "linux":
        for job in jobs:
            yield job()
        return
    _jobs = jobs
    try:
        with ProcessPoolExecutor(cores, multiprocessing.get_context("fork")) as pool:
            yield from pool.map(_run, range(len(jobs)))
    finally:
        _jobs = ()


def _run(number: int) -> Any:
    return _jobs[number]()
