"""What a scenario is called on the terminal and on paper: its own name, or its changes in the reader's language."""

from __future__ import annotations

from matcher.messages import N_, Message, mask_numbers, message
from matcher.scenario import Scenario
from matcher.scenario import changes as kinds
from matcher.scenario.changes import Change
from matcher.tables.aliases import TABLES
from matcher.whatif.sweep import key_in_words

_ONE = {
    kinds.RemoveCadre: N_("without cadre {words}"), kinds.RemoveUnit: N_("without unit {words}"),
    kinds.CloseTownship: N_("nobody paired in {words}"), kinds.CadreCell: N_("cadre {words}"), kinds.UnitCell: N_("unit {words}"),
    kinds.HouseholdCell: N_("household {words}"),
}
_PAIR = {
    kinds.Require: N_("{household} must be with {cadre}"), kinds.Avoid: N_("{household} must not be with {cadre}"),
    kinds.Release: N_("{household} need not be with {cadre}"),
}
_FILE = {kinds.Add: N_("{table}: rows of {file} added"), kinds.Replace: N_("{table}: rows of {file} instead")}


def title(scenario: Scenario, language: str) -> str:
    """Return a scenario's name; where it has none of its own, its changes in words."""
    if scenario.named:
        return scenario.name
    each = (said(change, language).render(language) for change in scenario.changes)
    return mask_numbers(message(N_("; ")).render(language).join(each))


def said(change: Change, language: str) -> Message:
    """Return a change in words, a column by the header that the language's readers know."""
    if isinstance(change, kinds.SetKey):
        value: Message | str = change.value or message(N_("default"))
        return message(N_("{key}: {value}"), key=key_in_words(change.key), value=value)
    if isinstance(change, kinds.PairChange):
        return message(_PAIR[type(change)], household=change.household, cadre=change.cadre)
    if isinstance(change, kinds.FileChange):
        return message(_FILE[type(change)], table=change.table, file=change.file.name)
    if isinstance(change, kinds.SetCell) and language == "zh":
        header = next(c.headers[0] for c in TABLES[change.table] if c.name == change.column)
        return message(_ONE[type(change)], words=f"{change.id}:{header}={change.value}")
    return message(_ONE[type(change)], words=change.words())
