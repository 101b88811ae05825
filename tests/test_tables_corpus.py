"""Files as townships send them: every quirk in every kind of file, and in pairs, is read as the clean month or refused by its code."""

from __future__ import annotations

import os
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from matcher.errors import InputError
from matcher.pipeline import load_month, run_month

from .corpus.kinds import KINDS
from .corpus.page import HEADER, ID_NUMBER, NAMES, Page
from .corpus.quirks import QUIRKS, put_on
from .months import cadre, write_month

Reading = tuple[dict[str, str], list[tuple[str, str]], str]
NOT_TOLD = frozenset({"blank rows above"})


def month(folder: Path, kind: str, page: Page) -> Path:
    """Write a month whose households are a page in a kind of file."""
    ids = [str(row[ID_NUMBER]) for row in Page().body]
    write_month(
        folder,
        households=[],
        cadres=[cadre(cadre_id=f"C{k}", name=f"干部{k}", capacity="2", skills="技术" if k else "资金") for k in range(3)],
        welfare=[
            {"name": NAMES[1], "id_number": ids[1], "category": "低保"},
            {"name": NAMES[2], "township": "鹤溪镇", "village": "东村", "category": "五保"},
        ],
        roster=[{"household_id": "H00", "cadre_id": "C2", "since": "2008-06", "pinned": ""}],
    )
    (folder / f"households.{KINDS[kind].ending}").write_bytes(KINDS[kind].write(page))
    return folder


def said(folder: Path) -> tuple[Reading | None, set[str]]:
    """Return what a month comes to (None: refused with exit code 3), and the codes of its findings."""
    try:
        outcome = run_month(load_month(folder))
    except InputError as error:
        told = [f for f in error.findings if f.message.render("zh") != f.message.render("en") and f.sheet]
        return None, {f.code for f in told}
    judgement = outcome.judgement
    decisions = {key: judged.decision.value for key, judged in zip(judgement.households.ids, judgement.decisions, strict=True)}
    members = " ".join(str(judgement.households.needs[k]) for k in range(len(judgement.households.ids)))
    return (decisions, outcome.pairs, members), {f.code for f in judgement.findings}


@cache
def clean(folder: Path) -> Reading:
    """Return what the clean month comes to."""
    found, _ = said(month(folder / "clean", "csv", Page()))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    found = clean(tmp_path_factory.mktemp("clean"))
    assert len(set(found[0].values())) >= 4  # else the month would tell little
    assert len(found[1]) >= 4
    return found


def check(folder: Path, kind: str, names: tuple[str, ...], expected: Reading) -> None:
    """Check that a page with quirks comes to the clean month, or to a refusal that one of the quirks asks for; and is told."""
    found, codes = said(month(folder, kind, put_on(*names)))
    quirks = [QUIRKS[name] for name in names]
    refusing = {q.code for q in quirks if q.refused}
    if refusing:
        assert found is None
        assert codes & refusing
        return
    assert found == expected, codes
    assert {q.code for q in quirks if q.code} <= codes


SINGLE = [(kind, name) for kind in KINDS for name in QUIRKS if QUIRKS[name].fits(KINDS[kind])]


@pytest.mark.parametrize("kind", KINDS)
def test_every_quirk_alone(tmp_path: Path, kind: str, expected: Reading) -> None:
    """Every quirk in every kind of file that can show it."""
    check(tmp_path / "clean", kind, (), expected)
    for k, name in enumerate(n for of, n in SINGLE if of == kind):
        check(tmp_path / str(k), kind, (name,), expected)


def pairs() -> list[tuple[str, str, str]]:
    """Return every two quirks that can stand together, each with one kind of file: the kinds take turns."""
    found = []
    for turn, (one, two) in enumerate(combinations(QUIRKS, 2)):
        if QUIRKS[one].slot and QUIRKS[one].slot == QUIRKS[two].slot:
            continue
        kinds = [k for k in KINDS if QUIRKS[one].fits(KINDS[k]) and QUIRKS[two].fits(KINDS[k])]
        found.append((kinds[turn % len(kinds)], one, two))
    return found


PAIRS = pairs()
STEP = int(os.environ.get("JIEDUI_CORPUS_STEP", "3"))
"""The tests take every third pair, a campaign all (docs/method.md)."""


@pytest.mark.parametrize("start", range(6))
def test_pairs_of_quirks(tmp_path: Path, start: int, expected: Reading) -> None:
    """Two quirks together, the kinds of file taking turns."""
    for k, (kind, *names) in enumerate(PAIRS[::STEP][start::6]):
        check(tmp_path / str(k), kind, tuple(names), expected)


def test_the_corpus_is_large() -> None:
    """The corpus holds what it says: hundreds of files, and every column that the clean page has."""
    assert len(SINGLE) + len(PAIRS) >= 1000
    assert len(Page().header[0]) == len(HEADER)
