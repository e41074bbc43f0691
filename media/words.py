"""Vocabularies that stay open: a word of a later version is kept as it was read. And the codes of problems."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["OpenEnum", "ProblemCode"]


class OpenEnum(StrEnum):
    """A vocabulary whose readers keep words that they do not know.

    `Role("archival") is Role.ARCHIVAL`; `Role("later")` is a `Role` too, equal to its word and to none of the members.
    Such a word is not remembered: records of strangers may hold any number of them.
    """

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word

    @property
    def is_known(self) -> bool:
        """Whether it is a word of this version."""
        return self.value in type(self)._value2member_map_


class ProblemCode(OpenEnum):
    """What went wrong with a file."""

    UNREADABLE = "unreadable"
    """Permission, vanished, I/O."""
    MALFORMED = "malformed"
    """Its bytes contradict its format."""
    UNSUPPORTED = "unsupported"
    """Undamaged, but of a format or variant that is not read."""
    TOO_LARGE = "too-large"
    """A declared size or count is over the limit."""
    TOOL_FAILED = "tool-failed"
    CRASHED = "crashed"
    """The worker's process ended."""
    TIMED_OUT = "timed-out"
    OUT_OF_MEMORY = "out-of-memory"
    CANCELLED = "cancelled"
    """The run was stopped before its turn."""
    BUG = "bug"
    """An internal error of provscan."""
