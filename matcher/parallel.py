"""Work side by side on all cores, where there is enough of it to be worth the processes."""

from __future__ import annotations

import gc
import mmap
import multiprocessing
import os
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

T = TypeVar("T")
U = TypeVar("U")
_jobs: Sequence[Callable[[], Any]] = ()
"""What forked processes find ready: they share the parent's memory, so nothing is copied to them."""
_common: Sequence[Any] = ()
"""What both the parent and the processes hold, so that it need not be sent back where a result refers to it."""
_places: Sequence[int] = ()
"""Where results are left: files in memory that the processes share with the parent; a pipe would copy a result thrice."""
_AHEAD = 16
"""Jobs that may be done before the first of them is asked for."""


def side_by_side(jobs: Sequence[Callable[[], T]], worth: bool, common: Callable[[], Sequence[object]] = tuple) -> Iterator[T]:
    """Yield the result of every job, in order.

    Parameters
    ----------
    worth : bool
        Whether the jobs are large enough for processes of their own. They are used where the system can fork; elsewhere, and
        on a single core, the jobs run one after the other, with the same results.
    common : callable
        Gives what the jobs and the caller both hold, and never change: results that refer to it come back without it.
    """
    global _jobs, _common, _places  # noqa: PLW0603 - the only way to hand work to a fork without copying it
    cores = _cores(len(jobs))
    if not worth or cores < 2:
        for job in jobs:
            yield job()
        return
    from concurrent.futures import ProcessPoolExecutor

    _give_back()
    _jobs, _common, _places = jobs, common(), [os.memfd_create("") for _ in jobs[:_AHEAD]]
    gc.freeze()  # what the processes share is neither looked through nor copied by their collectors
    try:
        with ProcessPoolExecutor(cores, _FORK) as pool:
            yield from _in_order(pool, len(jobs))
    finally:
        gc.unfreeze()
        for place in _places:
            os.close(place)
        _jobs = _common = _places = ()


def _give_back() -> None:
    """Give memory that is free back to the system, where the C library (glibc) keeps it: what the processes change they need twice."""
    import ctypes

    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


@dataclass(frozen=True)
class Meanwhile(Generic[T]):
    """A job that may have begun in a process of its own; called, it gives the result.

    As a context it ends a process whose result nobody asked for.
    """

    job: Callable[[], T] | None
    process: BaseProcess | None = None
    here: Connection | None = None

    @property
    def begun(self) -> bool:
        """Whether the job runs in a process of its own."""
        return self.process is not None

    def __call__(self) -> T:
        """Return the result, once it is there; a job that has not begun runs now."""
        if self.job is not None:
            return self.job()
        assert self.process is not None  # noqa: S101 - says to mypy how meanwhile() made it
        assert self.here is not None  # noqa: S101
        good, found = self.here.recv()
        self.process.join()
        if not good:
            raise found
        return found  # type: ignore[no-any-return]

    def __enter__(self) -> Meanwhile[T]:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()


def meanwhile(job: Callable[[], T], worth: bool, gives_way: bool = False) -> Meanwhile[T]:
    """Begin a job in a process of its own; where :func:`side_by_side` would use none, it runs when its result is asked for.

    Parameters
    ----------
    gives_way : bool
        Whether its result is wanted much later, so that it leaves the cores to whoever else needs them.
    """
    if not worth or _cores(2) < 2 or _FORK is None:
        return Meanwhile(job)
    here, there = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_send, args=(job, there, gives_way), daemon=True)
    process.start()
    there.close()
    return Meanwhile(None, process, here)  # what the job works on is not held here


def asking(job: Callable[[Callable[[], U]], T], worth: bool) -> tuple[Meanwhile[T], Callable[[Callable[[], U]], None]]:
    """Begin a job that needs something which is not known yet, and calls for it when it does.

    Returns
    -------
    Meanwhile
        As :func:`meanwhile` gives it.
    tell : callable
        To be called, once, with what gives the thing: at once if the job runs in a process of its own, else when the job asks.
    """
    if not worth or _cores(2) < 2 or _FORK is None:
        told: list[Callable[[], U]] = []
        return Meanwhile(lambda: job(told[0])), told.append
    here, there = _FORK.Pipe(duplex=False)
    begun = meanwhile(partial(job, here.recv), worth)
    here.close()

    def tell(thing: Callable[[], U]) -> None:
        with suppress(BrokenPipeError), there:  # a job that has failed asks for nothing
            there.send(thing())

    return begun, tell


def _send(job: Callable[[], Any], there: Connection, gives_way: bool) -> None:
    gc.freeze()  # what the parent holds is neither looked through nor copied by this process's collector
    if gives_way:
        os.nice(10)
    try:
        answer = True, job()
    except Exception as error:  # noqa: BLE001 - it is raised again where the result is asked for
        answer = False, error
    with suppress(OSError):  # nobody waits for it any more
        there.send(answer)


_FORK = multiprocessing.get_context("fork") if sys.platform == "linux" else None


def _cores(jobs: int) -> int:
    return min(os.cpu_count() or 1, jobs) if _FORK is not None else 1


def _in_order(pool: ProcessPoolExecutor, many: int) -> Iterator[Any]:
    """Yield the results of all jobs; a job begins when the one whose place it takes has been fetched."""
    waiting: deque[Future[int]] = deque()
    try:
        for number in range(many):
            if len(waiting) == len(_places):
                yield _fetched(waiting.popleft().result())
            waiting.append(pool.submit(_run, number, _places[number % len(_places)]))
        while waiting:
            yield _fetched(waiting.popleft().result())
    finally:
        for job in waiting:
            job.cancel()


def _run(number: int, place: int) -> int:
    with open(place, "wb", closefd=False) as out:
        _Answer(out, pickle.HIGHEST_PROTOCOL).dump(_jobs[number]())
    gc.collect()  # a job's circles may hold much; the collector, which counts objects, would hardly ever look for them
    return place


def _fetched(place: int) -> Any:
    with mmap.mmap(place, 0, access=mmap.ACCESS_READ) as data, memoryview(data) as view:
        found = pickle.loads(view)  # noqa: S301 - what a process of ours has just written
    os.ftruncate(place, 0)
    os.lseek(place, 0, os.SEEK_SET)  # all processes share the position
    return found


class _Answer(pickle.Pickler):
    """Writes a result for the parent; what both hold, as its number alone."""

    def reducer_override(self, found: object) -> Any:
        at = next((k for k, one in enumerate(_common) if one is found), -1)
        return NotImplemented if at < 0 else (_held, (at,))


def _held(number: int) -> Any:
    return _common[number]
