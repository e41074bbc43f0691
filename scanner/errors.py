"""Every way a run can end badly, with its exit code; and every way one file can.

`RunError` ends the run and has an exit code. `MediaError` costs one file: it becomes a
`Problem` on that file's record and never ends a run.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "ConfigError",
    "EssenceUnread",
    "ExitCode",
    "LibraryError",
    "Malformed",
    "MediaError",
    "MissingDependency",
    "RunError",
    "TooLarge",
    "Unreadable",
    "Unsupported",
]


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
    `--fail-on never` only reports, and gives neither."""
    SETUP = 4
    """Configuration, register, library or a needed tool is not right."""
    INTERRUPTED = 130
    """Stopped by the user; what was done is kept."""


class RunError(Exception):
    """Ends the run. The message says what, where, and what to do."""

    exit_code = ExitCode.SETUP


class ConfigError(RunError):
    """A setting, rule, policy or register is not right."""


class MissingDependency(RunError):
    """A foreign tool or an optional library is needed and not there."""


class LibraryError(RunError):
    """A reference library cannot be opened or does not fit."""


class MediaError(Exception):
    """One file could not be read as it should. Becomes a `Problem`; never ends a run."""

    code = "malformed"
    blocking = True


class Unreadable(MediaError):
    """Permission, vanished, I/O."""

    code = "unreadable"


class Malformed(MediaError):
    """The bytes contradict their format."""

    code = "malformed"


class Unsupported(MediaError):
    """Sound, but not understood: an unknown variant, or encrypted."""

    code = "unsupported"


class EssenceUnread(Unsupported):
    """Sound, and its statements are read; only its essence is of a kind that nothing here decodes."""

    blocking = False


class TooLarge(MediaError):
    """A declared size or count is over the limit that keeps a run alive."""

    code = "too-large"
