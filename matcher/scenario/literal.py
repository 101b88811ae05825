"""Values of policy keys as text and back: TOML, and bare words where the key wants words."""

from __future__ import annotations

import json
import re
import tomllib
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

_SEPARATORS = re.compile(r"[,，、;；]")


def literal(value: Any) -> str:
    """Return a value as TOML writes it on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)} = {literal(v)}" for k, v in value.items()) + "}"
    return str(value)


def value_of(text: str, wanted: Any) -> Any:
    """Return the value that a text means for a key of some type; what is no value of it is left for the policy to refuse.

    Parameters
    ----------
    wanted : type
        A field's annotation in the policy model.
    """
    kind = _bare(wanted)
    if kind is str or get_origin(kind) is Literal:
        said = _toml(text)
        return said if isinstance(said, str) else text
    said = _toml(text)
    if get_origin(kind) is tuple and not isinstance(said, list):
        inside = text.strip().removeprefix("[").removesuffix("]")
        return [value_of(part.strip(), get_args(kind)[0]) for part in _SEPARATORS.split(inside) if part.strip()]
    return text if said is None else said


def _bare(wanted: Any) -> Any:
    """Return a type without what is only noted beside it, and without None."""
    if get_origin(wanted) is Annotated:
        return _bare(get_args(wanted)[0])
    if get_origin(wanted) in (Union, UnionType):
        return _bare(next(a for a in get_args(wanted) if a is not type(None)))
    return wanted


def _toml(text: str) -> Any:
    """Return the value that a text is in TOML; None if it is none."""
    try:
        found = tomllib.loads(f"value = {text}", parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return found["value"] if len(found) == 1 else None
