"""CSV as spreadsheets open it rightly: UTF-8 with BOM, comma, LF; no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

_RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_ANY_RUNS = re.compile("\n[" + re.escape("".join(_RUNS)) + "]")


def csv_bytes(columns: Mapping[str, Sequence[object]]) -> bytes:
    """Return a table as the bytes of a CSV file; text that a spreadsheet would take for a formula gets a leading ``'``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*map(_safe, columns.values()), strict=True))
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _safe(cells: Sequence[object]) -> Sequence[object]:
    if not _ANY_RUNS.search("\n" + "\n".join([c for c in cells if isinstance(c, str)])):
        return cells  # one search by column instead of a look at every cell
    return ["'" + c if isinstance(c, str) and c.startswith(_RUNS) else c for c in cells]
