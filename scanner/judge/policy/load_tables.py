"""Loads registers and waivers in a sealed worker: people send them, and a table can be as hostile as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from media.errors import ConfigError
from media.work import Lost, run_sealed
from scanner.judge.policy.waivers import WaiverFile, read_waivers
from scanner.judge.register.columns import NOTHING
from scanner.judge.register.register_file import RegisterFile, read_register

__all__ = ["load_register", "load_waivers"]

F = TypeVar("F", RegisterFile, WaiverFile)

_SECONDS: Final = 1200.0
"""20,000 rows took 4 s of processor time, and a table has 100,000 at most."""


def load_register(path: Path, name: str = "", columns: Mapping[str, str] = NOTHING) -> RegisterFile:
    """See `read_register`. Raises `ConfigError` also where reading crashes, takes too long or needs too much memory."""
    return _load(read_register, "register", path, name, dict(columns))


def load_waivers(path: Path, name: str = "") -> WaiverFile:
    """See `read_waivers`. Raises `ConfigError` also where reading crashes, takes too long or needs too much memory."""
    return _load(read_waivers, "waivers", path, name)


def _load(read: Callable[..., F], what: str, path: Path, name: str, *more: object) -> F:
    found = run_sealed(read, _SECONDS, path, name or path.name, *more)
    if isinstance(found, Lost):
        raise ConfigError(f"{what} {path}: cannot be read: {found.brief}. Save it as CSV, and name that file")
    return found
