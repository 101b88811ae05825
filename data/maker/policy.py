"""The policy file of a made month."""

from __future__ import annotations

from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).parent / "policy.toml.txt"


def policy(month: str, quotas: dict[str, int]) -> str:
    """Return the text of policy.toml; ``quotas`` by ``county/township``."""
    lines = "\n".join(f'"{township}" = {places}' for township, places in quotas.items())
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(month=month, quotas=lines)
