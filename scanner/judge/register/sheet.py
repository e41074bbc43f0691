"""The sheets and rows of a production's table. One that cannot be read ends the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from media.errors import ConfigError
from media.tables import MAX_ROWS, SheetFault, SheetRow, read_table, sheet_names

__all__ = ["lines_of", "sheets_of", "stream_lines"]


def lines_of(path: Path, sheet: str = "") -> list[SheetRow]:
    """The rows that hold anything. Raises `ConfigError` where the file is not a table."""
    return list(stream_lines(path, sheet, MAX_ROWS))


def stream_lines(path: Path, sheet: str, most: int) -> Iterator[SheetRow]:
    """The same one by one, at most so many. Raises `ConfigError` where there are more."""
    try:
        yield from read_table(path, sheet=sheet, most=most)
    except SheetFault as fault:
        raise ConfigError(str(fault)) from fault


def sheets_of(path: Path) -> list[str]:
    """The sheets that are not hidden, by name."""
    try:
        return sheet_names(path)
    except (SheetFault, OSError) as fault:
        raise ConfigError(str(fault)) from fault
