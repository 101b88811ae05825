"""Parquet files, read by pyarrow where it is installed (``jiedui[parquet]``)."""

from __future__ import annotations

import io
import math
from decimal import Decimal
from typing import Any

from matcher.messages import N_, message
from matcher.tables.coded import Coder
from matcher.tables.grid import MOST_BYTES, MOST_COLUMNS, Grid, too_large, unreadable
from matcher.tables.quick_look import MOST_CELLS
from matcher.tables.table import Cell


def read_parquet(data: bytes, table: str, label: str) -> Grid:
    """Return the cells of a Parquet file; a row's number is as if the header were row 1.

    Raises
    ------
    InputError
        pyarrow is not there, the file is damaged or beyond the limits, a column that is no column of plain values.
    """
    try:
        from pyarrow import ArrowException, parquet, types
    except ImportError:
        text = N_("Parquet files need pyarrow: pip install 'jiedui[parquet]'. Or save the table as .xlsx or CSV.")
        raise unreadable(table, label, None, "format", message(text)) from None
    try:
        file = parquet.ParquetFile(io.BytesIO(data), page_checksum_verification=True)
        told = file.metadata
        sizes = sum(told.row_group(k).total_byte_size for k in range(told.num_row_groups))
        if told.num_columns > MOST_COLUMNS or told.num_rows * max(told.num_columns, 1) > MOST_CELLS * 4 or sizes > MOST_BYTES:
            raise too_large(table, label)
        nested = [f.name for f in file.schema_arrow if types.is_nested(f.type) or types.is_binary(f.type)]
        if nested:
            text = N_("The column {column} holds no plain values. Save the table as .xlsx or CSV.")
            raise unreadable(table, label, 1, "format", message(text, column=nested[0]))
        header = [str(name) for name in file.schema_arrow.names]
        coders: list[Coder[Cell]] = [Coder() for _ in header]
        for batch in file.iter_batches(batch_size=20_000, use_threads=False):
            for coder, column in zip(coders, batch.columns, strict=True):
                coder.add([_cell(value) for value in column.to_pylist()])
    except (ArrowException, OSError, ValueError, OverflowError, KeyError):
        text = N_("The Parquet file is damaged. Write it again.")
        raise unreadable(table, label, None, "damaged", message(text)) from None
    return Grid(header, 1, [c.column() for c in coders], range(2, told.num_rows + 2))


def _cell(value: Any) -> Cell:
    if isinstance(value, float) and math.isnan(value):
        return None
    return str(value) if isinstance(value, Decimal) else value
