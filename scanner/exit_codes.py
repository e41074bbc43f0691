"""What the command line answers with. A contract: scripts branch on it."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """What the command line answers with. A contract: scripts branch on it."""

    OK = 0
    """Nothing at or above `--fail-on`."""
    FOUND = 1
    """Something at or above `--fail-on`."""
    USAGE = 2
    """The command line was not understood."""
    INCOMPLETE = 3
    """Some files could not be judged, or none was found. `FOUND` outranks it; both counts are printed.
    `--fail-on never` only reports, and gives neither. Where stored records and their summary do not agree it is 3
    whatever else was found."""
    SETUP = 4
    """Configuration, register, library or a needed tool is not right, or a disk is full."""
    INTERNAL = 70
    """An error of provscan itself: no verdict was given. The message says where the log is."""
    INTERRUPTED = 130
    """Stopped by the user; what was done is kept."""
