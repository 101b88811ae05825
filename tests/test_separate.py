"""Separate problems put together: everybody keeps the number that is theirs, and what is published is what was proved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matcher import match, read_month, separate
from matcher.errors import ProofError
from matcher.solve.split import Part, parts

from .months import cadre, command, household, write_month


def month(folder: Path) -> Path:
    """Return a month of three counties: one has a cadre, whose id is the first, and no household; a cadre of no county joins the others."""
    homes = [household(household_id="H1", county="甲县"), household(household_id="H2", county="乙县"),
             household(household_id="H3", county="丙县", income="99999")]
    people = [cadre(cadre_id="C0", county="丙县"), cadre(cadre_id="C1", capacity="9"), cadre(cadre_id="C2", county="乙县")]
    return write_month(folder / "m", {"townships": {"rule": "any"}}, households=homes, cadres=people)


def test_a_single_part_need_not_hold_everybody(tmp_path: Path) -> None:
    """Nobody of the county without households is paired, though all the others are one problem."""
    folder = month(tmp_path)
    run = match(read_month(folder))
    (part,) = parts(run.outcome.judgement.instance)
    assert len(part.cadre) == 2
    assert len(run.pairs) == 2
    assert {c for _, c in run.pairs} <= {"C1", "C2"}
    run.write(tmp_path / "run")
    assert command("verify", tmp_path / "run").code == 0


def test_what_is_published_is_what_was_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A roster that is numbered wrongly after its proof is not given out."""

    def wrong(instance: Any) -> list[Part]:
        found = []
        for part in parts(instance):
            turned = replace(part, cadre=part.cadre[::-1].copy())
            turned.__dict__["instance"] = part.instance
            found.append(turned)
        return found

    read = read_month(month(tmp_path))
    monkeypatch.setattr(separate, "parts", wrong)
    with pytest.raises(ProofError, match="not the one that was proved"):
        match(read)
