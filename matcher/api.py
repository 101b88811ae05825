"""The same from Python: months and runs with pandas frames in and out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from matcher.graph.bipartite import PairGraph
from matcher.pipeline import Month as _Month
from matcher.pipeline import Outcome, load_month, run_month
from matcher.policy import Policy
from matcher.policy.read import complete
from matcher.roster.tables import Columns, Tables
from matcher.verify import Verdict

if TYPE_CHECKING:
    import pandas

    from matcher.questions.answers import CadreAnswer, HouseholdAnswer
    from matcher.questions.place_words import PlaceRow
    from matcher.whatif.answer import Answer


class Month(_Month):
    """A month's tables and policy (see :class:`matcher.pipeline.Month`), also from frames."""

    @staticmethod
    def from_frames(*, policy: Policy, name: str = "", **frames: Any) -> Month:
        """Return a month from pandas frames.

        Parameters
        ----------
        policy : Policy
            Must say ``programme.month``.
        name : str
            Stands in for the folder's name.
        **frames : pandas.DataFrame
            By table name: ``households``, ``cadres`` and any of the others.

        Raises
        ------
        InputError
            A frame cannot be used.
        """
        from matcher.tables.frames import tables_from

        return Month(tables_from(frames), complete(policy, name))


def read_month(folder: str | Path) -> Month:
    """Read a month folder.

    Raises
    ------
    InputError
        The policy or a table cannot be used.
    """
    month = load_month(Path(folder))
    return Month(month.tables, month.policy, month.folder, month.policy_bytes, month.seconds)


def match(month: _Month) -> Run:
    """Return the best roster of a month, proved.

    Raises
    ------
    InputError
        A table cannot be used.
    ContradictionError
        Fixed pairs cannot all stand.
    ProofError
        A proof failed (a fault of the program).
    """
    return Run(run_month(month), month)


def what_if(month: _Month, scenarios: Mapping[str, Iterable[tuple[str, str]]]) -> WhatIf:
    """Return scenarios compared with a month; what ``jiedui whatif`` does, and as exactly proved.

    Parameters
    ----------
    scenarios : dict
        Name to changes: option and words of the command line, such as ``("set", "eligibility.income_threshold=3000")``.

    Raises
    ------
    UsageError
        Words have not the form that their option wants.
    InputError
        A change names somebody absent, or the changed month cannot be used.
    ContradictionError
        Changes, or fixed pairs, contradict each other.
    """
    from matcher.scenario.read import scenario_of
    from matcher.whatif.ask import answer

    return WhatIf(answer(month, [scenario_of(changes, name) for name, changes in scenarios.items()]))


class WhatIf:
    """Scenarios beside the month as it is; the tables are pandas frames with the columns of the files of ``whatif --out``."""

    def __init__(self, found: Answer) -> None:
        self.answer = found

    def record(self) -> dict[str, Any]:
        """Return what ``whatif --json`` prints."""
        return self.answer.record()

    def frame(self, name: str) -> pandas.DataFrame:
        """Return a table: ``comparison``, ``coverage``, ``households``, ``bottlenecks`` or ``loads``."""
        from matcher.whatif.tables import Tables as Compared

        return _frame(getattr(Compared(self.answer.base, self.answer.comparisons), name))


class Run:
    """A finished run: the roster, what was decided of everybody, and why.

    The tables are pandas frames with the columns of the files of the same name.
    """

    def __init__(self, outcome: Outcome, month: _Month) -> None:
        self.outcome = outcome
        self._month = month

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """(household_id, cadre_id) of every pairing, sorted."""
        return self.outcome.pairs

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What summary.json says."""
        from matcher.publish import summary

        return summary(self.outcome)

    @cached_property
    def _tables(self) -> Tables:
        from matcher.publish import answers

        return Tables(answers(self.outcome), self.outcome.source.policy.programme.language)

    @cached_property
    def roster(self) -> pandas.DataFrame:
        """The pairings."""
        return _frame(self._tables.roster)

    @cached_property
    def decisions(self) -> pandas.DataFrame:
        """Every household row with its decision."""
        return _frame(self._tables.decisions)

    @cached_property
    def review(self) -> pandas.DataFrame:
        """Households that a welfare row may mean, to be answered, and the answers so far."""
        return _frame(self._tables.review)

    @cached_property
    def changes(self) -> pandas.DataFrame:
        """What changed against last month."""
        return _frame(self._tables.changes)

    @cached_property
    def unmatched(self) -> pandas.DataFrame:
        """Eligible households with fewer cadres than they need."""
        return _frame(self._tables.unmatched)

    @cached_property
    def bottlenecks(self) -> pandas.DataFrame:
        """Where places are too few."""
        return _frame(self._tables.bottlenecks)

    @cached_property
    def cadres(self) -> pandas.DataFrame:
        """Every cadre with load, capacity and duty."""
        return _frame(self._tables.cadres)

    @cached_property
    def findings(self) -> pandas.DataFrame:
        """What was noticed in the tables."""
        from matcher.publish import findings_columns

        return _frame(findings_columns(self.outcome.judgement.findings, self.outcome.source.policy.programme.language))

    @property
    def graph(self) -> PairGraph:
        """The bipartite graph of permitted pairs."""
        judgement = self.outcome.judgement
        return PairGraph(judgement.instance, judgement.permission, frozenset(self.outcome.pairs))

    def explain(self, who: str, kind: str | None = None) -> HouseholdAnswer | CadreAnswer:
        """Return what there is to say of a household or a cadre; its ``record()`` is what ``explain --json`` prints.

        Parameters
        ----------
        kind : str, optional
            ``household`` or ``cadre``, where both have the id.

        Raises
        ------
        UsageError
            Nobody has the id.
        """
        from matcher.questions.ask import Asker
        from matcher.questions.known import Known

        return Asker(Known.of(self.outcome)).answer(who, kind)

    def places(self) -> list[PlaceRow]:
        """Return what one more place is worth, everywhere, the best first (``explain --places``)."""
        from matcher.questions.known import Known
        from matcher.questions.place_words import place_rows

        return place_rows(Known.of(self.outcome))

    def verify(self) -> Verdict:
        """Return the verdict of the independent checker on the run's files and its month's tables."""
        from matcher.verify.checks import verify_files
        from matcher.verify.files import read_files

        with TemporaryDirectory() as folder:
            self.write(Path(folder, "run"), workbook=False)
            return verify_files(read_files(Path(folder, "run")), self._month.tables, self._month.policy, self._month.policy_bytes)

    def write(self, run: str | Path, workbook: bool = True) -> None:
        """Write the run's folder, all of it or nothing.

        Raises
        ------
        UsageError
            The folder exists or cannot be written.
        """
        from matcher.publish import write_run

        write_run(self.outcome, Path(run), workbook, "python")


def _frame(columns: Columns) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame({name: list(cells) for name, cells in columns.items()})
