"""The sheets and rows of a production's table. One that cannot be read ends the run."""

from __future__ import annotations

from pathlib import Path

from media.errors import ConfigError
from media.tables import SheetFault, SheetRow, read_table, sheet_names

__all__ = ["lines_of", "sheets_of"]


def lines_of(path: Path, sheet: str = "") -> list[SheetRow]:
    """The rows that hold anything. Raises `ConfigError` where the file is not a table."""
    try:
        return list(read_table(path, sheet=sheet))
    except SheetFault as fault:
        raise ConfigError(str(fault)) from fault


def sheets_of(path: Path) -> list[str]:
    """The sheets that are not hidden, by name."""
    try:
        return sheet_names(path)
    except (SheetFault, OSError) as fault:
        raise ConfigError(str(fault)) from fault
