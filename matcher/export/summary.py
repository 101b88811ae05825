"""summary.json and the hashes that a run is known by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from itertools import islice

from matcher.policy import Policy

_TOGETHER = 20_000


def sha256(parts: Iterable[str]) -> str:
    """Return the SHA-256 of lines in UTF-8, each closed by a line feed."""
    digest, rest = hashlib.sha256(), iter(parts)
    while lines := list(islice(rest, _TOGETHER)):
        digest.update("\n".join([*lines, ""]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def policy_hash(policy: Policy) -> str:
    """Return the hash of the whole policy, defaults filled in."""
    return sha256([json.dumps(policy.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)])


def json_bytes(value: object) -> bytes:
    """Return JSON as the files of a run hold it."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "surrogatepass")
