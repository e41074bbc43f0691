"""The exit codes of the command line. Scripts depend on them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

__all__ = ["ExitCode", "worst_exit"]


class ExitCode(IntEnum):
    """The exit codes of the command line. Scripts depend on them."""

    OK = 0
    """Nothing at or above `--fail-on`."""
    FOUND = 1
    """Something at or above `--fail-on`."""
    USAGE = 2
    """The command line was not understood."""
    INCOMPLETE = 3
    """Some files could not be judged, or none was found. `FOUND` takes precedence; both counts are printed. `--fail-on
    never` only reports, and gives neither. Where stored records and their summary disagree it is 3, whatever else was
    found."""
    SETUP = 4
    """A fault in the configuration, register, library or a needed tool, or a full disk."""
    INTERNAL = 70
    """An error of provscan itself: no verdict was given. The message states where the log is."""
    INTERRUPTED = 130
    """Stopped by the user; what was done is kept."""


_WEIGHT: Final = (
    ExitCode.OK, ExitCode.INCOMPLETE, ExitCode.FOUND, ExitCode.USAGE, ExitCode.SETUP, ExitCode.INTERRUPTED,
    ExitCode.INTERNAL,
)  # fmt: skip


def worst_exit(codes: Iterable[ExitCode], *, default: ExitCode) -> ExitCode:
    """The code of several runs: an internal error outranks a wrong set-up, that a finding, that an incomplete scan.
    `default` where there was no run."""
    return max(codes, key=_WEIGHT.index, default=default)
