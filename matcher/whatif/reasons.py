"""What the codes of a comparison are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from matcher.export.book_codes import ANY
from matcher.messages import N_
from matcher.whatif.facts import ABSENT

REASONS: Final[Mapping[str, str]] = {**ANY, ABSENT: N_("no row in the households' table")}
"""Why somebody has no cadre, or another one."""
KINDS: Final[Mapping[str, str]] = {
    "newly_served": N_("newly with a cadre"), "no_longer_served": N_("no longer with a cadre"), "changed": N_("other cadre"),
}
"""What happens to a household."""
GAPS: Final[Mapping[str, str]] = {
    "opened": N_("places run out"), "closed": N_("no longer the limit"), "changed": N_("wider or narrower"), "same": N_("as before"),
}
"""What happens to a bottleneck."""
