"""policy.toml to a checked policy; every refusal names the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from matcher.errors import InputError
from matcher.findings import Finding
from matcher.messages import N_, Message, message
from matcher.policy.lines import line_of
from matcher.policy.model import _MONTH, Policy
from matcher.tables.cells import excerpt
from matcher.tables.grid import opening

_OTHER_FOLDER = N_("policy.toml says that the month is {month}, its folder is called {other}. If the file was copied from the month "
                   "before, write the new month into it, and a new seed.")
_OTHER_SEED = N_("The lot's seed is {other}, the month is {month}. If the file was copied from the month before, write a new seed into it.")
_MOST_BYTES = 1_000_000
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_PROBLEMS = (
    ("> ", N_("the file is larger than what is read")),
    ("'utf-8' codec", N_("its characters cannot be read; save it as UTF-8")),
    ("Expected newline or end of document", N_("something stands behind the value")),
    ("Invalid value", N_("a value is missing or none: a text wants quotation marks")),
    ("Unterminated string", N_("a quotation mark is missing at the end")),
    ("Expected '=' after", N_("there is no = behind the key")),
    ("Invalid statement", N_("neither a key nor a [section] begins here")),
    ("Unclosed array", N_("the bracket ] is missing")),
    ("Expected ']'", N_("the bracket ] is missing")),
    ("Unclosed inline table", N_("a curly bracket is missing at the end")),
    ("Cannot overwrite", N_("a key stands twice")),
    ("Cannot declare", N_("a section stands twice")),
    ("Unescaped", N_("a backslash in a text must be written twice")),
    ("Illegal character", N_("a character that may not stand here, such as a line break in a text")),
)
"""How the parser's refusals begin, and what they mean."""


def toml_problem(error: Exception) -> Message:
    """Return why a TOML file is none, in our own words where they are known, with the line."""
    said = str(error) or type(error).__name__
    place, known = _PLACE.search(said), next((text for start, text in _PROBLEMS if said.startswith(start)), None)
    what: Message | str = message(known) if known else message(N_("it cannot be read"))
    if place:
        return message(N_("line {line}, column {column}: {what}"), line=place[1], column=place[2], what=what)
    return message(N_("at the end: {what}"), what=what) if said.endswith("(at end of document)") else message(N_("{what}"), what=what)


def read_policy(folder: Path) -> tuple[Policy, bytes]:
    """Read a month folder's policy.toml; give it the folder's month and name where it has none.

    Returns
    -------
    policy : Policy
    data : bytes
        The file as it came, for its hash.

    Raises
    ------
    InputError
        No file, no TOML, an unknown key, a value that does not fit, no month.
    """
    path = folder / "policy.toml"
    with opening("policy.toml", "policy"):
        data = path.read_bytes() if path.is_file() else None
    if data is None:
        kind = N_("There is no policy.toml in {folder}; it must at least say eligibility.income_threshold. "
                  "A folder that jiedui init makes has one, which can be copied.")
        text = message(kind, folder=folder.name)
        raise InputError(text, [Finding("policy", "policy.toml", None, "eligibility.income_threshold", "no_policy", text)])
    tree = tree_of(data)
    try:
        return complete(policy_from(tree), folder.resolve().name), data
    except InputError as error:
        lines = data.decode("utf-8-sig")
        found = [replace(f, row=line_of(lines, f.column.split("."))) for f in error.findings]
        raise InputError(error.summary, sorted(found, key=lambda f: f.row or 0)) from None


def tree_of(data: bytes) -> dict[str, Any]:
    """Return what a policy file says, as nested mappings, not yet checked against the model.

    Raises
    ------
    InputError
        It is too large or no TOML.
    """
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError(f"> {_MOST_BYTES} bytes")
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        kind = N_("policy.toml is no valid TOML ({error}). Chinese keys want quotation marks; only the plain \" \" are such marks.")
        text = message(kind, error=toml_problem(error))
        raise InputError(text, [Finding("policy", "policy.toml", None, "", "toml", text)]) from None


def complete(policy: Policy, folder: str) -> Policy:
    """Return a policy with name, month and seed filled in from the month folder's name."""
    programme, ties = policy.programme, policy.ties
    month = programme.month or (folder if _MONTH.fullmatch(folder) else "")
    if not month:
        text = message(N_("programme.month is missing, and the folder's name {folder} is no month such as 2008-07."), folder=folder)
        raise InputError(text, [Finding("policy", "policy.toml", None, "programme.month", "no_month", text)])
    programme = programme.model_copy(update={"month": month, "name": programme.name or folder})
    return policy.model_copy(update={"programme": programme, "ties": ties.model_copy(update={"seed": ties.seed or month})})


def doubts(policy: Policy, folder: str) -> list[Finding]:
    """Return where a policy seems to be another month's: its folder bears another month's name, or the lot has another's seed."""
    month, seed, found = policy.programme.month, policy.ties.seed, []
    if _MONTH.fullmatch(folder) and folder != month:
        text = message(_OTHER_FOLDER, month=month, other=folder)
        found.append(Finding("policy", "policy.toml", None, "programme.month", "month_not_folder", text))
    if _MONTH.fullmatch(seed) and seed != month:
        found.append(Finding("policy", "policy.toml", None, "ties.seed", "seed_not_month", message(_OTHER_SEED, month=month, other=seed)))
    return found


def policy_from(tree: Mapping[str, Any]) -> Policy:
    """Return the checked policy of a nested mapping (as TOML gives it)."""
    try:
        return Policy.model_validate(tree)
    except ValidationError as error:
        findings = [_finding(e) for e in error.errors(include_url=False)]
        raise InputError(message(N_("The policy cannot be used.")), findings) from None


def _finding(error: ErrorDetails) -> Finding:
    path = [str(p) for p in error["loc"] if p != "[key]"]
    kind, context = error["type"], error.get("ctx", {})
    key = ".".join([*path, *filter(None, [context.get("key")])])
    if kind == "jiedui":
        text = message(context["text"], **context["values"])
    elif kind == "extra_forbidden":
        text = _unknown_key(path)
    elif kind == "missing":
        text = message(N_("the key is required"))
    elif kind == "literal_error":
        text = message(N_("one of {choices} is wanted"), choices=context["expected"])
    else:
        wanted = {"bool": N_("true or false is wanted"), "string": N_("a text in quotation marks is wanted"),
                  "tuple": N_("a list in square brackets is wanted"), "dict": N_("a table of values is wanted")}
        text = message(wanted.get(kind.split("_")[0], N_("the value does not fit")))
    if kind not in ("extra_forbidden", "missing") and isinstance(error["input"], str | int | float | Decimal):
        text = message(N_("{problem}; here it is {value}"), problem=text, value=excerpt(error["input"]))
    return Finding("policy", "policy.toml", None, key, "policy_" + kind, text)


def _unknown_key(path: list[str]) -> Message:
    model: type[BaseModel] = Policy
    for section in path[:-1]:
        field = model.model_fields.get(section)
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            break
        model = field.annotation
    likely = get_close_matches(path[-1], model.model_fields, 1, 0.5)
    if likely:
        return message(N_("there is no such key; did you mean {key}?"), key=".".join([*path[:-1], likely[0]]))
    return message(N_("there is no such key; known here: {keys}"), keys=", ".join(model.model_fields))
