"""A run folder: all of its files or nothing, by a temporary folder and one rename."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from matcher.errors import UsageError, reason_of
from matcher.messages import N_, message

_MARK = ".jiedui-"


def check_absent(run: Path) -> None:
    """Raise :class:`UsageError` if the run folder exists or cannot be made."""
    try:
        there = run.exists() or run.is_symlink()
    except OSError as error:
        raise unwritable(run, error) from error
    if there:
        raise UsageError(message(N_("{run} exists already and stays as it is. Choose another name for --out."), run=str(run)))
    check_parent(run)


def check_parent(path: Path) -> None:
    """Raise :class:`UsageError` if there is no folder in which a file or folder can be made."""
    folder = path.parent
    try:
        if not folder.exists():
            file = next((above for above in folder.parents if above.is_file()), None)
            text = N_("The folder {folder} does not exist.") if file is None else N_("{folder} is a file and no folder.")
            raise UsageError(message(text, folder=str(file or folder)))
        if not folder.is_dir():
            raise UsageError(message(N_("{folder} is a file and no folder."), folder=str(folder)))
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(run: Path, error: OSError) -> UsageError:
    """Return the error about a file or folder that could not be written."""
    text = N_("{run} could not be written: {reason}. Nothing was left behind.")
    return UsageError(message(text, run=str(run), reason=reason_of(error)))


@contextlib.contextmanager
def published(run: Path) -> Iterator[Path]:
    """Give a temporary folder to write to; at the end it becomes the run folder, or vanishes if anything failed."""
    check_absent(run)
    _sweep(run)
    work = run.parent / f".{run.name}{_MARK}{os.getpid()}"
    mask = os.umask(0o077)
    ours = False
    try:
        work.mkdir()
        yield work
        for path in sorted(work.rglob("*")):
            _sync(path)
        _sync(work)
        check_absent(run)
        work.rename(run)
        ours = True
        _sync(run.parent)
    except OSError as error:
        if ours:  # renamed, but not surely on the disk: a run that may vanish is no run
            shutil.rmtree(run, ignore_errors=True)
        raise unwritable(run, error) from error
    finally:
        os.umask(mask)
        shutil.rmtree(work, ignore_errors=True)


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(run: Path) -> None:
    """Remove what a killed run of the same name left behind; another living process keeps its own."""
    for left in run.parent.glob(f".{glob.escape(run.name)}{_MARK}*"):
        pid = left.name.rpartition("-")[2]
        if pid.isdigit() and (int(pid) == os.getpid() or not _lives(int(pid))):
            shutil.rmtree(left, ignore_errors=True)


def _lives(pid: int) -> bool:
    if os.name == "nt":  # there, signal 0 is no question
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
