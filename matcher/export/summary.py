"""summary.json and the hashes that a run is known by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from matcher.policy import Policy
from matcher.tables.aliases import TABLES
from matcher.tables.cells import as_text
from matcher.tables.coded import Coded
from matcher.tables.month import RawTables
from matcher.tables.table import Cell


def sha256(parts: Iterable[str]) -> str:
    """Return the SHA-256 of lines in UTF-8, each closed by a line feed."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def inputs_hash(tables: RawTables) -> str:
    """Return the hash of what the tables say, whatever the order of rows and columns, the files' names and formats."""
    digest = hashlib.sha256()
    for name, columns in TABLES.items():
        rows: list[str] = []
        for part in tables[name].parts:
            blank = [""] * len(part.rows)
            cells = [_texts(part.columns[c.name]).tolist() if c.name in part.columns else blank for c in columns]
            cells.append([part.income_unit] * len(part.rows))
            rows += map("\x1f".join, zip(*cells, strict=True))
        rows.sort()
        digest.update("\n".join([f"\x1d{name}", *rows, ""]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _texts(column: Coded[Cell]) -> Coded[str]:
    return column if column.all_text() else column.map(as_text)  # type: ignore[return-value]


def policy_hash(policy: Policy) -> str:
    """Return the hash of the whole policy, defaults filled in."""
    return sha256([json.dumps(policy.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)])


def json_bytes(value: object) -> bytes:
    """Return JSON as the files of a run hold it."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "surrogatepass")
