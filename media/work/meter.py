"""How far each process is with its current item: one small file for each process, in a folder that a listener made.

Whoever shows progress listens; where nobody does, nothing is written. Figures are for display: they may be a fifth of a
second old, and a lost one costs nothing.
"""

from __future__ import annotations

import os
import struct
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

__all__ = ["ByteMeter", "MeterReader", "begin_item", "end_item", "report_share", "report_work"]

_VARIABLE: Final = "PROVSCAN_METER_FOLDER"
_FORM: Final = struct.Struct("<dd")
"""Weight of the item, and the share of it that is done, 0 to 1."""
_PAUSE: Final = 0.2
"""Seconds between two reports."""


class _Item:
    """What this process works on."""

    weight = 0.0
    next_report = 0.0


def begin_item(weight: float) -> None:
    """An item begins; `weight` is its share of the work, as a size in bytes."""
    _Item.weight, _Item.next_report = weight, 0.0
    _write(weight, 0.0)


def report_share(share: float) -> None:
    """Report how much of the present item is done, 0 to 1. Cheap: most calls only look at the clock."""
    now = time.monotonic()
    if _Item.weight and now >= _Item.next_report:
        _Item.next_report = now + _PAUSE
        _write(_Item.weight, min(max(share, 0.0), 1.0))


def end_item() -> None:
    """The item is done; whoever gets its result counts it."""
    _Item.weight = 0.0
    _write(0.0, 0.0)


def report_work(weight: float) -> None:
    """Report how much is done of items that several processes work on: a sum of weights."""
    _write(weight, 1.0)


def _write(weight: float, share: float) -> None:
    folder = os.environ.get(_VARIABLE)
    if folder:
        with suppress(OSError):
            Path(folder, str(os.getpid())).write_bytes(_FORM.pack(weight, share))


class ByteMeter:
    """Counts the bytes that are read of a file, in the place of a hash state."""

    def __init__(self, size: int) -> None:
        self._size, self._read = size, 0

    def update(self, block: bytes) -> None:
        """Count more bytes."""
        self._read += len(block)
        report_share(self._read / self._size if self._size else 1.0)


class MeterReader:
    """The listener. A context: while it is open, this process and those that it starts report."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._before: str | None = None

    def __enter__(self) -> MeterReader:
        with suppress(OSError):  # without a temporary folder there is only less to see
            self._folder = tempfile.TemporaryDirectory(prefix="provscan-meter-", ignore_cleanup_errors=True)
            self._before = os.environ.get(_VARIABLE)
            os.environ[_VARIABLE] = self._folder.name
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is None:
            return
        if self._before is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = self._before
        self._folder.cleanup()
        self._folder = None

    def done(self) -> float:
        """The weight of the finished work on all items that processes work on now."""
        import psutil  # the listener's alone: a worker does not pay for it

        found = 0.0
        if self._folder is None:
            return found
        with suppress(OSError):
            for entry in os.scandir(self._folder.name):
                with suppress(OSError, struct.error, ValueError):
                    weight, share = _FORM.unpack(Path(entry.path).read_bytes())
                    if psutil.pid_exists(int(entry.name)):
                        found += weight * share
        return found
