"""A run's folder: all of it or nothing, whatever fails and whenever the process dies."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matcher.pipeline import Outcome, load_month, run_month
from matcher.publish import write_run

from .months import HERE, cadre, command, environment, household, households, write_month

FILES = {
    "roster.csv",
    "roster.xlsx",
    "unmatched.csv",
    "bottlenecks.csv",
    "decisions.csv",
    "cadres.csv",
    "changes.csv",
    "review.csv",
    "summary.json",
    "certificate.json.gz",
    "findings.csv",
    "run.json",
}
Writer = Callable[[Outcome, Path], object]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Return a solved month with something in every table."""
    rows = [*households(6), household(household_id="H9", head_name="钱七", income="x")]
    folder = write_month(
        tmp_path_factory.mktemp("m") / "m", households=rows, cadres=[cadre()], roster=[{"household_id": "H1", "cadre_id": "C9"}]
    )
    return run_month(load_month(folder))


def naive(found: Outcome, run: Path) -> None:
    """Write as one should not: straight into the run's folder, one file after the other."""
    if id(found) not in _MADE:
        with tempfile.TemporaryDirectory() as work:
            write_run(found, Path(work, "run"))
            _MADE[id(found)] = {p.name: p.read_bytes() for p in Path(work, "run").iterdir()}
    run.mkdir()
    for name, data in _MADE[id(found)].items():
        (run / name).write_bytes(data)


_MADE: dict[int, dict[str, bytes]] = {}
"""The files of an outcome, made once."""


def whole(run: Path) -> bool:
    """Whether a run's folder has every file, as run.json says it was written."""
    if {p.name for p in run.iterdir()} != FILES:
        return False
    hashes = json.loads((run / "run.json").read_text("utf-8"))["outputs_sha256"]
    return all(hashlib.sha256((run / name).read_bytes()).hexdigest() == value for name, value in hashes.items())


class Faults:
    """Lets the n-th of all system calls that change the disk fail, below a folder."""

    def __init__(self, place: Path, nth: int, number: int) -> None:
        self.place, self.left, self.number, self.hit = str(place), nth, number, ""

    def due(self, what: str) -> bool:
        """Whether this call is the one to fail."""
        self.left -= 1
        if self.left == 0:
            self.hit = what
        return self.left == 0

    def fail(self) -> OSError:
        """Return the fault."""
        return OSError(self.number, os.strerror(self.number))


@contextlib.contextmanager
def failing(place: Path, nth: int, number: int) -> Iterator[Faults]:
    """Let the n-th mkdir, open, write, fsync or rename below a folder fail."""
    faults = Faults(place, nth, number)
    real = {name: getattr(os, name) for name in ("mkdir", "fsync", "rename", "replace")}
    real_open, handles = io.open, os.open

    class Raw(io.FileIO):
        def write(self, data: object) -> int:  # type: ignore[override]
            if faults.due("write"):
                super().write(memoryview(data)[: len(memoryview(data)) // 2])  # type: ignore[arg-type]
                raise faults.fail()
            return super().write(data)  # type: ignore[arg-type]

    def opened(file: object, mode: str = "r", *rest: object, **more: object) -> object:
        if isinstance(file, (str, Path)) and str(file).startswith(faults.place) and "w" in mode and "b" in mode:
            if faults.due("open"):
                raise faults.fail()
            return io.BufferedWriter(Raw(str(file), mode.replace("b", "")))
        return real_open(file, mode, *rest, **more)  # type: ignore[call-overload]

    def failing_call(name: str) -> Callable[..., object]:
        def call(*args: object, **more: object) -> object:
            if faults.due(name):
                raise faults.fail()
            return real[name](*args, **more)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(io, "open", opened)
        for name in real:
            patch.setattr(os, name, failing_call(name))
        yield faults
    assert os.open is handles


def left_after_faults(outcome: Outcome, place: Path, writer: Writer, number: int = errno.ENOSPC) -> tuple[list[str], set[str]]:
    """Let every disk call fail once; return what was wrong afterwards, and the kinds of calls that failed."""
    wrong, kinds = [], set()
    for nth in range(1, 400):
        run = place / f"run{nth}"
        code: object = 0
        with failing(place, nth, number) as faults:
            try:
                writer(outcome, run)
            except OSError as error:
                code = type(error).__name__
            except Exception as error:  # noqa: BLE001 - whatever it is, it must be one of the documented kinds
                code = getattr(error, "exit_status", type(error).__name__)
        left = sorted(p.name for p in place.iterdir())
        if not faults.hit:
            assert left == [run.name]
            assert {p.name for p in run.iterdir()} >= FILES - {"roster.xlsx"}
            return wrong, kinds
        kinds.add(faults.hit)
        if left or code not in (1, 2):
            wrong.append(f"{faults.hit} {nth}: exit {code}, left {left}")
        for path in (p for p in place.iterdir()):
            for file in path.iterdir():
                file.unlink()
            path.rmdir()
    raise AssertionError("the faults did not come to an end")


def test_every_failing_call_leaves_nothing(outcome: Outcome, tmp_path: Path) -> None:
    """A full disk at any mkdir, open, write, fsync or rename: a documented exit code, and no run, no temporary folder."""
    wrong, kinds = left_after_faults(outcome, tmp_path, write_run)
    assert kinds == {"mkdir", "open", "write", "fsync", "rename"}
    assert wrong == []


def test_an_error_of_the_disk_as_well(outcome: Outcome, tmp_path: Path) -> None:
    """EIO likewise (without the workbook, which is written in the same way)."""
    assert left_after_faults(outcome, tmp_path, lambda found, run: write_run(found, run, workbook=False), errno.EIO)[0] == []


def test_the_harness_catches_a_naive_writer(outcome: Outcome, tmp_path: Path) -> None:
    """The broken control: a writer without a temporary folder leaves half a run, and the same harness says so."""
    naive(outcome, tmp_path / "first")
    shutil.rmtree(tmp_path / "first")
    wrong, _ = left_after_faults(outcome, tmp_path, naive)
    assert len(wrong) >= 2 * len(FILES)


@pytest.mark.parametrize("most", [0, 1, 200, 1000, 4000, 9000])
def test_a_limit_of_the_operating_system(outcome: Outcome, tmp_path: Path, most: int) -> None:
    """A real limit on the size of files, from the operating system, not from a patched function."""
    limits, code = resource.getrlimit(resource.RLIMIT_FSIZE), 0
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        write_run(outcome, tmp_path / "run")
    except Exception as error:  # noqa: BLE001 - see above
        code = getattr(error, "exit_status", -1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert code in (1, 2)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_why(tmp_path: Path) -> None:
    """Through the command line: exit code 2, the reason, and no traceback."""
    folder, out = write_month(tmp_path / "m"), tmp_path / "out"
    out.mkdir()
    with failing(out, 2, errno.ENOSPC):
        said = command("match", folder, "--out", out / "run")
    assert (said.code, said.out) == (2, "")
    assert "the disk is full" in said.err
    assert list(out.iterdir()) == []


def test_interrupted_by_the_user(outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle leaves nothing."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_run(outcome, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_somebody_else_was_first(outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run folder that appears while this one is being written is not touched."""
    real = os.fsync

    def meanwhile(handle: int) -> None:
        if not (tmp_path / "run").exists():
            (tmp_path / "run").mkdir()
            (tmp_path / "run" / "theirs").write_text("x")
        real(handle)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(Exception, match="run") as refused:
        write_run(outcome, tmp_path / "run")
    assert getattr(refused.value, "exit_status", None) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["theirs"]


def test_for_their_owner_alone(outcome: Outcome, tmp_path: Path) -> None:
    """Files are 0600, the folder 0700, whatever the umask; the umask is put back."""
    before = os.umask(0o002)
    try:
        write_run(outcome, tmp_path / "run")
        assert os.umask(0o002) == 0o002
    finally:
        os.umask(before)
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "run").iterdir()} == {0o600}
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_every_file_is_there_and_hashed(outcome: Outcome, tmp_path: Path) -> None:
    """All files of the contract, with their hashes in run.json; without the workbook all but it."""
    write_run(outcome, tmp_path / "run")
    assert whole(tmp_path / "run")
    write_run(outcome, tmp_path / "plain", workbook=False)
    assert {p.name for p in (tmp_path / "plain").iterdir()} == FILES - {"roster.xlsx"}


# --- the next run sweeps


def dead_pid() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    return child.pid


@pytest.mark.parametrize("name", ["run", "run[1]", "结对*", "r u n"])
def test_leftovers_are_swept(outcome: Outcome, tmp_path: Path, name: str) -> None:
    """What a killed run of the same name left is gone after the next; another name's and a living process's stay."""
    probe = tmp_path / "probe"
    left = leftover_name(outcome, probe)
    gone = tmp_path / left.replace("probe", name).replace(str(os.getpid()), str(dead_pid()))
    others = {
        tmp_path / left.replace("probe", "other").replace(str(os.getpid()), "1"),
        tmp_path / left.replace("probe", name).replace(str(os.getpid()), "1"),
    }
    for folder in (gone, *others):
        folder.mkdir()
        (folder / "roster.csv").write_text("half")
    write_run(outcome, tmp_path / name)
    assert not gone.exists()
    assert all(o.exists() for o in others)


def leftover_name(outcome: Outcome, run: Path) -> str:
    """Return the name of the temporary folder of a run."""
    seen: list[str] = []
    real = os.fsync
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: (seen.extend(p.name for p in run.parent.iterdir()), real(handle))[1])
        write_run(outcome, run)
    for path in run.iterdir():
        path.unlink()
    run.rmdir()
    return next(n for n in seen if n.startswith("."))


def test_a_leftover_with_our_own_number(outcome: Outcome, tmp_path: Path) -> None:
    """In a container every run may have the same process number: a leftover of that number is swept, not taken for a living run."""
    left = tmp_path / leftover_name(outcome, tmp_path / "run")
    left.mkdir()
    (left / "roster.csv").write_text("half")
    write_run(outcome, tmp_path / "run")
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    assert whole(tmp_path / "run")


# --- SIGKILL


CHILD = """
import sys
from pathlib import Path
from matcher.pipeline import load_month, run_month
from matcher.publish import write_run
from tests.test_run_folder import naive
outcome = run_month(load_month(Path(sys.argv[1])))
write = naive if sys.argv[3] == "naive" else write_run
print("ready", flush=True)
for k in range(100000):
    write(outcome, Path(sys.argv[2], f"run{k:05}"))
"""


def killed(month: Path, place: Path, how: str, seconds: float) -> None:
    """Let a child write run after run, and kill it after some time."""
    words = [sys.executable, "-c", CHILD, str(month), str(place), how]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment(), cwd=HERE) as child:  # noqa: S603
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(seconds)
        child.kill()


def kills(month: Path, place: Path, how: str, many: int) -> tuple[int, list[str]]:
    """Kill many children at random moments; return how many runs they wrote, and those that are not whole."""
    rng, done, broken = random.Random(20080704), 0, []  # noqa: S311 - which moments does not matter
    left = False
    for nth in range(20 * many):  # a slow machine needs more kills to meet as many moments
        if nth >= many and ((how == "proper" and done > 20 and left) or (how == "naive" and broken)):
            break
        here = place / f"{how}{nth}"
        here.mkdir()
        killed(month, here, how, 0.02 + rng.random() * 0.4)
        for run in sorted(here.iterdir()):
            if run.name.startswith("."):
                left = True
                continue
            done += 1
            if not whole(run):
                broken.append(f"{nth} {run.name}")
    return done, broken


def test_killed_at_any_moment(outcome: Outcome, tmp_path: Path) -> None:
    """Killed at random moments, a run is complete or absent, at most one temporary folder is left, and the next run sweeps it."""
    assert outcome.source.folder is not None
    done, broken = kills(outcome.source.folder, tmp_path, "proper", 20)
    assert broken == []
    assert done > 20
    left = list(tmp_path.glob("*/.*"))
    assert left
    for folder in left:
        assert len(list(folder.parent.glob(".*"))) == 1
        write_run(outcome, folder.parent / folder.name[1:].partition(".")[0], workbook=False)
        assert not folder.exists()


def test_the_kills_catch_a_naive_writer(outcome: Outcome, tmp_path: Path) -> None:
    """The broken control: the same kills find half-written runs of the naive writer."""
    assert outcome.source.folder is not None
    assert kills(outcome.source.folder, tmp_path, "naive", 6)[1]
