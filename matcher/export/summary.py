"""summary.json and the hashes that a run is known by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from matcher.policy import Policy
from matcher.tables.aliases import TABLES
from matcher.tables.cells import as_text, each
from matcher.tables.month import RawTables


def sha256(parts: Iterable[str]) -> str:
    """Return the SHA-256 of lines in UTF-8, each closed by a line feed."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def inputs_hash(tables: RawTables) -> str:
    """Return the hash of what the tables say, whatever the order of rows and columns, the files' names and formats."""
    lines = []
    for name, columns in TABLES.items():
        lines.append(f"\x1d{name}")
        rows: list[str] = []
        for part in tables[name].parts:
            cells = [each(list(part.columns.get(c.name) or [None] * len(part.rows)), as_text) for c in columns]
            unit = part.income_unit if name == "households" else ""
            rows += ["\x1f".join((*row, unit)) for row in zip(*cells, strict=True)]
        lines += sorted(rows)
    return sha256(lines)


def policy_hash(policy: Policy) -> str:
    """Return the hash of the whole policy, defaults filled in."""
    return sha256([json.dumps(policy.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)])


def json_bytes(value: object) -> bytes:
    """Return JSON as the files of a run hold it."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "surrogatepass")
