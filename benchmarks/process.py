"""A child process with a cap on its time, and what it took. Needs nothing but the standard library: see ``measured``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_EVERY = 0.2
_SELDOM = 50
"""A look at the memory goes through all pages and holds up who asks for more; the next comes after so many times as long."""


@dataclass(frozen=True)
class Measured:
    """What a child took.

    Attributes
    ----------
    status : str
        ``ok``, ``time-out``, or ``failed: …`` with the last line that it wrote.
    seconds : float
        From start to end, the interpreter's start included.
    megabytes : float
        Peak memory of its largest process.
    together : float
        Where it had children of its own: the largest sum seen over all of them, shared pages once (Linux; else 0);
        large processes are looked at seldom, so it may have been more for a moment.
    out : str
    """

    status: str
    seconds: float
    megabytes: float
    together: float
    out: str


def measured(command: Sequence[str], cap: float) -> Measured:
    """Run a command from the repository and measure it.

    The caller must be a small process: on Linux a child's peak counts the memory that its parent had when it was started.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    begin = time.perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,  # noqa: S603 - our own
                             text=True, encoding="utf-8", start_new_session=True)
    capped = threading.Event()

    def stop() -> None:
        capped.set()
        os.killpg(child.pid, signal.SIGKILL)

    timer = threading.Timer(cap, stop)
    texts = {"out": "", "err": ""}
    streams = ("out", child.stdout), ("err", child.stderr)
    readers = [threading.Thread(target=_read, args=(texts, name, stream)) for name, stream in streams]
    sums, ended = [0.0], threading.Event()
    watch = threading.Thread(target=_watch, args=(child.pid, sums, ended))
    for thread in (timer, *readers, watch):
        thread.start()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begin
    timer.cancel()
    ended.set()
    child.returncode = os.waitstatus_to_exitcode(status)
    for thread in (*readers, watch):
        thread.join()
    peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)
    said = texts["err"].strip().splitlines()
    verdict = "time-out" if capped.is_set() else "ok" if not child.returncode else f"failed: {said[-1][:200] if said else child.returncode}"
    return Measured(verdict, seconds, peak, sums[0], texts["out"])


def _read(texts: dict[str, str], name: str, stream: object) -> None:
    texts[name] = stream.read()  # type: ignore[attr-defined]


def _watch(pid: int, sums: list[float], ended: threading.Event) -> None:
    """Note the largest sum of memory over a process and its children, while it has any."""
    pause = _EVERY
    while not ended.wait(pause):
        begin, family = time.perf_counter(), _family(pid)
        if len(family) > 1:
            sums[0] = max(sums[0], sum(_proportional(member) for member in family))
        pause = max(_EVERY, _SELDOM * (time.perf_counter() - begin))


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return []
    return [pid, *(member for child in children for member in _family(int(child)))]


def _proportional(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6
