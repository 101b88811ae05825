"""The checker to be read in one go, pair by pair in plain loops: every rule is kept, no roster is better, the lot was followed.

It is written from docs/certificate.md, for ``jiedui verify --plain``, and shares nothing with what finds rosters, nor with the rest of
``matcher.verify``, which says the same of millions of pairs at once and checks all files besides. First ``month``: what is to be kept;
then ``proof``: whether it is, and nothing is better; ``draw``: whether the lot decided the rest.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

from matcher.domain import Instance
from matcher.policy import Policy
from matcher.verify.plain.draw import check_draw
from matcher.verify.plain.month import Ground, Month
from matcher.verify.plain.proof import Part, check_parts


def read_parts(certificate: bytes) -> list[dict[str, Any]]:
    """Return the parts of certificate.json.gz as they stand."""
    return list(json.loads(gzip.decompress(certificate))["parts"])


def check_plainly(instance: Instance, policy: Policy, told: list[dict[str, Any]]) -> set[str]:
    """Return the households whom the lot decided.

    Raises
    ------
    Flaw
        The parts of a certificate do not hold a roster that keeps all rules, or do not prove that no other is better, or the lot was
        not followed.
    """
    ground = Ground.of(instance)
    month = Month.of(instance, policy, ground)
    parts = [Part(part, month) for part in told]
    check_parts(month, parts)
    return {home for part in parts for home in check_draw(part, ground)}
