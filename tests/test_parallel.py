"""Work in processes of its own gives what it gives in one; its errors come back whole, and a fault leaves nobody writing."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from matcher import parallel, publish
from matcher.errors import InputError
from matcher.parallel import meanwhile, side_by_side
from matcher.pipeline import load_month, run_month
from matcher.publish import write_run
from matcher.tables.month import reading
from matcher.verify.run import verify

from .months import cadre, households, write_month
from .oracle.months import random_month
from .oracle.months import write_month as write_plain

THRESHOLDS = (
    ("matcher.people.judge", "ENOUGH_MEMBERS"), ("matcher.separate", "ENOUGH_FOR_PROCESSES"), ("matcher.pipeline", "ENOUGH_TO_HASH"),
    ("matcher.separate", "ENOUGH_TO_CHECK"), ("matcher.publish", "ENOUGH_PAIRS"),
    ("matcher.tables.month", "ENOUGH_FOR_PROCESSES"), ("matcher.tables.coded", "_ENOUGH_TO_PACK"),
)
CHANGING = {"run.json", "findings.csv"}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do the same work in one process")


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let all work that can go into processes of its own go there; tell how many were begun."""
    begun: list[object] = []
    fork = parallel._FORK
    monkeypatch.setattr(parallel, "_cores", lambda jobs: min(2, jobs))
    for module, name in THRESHOLDS:
        monkeypatch.setattr(importlib.import_module(module), name, 0)
    assert fork is not None
    monkeypatch.setattr(fork, "Pipe", lambda duplex: begun.append(duplex) or type(fork).Pipe(fork, duplex))  # type: ignore[func-returns-value]
    return lambda: len(begun)


def files(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.iterdir() if path.name not in CHANGING}


@pytest.mark.usefixtures("forked")
def test_many_jobs_come_in_order() -> None:
    """More jobs than there are places for results, of results that grow and shrink: each comes whole, in its turn."""
    sizes = [(7919 * k) % 100_003 for k in range(5 * parallel._AHEAD)]
    found = list(side_by_side([partial(bytes, size) for size in sizes], worth=True))
    assert list(map(len, found)) == sizes
    assert not any(map(any, found))


@pytest.mark.usefixtures("forked")
def test_no_place_is_left_open() -> None:
    """Also where the results are not all asked for, or a job fails, no file stays open."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    some = side_by_side([partial(int, str(k)) for k in range(3 * parallel._AHEAD)], worth=True)
    assert [next(some), next(some)] == [0, 1]
    some.close()  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="invalid literal"):
        list(side_by_side([partial(int, "1"), partial(int, "one"), partial(int, "2")], worth=True))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("seed", [201, 214, 218, 222])
def test_processes_change_nothing(tmp_path: Path, seed: int, request: pytest.FixtureRequest) -> None:
    """Read, judged, solved, checked and written in processes, a month gives the same bytes, and verify says the same."""
    folder = write_plain(tmp_path / "m", *random_month(seed, "medium"))
    write_run(run_month(load_month(folder)), tmp_path / "one", workbook=False)
    alone = verify(tmp_path / "one")
    begun = request.getfixturevalue("forked")
    write_run(run_month(load_month(folder)), tmp_path / "many", workbook=False)
    assert files(tmp_path / "many") == files(tmp_path / "one")
    assert verify(tmp_path / "many") == alone
    assert alone.valid
    assert begun() >= 5


def test_flaws_come_back(tmp_path: Path, forked: Callable[[], int]) -> None:
    """What a check finds is what verify tells, however many processes there were."""
    run = tmp_path / "run"
    write_run(run_month(load_month(write_month(tmp_path / "m", households=households(9), cadres=[cadre()]))), run, workbook=False)
    for name, check in (("decisions", "decisions"), ("changes", "changes"), ("unmatched", "reasons")):
        path = run / f"{name}.csv"
        before = path.read_bytes()
        path.write_bytes(before + before.splitlines(keepends=True)[-1])
        assert {c.name for c in verify(run).checks if not c.valid} >= {"hashes", check}
        path.write_bytes(before)
    assert verify(run).valid
    assert forked()


def test_errors_come_back(tmp_path: Path, forked: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that another process refuses is refused here, with the row."""
    members = [{"household_id": "H1", "name": "", "id_number": ""}]
    month = load_month(write_month(tmp_path / "m", households=households(3), cadres=[cadre()], members=members))
    with pytest.raises(InputError) as told:
        run_month(month)
    assert [(f.table, f.row, f.code) for f in told.value.findings] == [("members", 2, "blank_required")]
    monkeypatch.setattr("matcher.tables.month._WORTH_A_PROCESS", 0)
    monkeypatch.setattr("matcher.tables.month.ENOUGH_FOR_PROCESSES", 2**40)
    (tmp_path / "m" / "avoid.csv").write_text("household_id,cadre_id\nH1\n", "utf-8")
    tables, before = reading(tmp_path / "m"), forked()
    assert before
    with pytest.raises(InputError) as refused:
        tables()
    assert [f.code for f in refused.value.findings] == ["ragged_row"]


def test_a_fault_leaves_nobody_writing(tmp_path: Path, forked: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one table cannot be written, the process that writes the roster has ended before the folder is cleared away."""
    alive = tmp_path / "alive"

    def slow(_work: Path, _tables: object, name: str) -> str:
        if name != "roster":
            raise OSError(28, os.strerror(28))
        time.sleep(0.5)
        alive.touch()
        return ""

    outcome = run_month(load_month(write_month(tmp_path / "m", households=households(3), cadres=[cadre()])))
    monkeypatch.setattr(publish, "_write_table", slow)
    with pytest.raises(Exception, match=r"."):
        write_run(outcome, tmp_path / "run", workbook=False)
    time.sleep(1)
    assert not alive.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


def test_a_job_that_nobody_waits_for_is_over(forked: Callable[[], int]) -> None:
    """Leaving its context ends the process; leaving that of what has not begun, or is done, does nothing."""
    with meanwhile(lambda: time.sleep(60), True) as job:
        assert job.process is not None
    assert job.process.exitcode
    with meanwhile(int, False):
        pass
    with meanwhile(int, True) as done:
        assert done() == 0


@pytest.mark.parametrize("worth", [True, False])
def test_a_job_asks_for_what_is_not_known_yet(forked: Callable[[], int], worth: bool) -> None:
    """It gets what it is told, whatever its size; one that fails before it asks tells its error, and nobody waits for it."""
    much = ["说" * 1000] * 1000
    job, tell = parallel.asking(lambda asked: [*asked(), os.getpid()], worth)
    with job:
        tell(lambda: much)
        *found, process = job()
    assert found == much
    assert (process == os.getpid()) is not worth
    failing, tell = parallel.asking(lambda _: int("no number"), worth)
    with failing:
        tell(lambda: much)
        with pytest.raises(ValueError, match="no number"):
            failing()


def test_what_both_hold_is_not_sent_back(forked: Callable[[], int]) -> None:
    """A result that refers to what was there before the processes comes back with that very thing; all else comes as a copy."""
    held, other = (SimpleNamespace(words=[word]) for word in ("held", "other"))
    jobs = [partial(SimpleNamespace, number=k, held=held, other=other) for k in range(5)]
    found = list(parallel.side_by_side(jobs, worth=True, common=lambda: [other, held][1:]))
    assert [one.number for one in found] == list(range(5))
    assert all(one.held is held and one.other is not other and one.other == other for one in found)
    assert parallel._common == ()
    alone = list(parallel.side_by_side(jobs, worth=False))
    assert alone == found
    assert forked() == 0
