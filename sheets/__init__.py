"""Spreadsheets, as people keep registers and logs. Knows neither of its users, `scanner` and `fingerprints`."""

from __future__ import annotations

from sheets.table import (
    MAX_ROWS,
    Cell,
    Line,
    Note,
    SheetFault,
    csv_line,
    read_table,
    sheet_names,
    write_csv,
    write_xlsx,
)

__all__ = [
    "MAX_ROWS",
    "Cell",
    "Line",
    "Note",
    "SheetFault",
    "csv_line",
    "read_table",
    "sheet_names",
    "write_csv",
    "write_xlsx",
]
