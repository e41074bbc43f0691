"""The one error tree: every way a run can fail, and every way one file can.

`RunError` ends the run and has an exit code. `MediaError` costs one file: it becomes a `Problem` on that file's record
and never ends a run.
"""

from __future__ import annotations

from media.words import ProblemCode

__all__ = [
    "ConfigError",
    "EssenceUnread",
    "LibraryError",
    "Malformed",
    "MediaError",
    "MissingDecoder",
    "MissingDependency",
    "RunError",
    "StatementUnread",
    "TimedOut",
    "TooLarge",
    "Unreadable",
    "Unsupported",
]


class RunError(Exception):
    """Ends the run. The message states what, where, and what to do."""

    exit_code: int = 4
    """The exit code of the command line: see docs/exit-codes.md."""


class ConfigError(RunError):
    """A fault in a setting, rule, policy or register."""


class MissingDependency(RunError):
    """An external tool or an optional library is needed and missing."""


class LibraryError(RunError):
    """A reference library cannot be opened, read or written."""


class MediaError(Exception):
    """One file could not be read as it should. Becomes a `Problem`; never ends a run."""

    code = ProblemCode.MALFORMED
    blocking = True


class MissingDecoder(MissingDependency, MediaError):
    """FFmpeg is needed and missing: a file that needs it is not inspected; a command that needs it ends."""

    code = ProblemCode.TOOL_FAILED


class Unreadable(MediaError):
    """Permission, vanished, I/O."""

    code = ProblemCode.UNREADABLE


class Malformed(MediaError):
    """The bytes contradict their format."""

    code = ProblemCode.MALFORMED


class StatementUnread(Malformed):
    """One statement, or a part of one, is damaged and was not read; the picture or sound is inspected."""

    blocking = False


class Unsupported(MediaError):
    """Undamaged, but not understood: an unknown variant, or encrypted."""

    code = ProblemCode.UNSUPPORTED


class EssenceUnread(Unsupported):
    """Undamaged, and its statements are read; only its essence is of a kind that nothing here decodes."""

    blocking = False


class TooLarge(MediaError):
    """A declared size or count is over the limit that keeps a run alive."""

    code = ProblemCode.TOO_LARGE


class TimedOut(MediaError):
    """The decoder gave nothing for too long and was stopped."""

    code = ProblemCode.TIMED_OUT
