"""Policy keys by their path: which there are, what each wants, and the file's tree with some of them set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, Message, masked, message
from matcher.policy.model import Policy
from matcher.scenario.literal import value_of
from matcher.tables.cells import fold

Tree = dict[str, Any]
"""The policy as nested mappings, as its file says it."""


@dataclass(frozen=True)
class Key:
    """A policy key.

    Attributes
    ----------
    path : tuple of str
        Section and key, or the key alone where it has no section.
    entry : str
        A rank, township or word in a table of values; empty for the key itself.
    wants : type
        The annotation of what it holds.
    """

    path: tuple[str, ...]
    entry: str
    wants: Any

    @property
    def name(self) -> str:
        """The key as the policy file's reader would say it."""
        return ".".join((*self.path, self.entry) if self.entry else self.path)


def key_of(text: str) -> Key:
    """Return the key that a path means.

    Raises
    ------
    InputError
        There is none; the message says which may be meant.
    """
    for path, wants in _keys():
        whole = ".".join(path)
        if text == whole:
            return Key(path, "", wants)
        if get_origin(wants) is dict and text.startswith(whole + "."):
            entry = fold(text[len(whole) + 1 :].strip().strip('"'))
            if entry:
                return Key(path, entry, get_args(wants)[1])
    raise _unknown(text)


def _keys() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every key's path and what it holds."""
    for name, field in Policy.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (((name, key), inner.annotation) for key, inner in kind.model_fields.items())
        else:
            yield (name,), kind


def _unknown(text: str) -> InputError:
    names = [".".join(path) for path, _ in _keys()]
    last = text.rpartition(".")[2]
    likely = [n for n in names if n.rpartition(".")[2] == last] or get_close_matches(text, names, 1, 0.5)
    likely = likely or [n for n in names if last in n or n.rpartition(".")[2] in get_close_matches(last, [n.rpartition(".")[2]], 1, 0.6)]
    hint: Message | str = message(N_(" Did you mean {name}?"), name=likely[0]) if likely else ""
    return refused(text, masked(N_("There is no policy key {key}.{hint}"), key=text, hint=hint))


def refused(key: str, text: Message) -> InputError:
    """Return the refusal of a policy key."""
    return InputError(text, [Finding("policy", "--set", None, key, "scenario_key", text)])


def set_key(tree: Tree, key: Key, text: str) -> None:
    """Set a key in a tree; an empty text takes it out, so that the default holds."""
    node = tree
    for section in key.path if key.entry else key.path[:-1]:
        node = node.setdefault(section, {})
        if not isinstance(node, dict):
            raise _unknown(key.name)
    last = key.entry or key.path[-1]
    known = next((k for k in node if fold(k) == last), last) if key.entry else last
    if text:
        node[known] = value_of(text, key.wants)
    else:
        node.pop(known, None)
