"""What the codes of a run are called on paper; a code that is not known here is shown as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from matcher.messages import N_, translator

YES_NO: Final[Mapping[str, str]] = {
    "yes": N_("yes"),
    "no": N_("no"),
    "1": N_("yes"),
    "0": N_("no"),
    "True": N_("yes"),
    "False": N_("no"),
}

STATUS: Final[Mapping[str, str]] = {
    "kept": N_("kept"),
    "new": N_("new"),
    "changed": N_("changed"),
}

DECISION: Final[Mapping[str, str]] = {
    "eligible": N_("eligible"),
    "duplicate": N_("listed twice"),
    "on_welfare_list": N_("on the welfare list"),
    "missing_income": N_("no income given"),
    "review_income": N_("income to be checked"),
    "above_threshold": N_("income above the line"),
    "review_welfare": N_("perhaps on the welfare list, to be checked"),
}

UNMATCHED: Final[Mapping[str, str]] = {
    "no_permitted_cadre": N_("no cadre may be paired with it"),
    "bottleneck": N_("too few places with the cadres who may be paired with it"),
    "township_capacity": N_("the township's places are used up"),
    "earlier_objective": N_("would cost an objective that comes first"),
}

WHY_NOT: Final[Mapping[str, str]] = {
    "unavailable": N_("not in post"),
    "excluded_kind": N_("kind of unit takes no part"),
    "excluded_rank": N_("rank takes no part"),
    "excluded_tag": N_("tagged as taking no part"),
    "capacity_0": N_("upper limit is 0"),
}

CHANGE: Final[Mapping[str, str]] = {
    "new": N_("newly paired"),
    "ended": N_("ended"),
    "changed": N_("other cadre"),
}

REASON: Final[Mapping[str, str]] = {
    "left_post": N_("cadre left the post"),
    "household_absent": N_("household no longer in the tables"),
    "now_on_welfare": N_("household now on the welfare list"),
    "income_rose": N_("income above the line now"),
    "moved": N_("the household's place is no longer among the cadre's"),
    "avoid": N_("must be avoided"),
    "capacity": N_("upper limit reached"),
    "better_objective": N_("better for the whole"),
    "required": N_("required"),
    "pinned": N_("not to be changed"),
    "kept": N_("kept from last month"),
    "newly_served": N_("paired for the first time"),
    "duplicate": N_("listed twice"),
    "missing_income": N_("no income given"),
    "review_income": N_("income to be checked"),
    "review_welfare": N_("perhaps on the welfare list, to be checked"),
    **WHY_NOT,
}

SECTION: Final[Mapping[str, str]] = {
    "decisions": N_("Decisions"),
    "total": N_("Total"),
    "households": N_("Eligible households"),
    "fully_served": N_("have all the cadres they need"),
    "partly_served": N_("have some of them"),
    "unserved": N_("have none"),
    "paired_by_township": N_("Pairings by township"),
    "unmatched_by_township": N_("Cadres lacking by township"),
    "status": N_("Pairings by status"),
}

ANY: Final[Mapping[str, str]] = {**REASON, **CHANGE, **UNMATCHED, **DECISION, **STATUS, **SECTION}

_FIXES: Final[Mapping[str, str]] = {
    "township": N_("township {name}: {number} more"),
    "unit": N_("unit {name}: {number} more"),
    "cadre": N_("cadre {name}: {number} more"),
}
_FIX = re.compile(r"(township|unit|cadre) (.+) \+(\d+)")


def fix_in_words(fix: object, language: str) -> object:
    """Return the smallest fix (``cadre C1 +1``) in words; anything else as it is."""
    found = _FIX.fullmatch(str(fix))
    return translator(language)(_FIXES[found[1]]).format(name=found[2], number=found[3]) if found else fix


def naming(codes: Mapping[str, str], language: str) -> Callable[[object], object]:
    """Return the function that puts codes (one, or several parted by ``;``) into words; anything else it returns as it is."""
    _ = translator(language)
    words = {code: _(text) for code, text in codes.items()}
    named: dict[object, object] = {}

    def name(value: object) -> object:
        if value not in named:
            parts = [part.strip() for part in str(value).split(";")]
            known = all(part in words for part in parts)
            named[value] = _("; ").join(words[part] for part in parts) if known else value
        return named[value]

    return name
