"""Foreign parsers in a process of their own, with a limit of memory and time: what kills them does not kill the run.

A parser that aborts (an allocation that fails, a fault in native code) cannot be caught; its process can be watched. Where the
system cannot fork, only the look beforehand (:mod:`matcher.tables.package`) and the limits of the readers protect.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import IO, TypeVar

if sys.platform == "linux":
    import faulthandler
    import resource

T = TypeVar("T")
U = TypeVar("U")
_MIB = 2**20


@dataclass(frozen=True)
class Limit:
    """What a parser may take.

    Attributes
    ----------
    memory : int
        Bytes, beyond what the process that starts it has.
    seconds : int
        Of processor time.
    """

    memory: int
    seconds: int

    @staticmethod
    def of(size: int) -> Limit:
        """Return the limit for a file of some bytes: 512 MB and 30 s up to 7 MB (100,000 rows), then in proportion up to the largest."""
        return Limit(min(max(512 * _MIB, 64 * size), LARGEST.memory), min(max(30, 4 * size // _MIB), LARGEST.seconds))


LARGEST = Limit(3072 * _MIB, 300)


class GaveUpError(Exception):
    """The parser was ended: it crashed, or asked for more than it may have."""


def limited(job: Callable[[], T], limit: Limit = LARGEST) -> T:
    """Return what a job returns, or raise what it raises; it runs in a process of its own where the system can fork.

    Raises
    ------
    GaveUpError
        The process ended without an answer.
    """
    with begun(job, limit) as answer:
        return answer()


@contextmanager
def begun(job: Callable[[], T], limit: Limit = LARGEST) -> Iterator[Callable[[], T]]:
    """Begin a job as :func:`limited` does it; what is given waits for its result, or does it where the system cannot fork.

    A process whose result nobody asked for is ended.
    """
    if sys.platform != "linux":
        yield partial(_guarded, job)
        return
    back, there = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(job, back, there, limit)
    os.close(there)
    with open(back, "rb") as pipe:  # noqa: PTH123 - it is no path
        process = _Process(child, pipe)
        try:
            yield process.answer  # type: ignore[misc]
        finally:
            process.end()


@contextmanager
def begun_beside(look: Callable[[], U], job: Callable[[Callable[[], U] | None], T], limit: Limit = LARGEST) -> Iterator[Callable[[], T]]:
    """Begin a job beside a look that it asks for when it needs it; what the look raises comes first, and ends the job.

    Where the system cannot fork the job is given None: it has to look itself, before anything else.
    """
    if sys.platform != "linux":
        yield partial(_guarded, partial(job, None))
        return
    with begun(look, limit) as looked:
        here, there = os.pipe()
        asked, tell = open(here, "rb"), open(there, "wb")  # noqa: PTH123, SIM115 - they are no paths, and closed below
        with asked, tell, begun(partial(job, partial(pickle.load, asked)), limit) as answer:
            asked.close()  # so that telling ends where the job has

            def both() -> T:
                found = looked()
                with suppress(BrokenPipeError), tell:
                    pickle.dump(found, tell, pickle.HIGHEST_PROTOCOL)
                return answer()

            yield both


@dataclass
class _Process:
    """A process that does a job, and the pipe that it answers by."""

    child: int
    pipe: IO[bytes]
    ended: bool = False

    def answer(self) -> object:
        said = self.pipe.read()
        _, status = os.waitpid(self.child, 0)
        self.ended = True
        if status != 0 or not said:
            raise GaveUpError
        good, found = pickle.loads(said)  # noqa: S301 - our own process wrote it
        if not good:
            raise found
        return found

    def end(self) -> None:
        if not self.ended:
            with suppress(ProcessLookupError):
                os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)


def _guarded(job: Callable[[], T]) -> T:
    """Call a job; what native code reports as a panic, which is no ``Exception``, is told as giving up."""
    try:
        return job()
    except (MemoryError, RecursionError):
        raise GaveUpError from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise GaveUpError from None
        raise


def _answer(job: Callable[[], object], back: int, there: int, limit: Limit) -> None:
    """Do the job in the child, write its answer to the pipe, and end; nothing of the parent's is flushed or cleaned up twice."""
    status = 1
    gc.disable()  # the process ends soon; looking through all that the parent holds would copy it
    try:
        os.close(back)
        _limit(limit)
        try:
            answer: tuple[bool, object] = True, _guarded(job)
        except Exception as error:  # noqa: BLE001 - it is raised again in the parent
            answer = False, error
        with open(there, "wb") as pipe:
            pickle.dump(answer, pipe, pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        os._exit(status)


def _limit(limit: Limit) -> None:
    faulthandler.disable()  # the parent tells of a crash
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)  # a panic is printed to stderr, with what the file says
    with open("/proc/self/statm", encoding="utf-8") as sizes:  # noqa: PTH123 - no file of anybody's
        most = int(sizes.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") + limit.memory
    for kind, wanted in ((resource.RLIMIT_AS, most), (resource.RLIMIT_CPU, limit.seconds), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
