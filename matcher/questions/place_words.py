"""Where one more place helps most, as a ranked table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matcher.explain.places import Steps, Worth, worths
from matcher.formulation.values import Value
from matcher.messages import N_, mask_numbers, message
from matcher.questions.ask import Asker
from matcher.questions.known import Known
from matcher.questions.price_words import WITHOUT_GAIN, weighed

_SHOWN = 20


@dataclass(frozen=True)
class PlaceRow:
    """What one more place is worth.

    Attributes
    ----------
    kind : str
        ``cadre``, ``unit``, ``township``, or ``skill`` for one more cadre with one place who has that skill alone.
    name : str
        A cadre's id, a unit's or a township's name, ``township/skill``; with the county where there are several.
    """

    kind: str
    name: str
    said: str
    steps: Steps
    gain: dict[str, Value]

    def record(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"kind": self.kind, "name": self.name, "gain": self.gain}


def place_rows(known: Known) -> list[PlaceRow]:
    """Return the worth of one more place everywhere, the best first; equals by kind and name."""
    found = []
    asker, policy = Asker(known), known.policy
    for part in known.separate:
        if len(part.household) and len(part.cadre):
            standing = known.standing(part)
            for worth in worths(standing, known.due[part.cadre], policy.duty.default):
                name, said = _named(asker, known, part.instance.unit_names, part.instance.cadres.ids, worth)
                found.append(PlaceRow(worth.kind, name, said, worth.steps, worth.gain))
    return sorted(found, key=lambda r: (_comparable(known, r), r.kind, r.name))


def _comparable(known: Known, row: PlaceRow) -> list[int]:
    """Return the gain as one list that compares across counties: largest gains first, loads the smaller the better."""
    order: list[int] = []
    for name in known.task.order:
        value = row.gain[name]
        vector = [value] if isinstance(value, int) else value
        pad = [0] * (64 - len(vector)) if name == "balance" and not isinstance(value, int) else []
        order += [-n for n in (*pad, *vector)]
    return order


def _named(asker: Asker, known: Known, units: Sequence[str], cadres: Sequence[str], worth: Worth) -> tuple[str, str]:
    """Return a place's name, and how the table calls it."""
    if worth.kind == "cadre":
        rows = known.judgement.cadres
        row = rows.index[cadres[worth.number]]
        return cadres[worth.number], f"{cadres[worth.number]} {rows.names[row]} ({rows.units[row][1]})"
    if worth.kind == "unit":
        name = asker.short(units[worth.number])
        return name, name
    town = asker.short(known.judgement.instance.place_names[worth.number])
    name = f"{town}/{worth.skill}" if worth.kind == "skill" else town
    return name, name


def places_in_words(rows: Sequence[PlaceRow], known: Known, language: str) -> str:
    """Return the ranked table in words: what helps, then how many would bring nothing."""
    kinds = {
        "cadre": N_("one more place for cadre {name}"), "unit": N_("one more place for unit {name}"),
        "township": N_("one more place for township {name}"), "skill": N_("one more cadre with one place: {name}"),
    }
    helping = [r for r in rows if any(r.steps)]
    bands = tuple(f"{b:f}" for b in known.policy.priority.bands)
    lines = [message(N_("Where one more place helps most:")).render(language)]
    for k, row in enumerate(helping[:_SHOWN], 1):
        where = message(kinds[row.kind], name=row.said).render(language)
        gain = weighed(row.gain, bands, language, worse=False) or message(WITHOUT_GAIN).render(language)
        lines.append(f"{k:>3}. {where}: {gain}")
    rest = message(N_("{help} of {all} places would help; the others would bring nothing (all of them with --json)."),
                   help=len(helping), all=len(rows))
    return mask_numbers("\n".join([*lines, rest.render(language)]))
