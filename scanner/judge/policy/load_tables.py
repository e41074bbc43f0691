"""Loads registers and waivers in a sealed worker: people send them, and a table can be as hostile as a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from media.errors import ConfigError
from media.work import Lost, run_sealed
from scanner.judge.policy.waivers import WaiverFile, read_waivers
from scanner.judge.register.columns import NOTHING
from scanner.judge.register.register_file import RegisterFile, join_parts, read_parts
from scanner.progress import Progress, Silent

__all__ = ["load_register", "load_waivers"]

P = ParamSpec("P")
R = TypeVar("R")

_SECONDS: Final = 1200.0
"""For a part of a register, and for all waivers: 20,000 rows took 2 s of processor time."""


def load_register(
    path: Path, name: str = "", columns: Mapping[str, str] = NOTHING, progress: Progress | None = None
) -> RegisterFile:
    """See `read_register`. A large one comes part by part, each a step of `progress`. Raises `ConfigError` also where
    reading crashes, takes too long or needs too much memory."""
    progress, name = progress or Silent(), name or path.name
    progress.stage(f"Reading {name}")
    parts: list[RegisterFile] = []
    more, rows = True, 0
    while more:
        part, more = _load("register", path, _read_part, path, name, dict(columns), len(parts))
        parts.append(part)
        rows += len(part.rows)
        progress.step(f"{rows:,} rows")
    return join_parts(parts)


def load_waivers(path: Path, name: str = "") -> WaiverFile:
    """See `read_waivers`. Raises `ConfigError` also where reading crashes, takes too long or needs too much memory."""
    return _load("waivers", path, read_waivers, path, name or path.name)


def _load(what: str, path: Path, read: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    found = run_sealed(read, _SECONDS, *args, **kwargs)
    if isinstance(found, Lost):
        raise ConfigError(f"{what} {path}: cannot be read: {found.brief}. Save it as CSV, and name that file")
    return found


@dataclass(slots=True)
class _Reading:
    """A register that the worker is reading, between two calls."""

    of: tuple[object, ...]
    parts: Iterator[tuple[RegisterFile, bool]]
    next: int = 0


_reading: _Reading | None = None


def _read_part(path: Path, name: str, columns: Mapping[str, str], number: int) -> tuple[RegisterFile, bool]:
    """A part of a register by its number, and whether there are more. Quick for one part after another; a worker that
    does not hold the part before reads from the beginning."""
    global _reading  # noqa: PLW0603 - a worker has one call at a time
    of = (path.absolute(), name, tuple(columns.items()))
    if _reading is None or _reading.of != of or _reading.next != number:
        _reading = _Reading(of, _look_ahead(read_parts(path, name, columns)))
        for _ in range(number):
            next(_reading.parts)
    part, more = next(_reading.parts)
    _reading.next = number + 1
    if not more:
        _reading = None
    return part, more


def _look_ahead(parts: Iterator[RegisterFile]) -> Iterator[tuple[RegisterFile, bool]]:
    """Each part, and whether another follows."""
    before = next(parts)
    for part in parts:
        yield before, True
        before = part
    yield before, False
