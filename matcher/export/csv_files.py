"""CSV as spreadsheets open it rightly: UTF-8 with BOM, comma, LF; no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

_RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_ANY_RUNS = re.compile("\n[" + re.escape("".join(_RUNS)) + "]")
_CHUNK = 20_000


def write_csv(path: Path, columns: Mapping[str, Sequence[object]]) -> str:
    """Write a table and return the SHA-256 of the file."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for data in csv_data(columns):
            digest.update(data)
            file.write(data)
    return digest.hexdigest()


def csv_data(columns: Mapping[str, Sequence[object]]) -> Iterator[bytes]:
    """Yield a table's file piece by piece; text that a spreadsheet would take for a formula gets a leading ``'``."""
    checked = [_safe(cells) for cells in columns.values()]
    # not every Python quotes a lone carriage return, so a table that holds one is quoted throughout
    quoting: Literal[0, 1] = csv.QUOTE_ALL if any(returns for _, returns in checked) else csv.QUOTE_MINIMAL
    rows = zip(*(cells for cells, _ in checked), strict=True)
    chunk: list[tuple[object, ...]] = [tuple(columns)]
    mark = b"\xef\xbb\xbf"
    while chunk:
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n", quoting=quoting).writerows(chunk)
        yield mark + out.getvalue().encode("utf-8", "replace")
        chunk, mark = list(islice(rows, _CHUNK)), b""


def _safe(cells: Sequence[object]) -> tuple[Sequence[object], bool]:
    """Return the cells made harmless, and whether any holds a carriage return."""
    texts = cells if set(map(type, cells)) <= {str} else [c for c in cells if isinstance(c, str)]
    joined = "\n" + "\n".join(texts)  # type: ignore[arg-type]
    if not _ANY_RUNS.search(joined):
        return cells, "\r" in joined  # one search by column instead of a look at every cell
    return ["'" + c if isinstance(c, str) and c.startswith(_RUNS) else c for c in cells], "\r" in joined
