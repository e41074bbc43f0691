"""The rows of a production's sheet, where one that cannot be read ends the run."""

from __future__ import annotations

from pathlib import Path

from scanner.errors import ConfigError
from sheets import Line, SheetFault, read_table

__all__ = ["lines_of"]


def lines_of(path: Path) -> list[Line]:
    """The rows that hold anything. `ConfigError` where the file is no table."""
    try:
        return list(read_table(path))
    except SheetFault as fault:
        raise ConfigError(str(fault)) from fault
