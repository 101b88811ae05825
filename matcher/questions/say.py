"""What ``jiedui explain`` prints: a record for machines, words for people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.errors import UsageError
from matcher.messages import N_, message
from matcher.pipeline import Progress
from matcher.questions.answers import HouseholdAnswer
from matcher.questions.ask import Asker
from matcher.questions.graph import write_graph
from matcher.questions.known import Known, reopen
from matcher.questions.overview import overview
from matcher.questions.place_words import place_rows, places_in_words
from matcher.questions.words import Words


@dataclass(frozen=True)
class Told:
    """An answer, twice.

    Attributes
    ----------
    record : object
        What ``--json`` prints.
    text : str
    """

    record: Any
    text: str


def explained(
    run: Path, who: str | None, kind: str | None, places: bool, graph: Path | None, month: Path | None, language: str, progress: Progress
) -> Told:
    """Answer a question to a run's folder: a household or cadre, the places, the graph of bottlenecks, or the run as a whole.

    Raises
    ------
    UsageError
        No such run, nobody has the id, or more than one question was asked.
    InputError
        The month's tables are not found or changed after the run.
    """
    if (who is not None) + places + (graph is not None) > 1:
        raise UsageError(message(N_("Ask one thing at a time: an ID, --places or --bottlenecks-graph.")))
    known = reopen(run, month, progress)
    if who is not None:
        return told_of(known, who, kind, language)
    if graph is not None:
        nodes = write_graph(known, graph)
        said = message(N_("The graph of the bottlenecks is in {file}; nodes: {nodes}."), file=str(graph), nodes=nodes)
        return Told({"file": str(graph), "nodes": nodes}, said.render(language))
    if places:
        return told_of_places(known, language)
    found = overview(known)
    return Told(found.record(language), found.text(language))


def told_of(known: Known, who: str, kind: str | None, language: str) -> Told:
    """Answer what there is to say of a household or a cadre."""
    answer, words = Asker(known).answer(who, kind), Words(language)
    text = words.household(answer) if isinstance(answer, HouseholdAnswer) else words.cadre(answer)
    return Told(answer.record(), text)


def told_of_places(known: Known, language: str) -> Told:
    """Answer where one more place helps most."""
    rows = place_rows(known)
    return Told([r.record() for r in rows], places_in_words(rows, known, language))
