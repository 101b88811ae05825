"""What jiedui says: English message ids, translated by gettext, rendered as late as possible.

A message is kept as its id and its parameters until somebody reads it: the terminal speaks the user's language, an export
the policy's, and the same finding may be read in both.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

DOMAIN = "jiedui"
LANGUAGES = ("zh", "en")
LOCALE_FOLDER = Path(__file__).parent / "locale"


def N_(text: str) -> str:  # noqa: N802 - gettext's customary name, known to the extractor
    """Mark a message id for extraction without translating it."""
    return text


@cache
def translator(language: str) -> Callable[[str], str]:
    """Return the function that translates message ids into a language (``zh`` or ``en``)."""
    return gettext.translation(DOMAIN, LOCALE_FOLDER, [language], fallback=True).gettext


_GROUPS = r"\d+(?:[ -]\d+)+(?:[ -]?[Xx])?"
_ID_NUMBERS = tuple(map(re.compile, (r"\d{14,}[\dXx]", rf"(?<![A-Za-z\d]){_GROUPS}", _GROUPS)))
"""Digits that stand together, each by itself; then those in groups, which no word begins; then any."""
_FEWEST = 15


def mask_numbers(text: str) -> str:
    """Return a text with whatever could be an ID number (15 digits or more, in any column) masked but for the first 6 and last 4."""

    def masked(found: re.Match[str]) -> str:
        number = found[0]
        if len(number) - number.count(" ") - number.count("-") < _FEWEST:
            return number
        return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"

    for pattern in _ID_NUMBERS:
        text = pattern.sub(masked, text)
    return text


@dataclass(frozen=True)
class Message:
    """A sentence for a person: a message id with named places, and what stands in them.

    Parameters may be messages themselves.
    """

    text: str
    values: dict[str, object] = field(default_factory=dict)

    def render(self, language: str) -> str:
        """Return the sentence in a language."""
        values = {k: v.render(language) if isinstance(v, Message) else v for k, v in self.values.items()}
        return translator(language)(self.text).format(**values)


def message(text: str, /, **values: object) -> Message:
    """Return a :class:`Message`; the text must have been marked with :func:`N_`."""
    return Message(text, values)


def masked(text: str, /, **values: object) -> Message:
    """Return a :class:`Message` of what somebody wrote in a command, where an ID number may stand: masked in the texts among the values."""
    return Message(text, {key: mask_numbers(value) if isinstance(value, str) else value for key, value in values.items()})
